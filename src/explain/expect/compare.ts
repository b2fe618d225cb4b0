import type { Expectation, HeaderExpectation } from '../../config/types/test.ts'
import type { Explanation } from '../explanation.ts'

/** One thing that is not as it was expected. */
export interface Difference {
  /** The key of the expectation: `route`, `headers.x-user-id`. */
  readonly what: string
  readonly expected: string
  readonly actual: string
}

/** What of a request's fate is not as a test has it; empty: all of it is. */
export function compare(expected: Expectation, actual: Explanation): readonly Difference[] {
  const { headers = [], token = {}, ...plain } = expected
  const known = actualOf(actual)
  return [
    ...Object.entries(plain).flatMap(([what, value]) => {
      const found = known[what as keyof typeof known]
      return same(value, found) ? [] : [{ what, expected: show(value), actual: show(found) }]
    }),
    ...headers.flatMap(([name, wanted]) => compareHeader(name, wanted, actual)),
    ...Object.entries(token).flatMap(([claim, value]) => {
      const found = actual.upstream?.token?.claims[claim] ?? null
      const what = `token.${claim}`
      return same(value, found) ? [] : [{ what, expected: show(value), actual: show(found) }]
    }),
  ]
}

function actualOf({ decision, route, upstream, file }: Explanation) {
  const { chosen } = route
  return {
    decision: decision.kind,
    route: chosen?.kind === 'route' ? chosen.name : null,
    endpoint: chosen?.kind === 'endpoint' ? chosen.name : null,
    status: decision.status,
    code: decision.code,
    action: decision.action,
    login: decision.login,
    observed: decision.observed?.code ?? null,
    upstream: upstream?.name ?? null,
    path: upstream?.target ?? null,
    file: file?.file ?? null,
  } satisfies Record<Exclude<keyof Expectation, 'headers' | 'token'>, unknown>
}

function compareHeader(
  name: string,
  wanted: HeaderExpectation,
  { upstream }: Explanation,
): readonly Difference[] {
  const what = `headers.${name}`
  const values = upstream?.headers.filter(([each]) => each === name).map(([, value]) => value)
  const actual = values === undefined || values.length === 0 ? 'absent' : values.join(', ')
  switch (wanted.kind) {
    case 'present':
      return actual === 'absent' ? [{ what, expected: 'present', actual }] : []
    case 'absent':
      return actual === 'absent' ? [] : [{ what, expected: 'absent', actual }]
    case 'value':
      return values?.length === 1 && values[0] === wanted.value
        ? []
        : [{ what, expected: wanted.value, actual }]
  }
}

function same(a: unknown, b: unknown): boolean {
  return show(a) === show(b)
}

function show(value: unknown): string {
  return value === null || value === undefined
    ? 'none'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value)
}
