import { formatProblem } from '../../src/config/problem.ts'
import { parseConfig, type ParsedConfig } from '../../src/config/parse.ts'

/** Secrets that pass the checks, as `sallyport init` would have put them into `.env`. */
export const secrets: Readonly<Record<string, string>> = {
  BETTER_AUTH_SECRET: 'k7QmZ2xW9vB4nT6yR1cJ8hL3gF5dS0aP',
  JWT_SECRET: 'e9UoI4zX7qC2mV5bN8tG1wK6rY3jH0fD',
}

/** The two sections that every file needs. */
export const base = `upstreams: { api: 'http://127.0.0.1:8000' }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]
`

/** Parses a text as `gateway.config.yaml` in `/srv/app`. */
export function parse(
  text: string,
  env: Readonly<Record<string, string | undefined>> = secrets,
): ParsedConfig {
  return parseConfig(text, {
    file: 'gateway.config.yaml',
    lookup: (name) => env[name],
    resolvePath: (path) => `/srv/app/${path.replace(/^\.\//, '')}`,
  })
}

/** The problems as the command line prints them. */
export function messagesOf({ problems }: ParsedConfig, severity?: 'error'): string[] {
  return problems
    .filter((problem) => severity === undefined || problem.severity === severity)
    .map(formatProblem)
}
