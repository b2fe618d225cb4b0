import { parseArgs } from 'node:util'

export interface StartOptions {
  readonly help: boolean
  readonly verbose: boolean
  /** Open the page in a browser, where somebody is there to see it. */
  readonly open: boolean
  /** null: `PORT`, or 8080. 0: any free one. */
  readonly port: number | null
  /** Origin of an application that runs already, or null for the demo's own. */
  readonly upstream: string | null
}

export const usage = `Usage: npm start -- [options]

Starts the demo: a FastAPI application, and the gateway in front of it.

  --port N        the gateway's port (default: $PORT, or 8080; 0: any free one)
  --upstream URL  put the gateway before an application of yours instead; no Python is needed
  --no-open       print the address and open no browser
  --verbose       show each request that the gateway and FastAPI log
  --help          show this

Environment, also read from .env: PORT, PUBLIC_URL, LISTEN_HOST, ADMIN_PORT, FASTAPI_PORT, PYTHON,
BEARER_TTL (2m here), WEB_DIR; BROWSER=none is --no-open.
Exit codes: 0 stopped by Ctrl-C, 1 could not start, 2 wrong usage.`

/** Reads the command line. A string is what is wrong with it, in one line. */
export function parseOptions(args: readonly string[]): StartOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        upstream: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const port = values.port === undefined ? null : Number(values.port)
    if (port !== null && !(/^\d+$/.test(values.port ?? '') && port <= 65_535)) {
      return `--port wants a number from 0 to 65535, not "${values.port ?? ''}"`
    }
    const upstream = values.upstream === undefined ? null : toOrigin(values.upstream)
    if (upstream === undefined) {
      return `--upstream wants an http or https origin such as http://127.0.0.1:8000, not "${values.upstream ?? ''}"`
    }
    const { help, verbose } = values
    return { help, verbose, open: !values['no-open'], port, upstream }
  } catch (error) {
    // Node's explanation goes on about positional arguments; its first sentence says it.
    return (error as Error).message.split('. ')[0] ?? 'wrong usage'
  }
}

function toOrigin(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  // Credentials and paths have no place in an upstream; better said than dropped.
  return url.href === `${url.origin}/` ? url.origin : undefined
}
