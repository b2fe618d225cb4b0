import type { ConfigProblem } from '../../config/problem.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { ok, problem, warning, type Check, type Finding } from '../check.ts'

const check = 'Run `sallyport check`, and correct what it says.'

/** The configuration, where it could be read. */
export function configurationChecks(
  file: string,
  config: GatewayConfig,
  warnings: readonly ConfigProblem[],
): readonly Check[] {
  const routes = counted(config.routes.length, 'route')
  const upstreams = counted(Object.keys(config.upstreams).length, 'upstream')
  const [secrets, others] = split(warnings)
  return [
    { name: 'configuration', run: () => judge(others, `${file}: ${routes}, ${upstreams}`) },
    { name: 'secrets', run: () => judge(secrets, 'long enough, and not to be guessed') },
  ]
}

/** The configuration, where it cannot be used. There is nothing else to look at. */
export function brokenConfigurationChecks(problems: readonly ConfigProblem[]): readonly Check[] {
  const [secrets, others] = split(problems)
  return [
    ...(others.length > 0 ? [{ name: 'configuration', run: () => judge(others, '') }] : []),
    ...(secrets.length > 0 ? [{ name: 'secrets', run: () => judge(secrets, '') }] : []),
  ]
}

function judge(problems: readonly ConfigProblem[], sound: string): Finding {
  if (problems.length === 0) return ok(sound)
  const seen = problems.map(toText).join('; ')
  const isError = problems.some(({ severity }) => severity === 'error')
  return isError ? problem(seen, check) : warning(seen, check)
}

/** What concerns a secret, and what does not. */
function split(
  problems: readonly ConfigProblem[],
): readonly [secrets: readonly ConfigProblem[], others: readonly ConfigProblem[]] {
  const isSecret = ({ path }: ConfigProblem): boolean =>
    /^(?:auth\.(?:push)?secret|bearer\.secret|admin\.token)(?:\[\d+\])?$/i.test(path)
  return [problems.filter(isSecret), problems.filter((each) => !isSecret(each))]
}

function toText({ file, line, column, path, message }: ConfigProblem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  return [place, ...(path === '' ? [] : [path])].join(' ') + `: ${message}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
