/** Something wrong in a configuration file, placed where its author can see it. */
export interface ConfigProblem {
  /** `warning`s never stop a start; `check --strict` counts them as errors. */
  readonly severity: 'error' | 'warning'
  /** As the file was named by the caller, relative where possible. */
  readonly file: string
  /** 1-based; null when the problem has no place (a missing file). */
  readonly line: number | null
  readonly column: number | null
  /** `routes[1].auth`, or empty for the document itself. */
  readonly path: string
  /** One sentence; ends with a suggestion where one is known. */
  readonly message: string
}

/** `gateway.config.yaml:12:9 routes[1].auth: …` */
export function formatProblem(problem: ConfigProblem): string {
  const place =
    problem.line === null
      ? problem.file
      : `${problem.file}:${String(problem.line)}:${String(problem.column)}`
  const subject = problem.path === '' ? '' : ` ${problem.path}:`
  const warning = problem.severity === 'warning' ? ' warning:' : ''
  return `${place}${warning}${subject} ${problem.message}`
}

/** Thrown by `loadConfig`; carries every problem of the file at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.problems = problems
  }
}
