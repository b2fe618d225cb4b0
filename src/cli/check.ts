import { loadConfig } from '../config/load.ts'
import { ConfigError, formatProblem, type ConfigProblem } from '../config/problem.ts'
import type { GatewayConfig } from '../config/types.ts'
import { readLogo } from '../endpoints/login/logo.ts'
import { StartupError } from '../errors/startup.ts'
import { judgeLoginPage } from '../routing/login-page.ts'
import { configFile, type ConfigOption } from './config.ts'

interface CheckOptions extends ConfigOption {
  readonly strict?: boolean
  readonly format: 'text' | 'json'
}

/** `sallyport check`: exit code 1 when there is an error, or with `--strict` a warning, of which it then looks for more. */
export function runCheck(options: CheckOptions): void {
  const file = configFile(options)
  const { problems, routes } = findProblems(file, options.strict === true)
  const isBad = ({ severity }: ConfigProblem): boolean =>
    severity === 'error' || options.strict === true
  if (options.format === 'json') console.log(JSON.stringify(problems, null, 2))
  else {
    for (const problem of problems) console.error(formatProblem(problem))
    if (!problems.some(isBad)) console.log(`${file}: ok, ${routes} routes`)
  }
  process.exitCode = problems.some(isBad) ? 1 : 0
}

function findProblems(
  file: string,
  strict: boolean,
): {
  readonly problems: readonly ConfigProblem[]
  readonly routes: number
} {
  try {
    const { config, warnings } = loadConfig({ file, env: process.env, strict })
    const problems = [...warnings, ...findMoreProblems(config, file)]
    return { problems, routes: config.routes.length }
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems, routes: 0 }
    throw error
  }
}

/** What a configuration that can be parsed may still have: it shows in the compiled routes, or in other files. @param file for messages */
export function findMoreProblems(config: GatewayConfig, file: string): readonly ConfigProblem[] {
  const found = [
    ['auth.loginPage', judgeLoginPage(config)],
    ['pages.logo', judgeLogo(config)],
  ] as const
  return found.flatMap(([path, message]) =>
    message === null ? [] : [problemOf(file, path, message)],
  )
}

function judgeLogo({ pages: { logoFile } }: GatewayConfig): string | null {
  try {
    if (logoFile !== null) readLogo(logoFile)
    return null
  } catch (error) {
    if (error instanceof StartupError) return error.message.replace('pages.logo: ', '')
    throw error
  }
}

/** What only the compiled routes or other files show has no one place in the file. */
function problemOf(file: string, path: string, message: string): ConfigProblem {
  return { severity: 'error', file, line: null, column: null, path, message }
}
