export interface Shutdown {
  /** Aborted once the end has begun. */
  readonly signal: AbortSignal
  /** Registers what has to be closed. When the end has already begun it is closed at once. */
  add(close: () => Promise<void>): Promise<void>
  /** Closes everything and ends the process with `code`. */
  end(code: number): Promise<void>
}

const parentCheckMs = 250

/** Ends the process in order on SIGINT, SIGTERM and SIGHUP, and with npm; a second signal ends it at once. */
export function watchSignals(): Shutdown {
  const controller = new AbortController()
  const closers: (() => Promise<void>)[] = []
  const end = async (code: number): Promise<void> => {
    // Whatever still prepares something hears of it here; its failure is the caller's to ignore.
    controller.abort()
    // Together: a stream that is open through the gateway ends when the application does.
    const results = await Promise.allSettled(closers.map((close) => close()))
    for (const result of results) {
      if (result.status === 'rejected') console.error(result.reason)
    }
    process.exit(code)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1)
      void end(0)
    })
  }
  watchNpm(() => void end(0))
  return {
    signal: controller.signal,
    async add(close) {
      if (controller.signal.aborted) await close()
      else closers.push(close)
    },
    end,
  }
}

/** npm hands a SIGTERM to the shell that it runs scripts in, which dies of it and tells nobody. */
function watchNpm(end: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const check = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(check)
    end()
  }, parentCheckMs)
  check.unref()
}
