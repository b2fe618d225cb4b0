import type { RemoteClient } from './client.ts'
import { RemoteFailure } from './failure.ts'

const pauseMs = 500

/**
 * Asks a remote Better Auth about nobody until it says "nobody", which shows that it is there, and at the path where it was looked for. What is wrong
 * meanwhile, the client says in the log.
 */
export function reach(
  client: Pick<RemoteClient, 'ask'>,
  path: string,
): { readonly isDone: () => boolean; readonly stop: () => void } {
  let isDone = false
  let isStopped = false
  let timer: NodeJS.Timeout | null = null
  const question = {
    method: 'GET',
    path: `${path}/get-session`,
    cookie: null,
    address: '',
  } as const
  const attempt = async (): Promise<void> => {
    try {
      await client.ask(question, ({ status, text }) => {
        if (status === 404)
          throw new RemoteFailure(`nothing answers at ${path} there: see auth.path`)
        if (status !== 200 || text.trim() !== 'null') {
          throw new RemoteFailure(`what answers at auth.url is no Better Auth (status ${status})`)
        }
      })
      isDone = true
    } catch {
      // Closing the client makes it fail, too.
      if (!isStopped) timer = setTimeout(() => void attempt(), pauseMs).unref()
    }
  }
  void attempt()
  return {
    isDone: () => isDone,
    stop: () => {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
