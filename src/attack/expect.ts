import type { Expectation, Finding, Opening, Seen } from './case.ts'
import type { Answer } from './wire/answers.ts'
import { valuesOf } from './wire/message.ts'
import type { Arrival } from './wire/recorder.ts'

/** Refusals that say nothing of the attack: the gateway would refuse anything then. */
const throttles = new Set([
  'rate_limited',
  'overloaded',
  'shutting_down',
  'session_store_unavailable',
  'upstream_unavailable',
])

export function verdictOf(wrong: readonly string[]): Finding {
  return wrong.length === 0 ? { verdict: 'held' } : { verdict: 'broken', wrong }
}

/** An expectation of sentences about what is wrong; what a busy gateway answers is judged by nobody. */
export function expectation(
  words: string,
  wrongIn: (seen: Seen) => readonly string[],
  byAnswer = false,
): Expectation {
  return {
    words,
    byAnswer,
    judge: (seen) => throttled(seen) ?? verdictOf(wrongIn(seen)),
  }
}

/** Why nobody can judge: the gateway was busy. Where something arrived it was not, whatever it said. */
function throttled({ answers, arrivals }: Seen): Finding | null {
  if (arrivals !== null && arrivals.length > 0) return null
  const busy = answers.find(({ code, status }) => status === 429 || throttles.has(code ?? ''))
  if (busy === undefined) return null
  const reason = `the gateway answered ${describeAnswer(busy)}, whatever is asked`
  return { verdict: 'not judged', reason }
}

/** Refused with one of these codes, and nothing of it arrives. */
export function refused(...codes: readonly string[]): Expectation {
  const words = `refused with ${codes.join(' or ')}; nothing arrives`
  const wrongIn = (seen: Seen) => [...arrived(seen), ...notRefused(seen, codes)]
  return {
    ...expectation(words, wrongIn, true),
    aboutCaller: codes.some((code) => /^(?:credential|session|token|origin)_/.test(code)),
  }
}

/** Sentences about arrivals where none may be. */
export function arrived({ arrivals }: Seen): readonly string[] {
  return (arrivals ?? []).map((each) => `arrived at ${each.upstream}: ${firstLineOf(each)}`)
}

/** A route that refuses nobody (`enforce: false`): whoever would be refused is nobody to FastAPI. */
export function observed(expected: Expectation, opening: Opening): Expectation {
  return {
    ...expected,
    judge: (seen) => {
      const arrivals = seen.arrivals ?? []
      const named = arrivals.flatMap((each) => valuesOf(each.fields, 'x-user-id'))
      const finding = expected.judge(seen)
      if (finding.verdict !== 'broken') return finding
      if (named.length > 0) return verdictOf([`arrived with X-User-Id: ${named.join(', ')}`])
      return { verdict: 'open', opening }
    },
  }
}

function notRefused({ answers, arrivals }: Seen, codes: readonly string[]): readonly string[] {
  const [first, ...more] = answers
  if (first === undefined) {
    return arrivals === null ? ['the connection was closed without an answer'] : []
  }
  return [
    ...(codes.includes(first.code ?? '') ? [] : [`answered ${describeAnswer(first)}`]),
    ...more.map((each) => `something else was answered: ${describeAnswer(each)}`),
  ]
}

/** `401 token_invalid` */
export function describeAnswer({ status, code }: Answer): string {
  return code === null ? `${String(status)} that is no refusal` : `${String(status)} ${code}`
}

export function firstLineOf({ head }: Pick<Arrival, 'head'>): string {
  return head.split(/\r?\n/, 1)[0] ?? ''
}

/** Exactly one whole arrival, with what is wrong with it. */
export function arrivesOnce(
  words: string,
  wrongWith: (arrival: Arrival, seen: Seen) => readonly string[],
): Expectation {
  return expectation(words, (seen) => {
    const arrivals = seen.arrivals ?? []
    const [only] = arrivals
    if (only === undefined || arrivals.length > 1) {
      const said = seen.answers.map(describeAnswer).join(', ')
      return [
        `${String(arrivals.length)} requests arrived instead of one (answered: ${said || 'nothing'})`,
      ]
    }
    const faults = only.isFaulty ? ['what arrived is no HTTP'] : []
    return [...faults, ...wrongWith(only, seen)]
  })
}

/** Sentences where the header is not there exactly so often, with this value. */
export function hasOnly(arrival: Arrival, name: string, value: string | null): readonly string[] {
  const values = valuesOf(arrival.fields, name.toLowerCase())
  if (value === null) return values.map((each) => `arrived with ${name}: ${each}`)
  if (values.length === 1 && values[0] === value) return []
  const found = values.length === 0 ? `without ${name}` : `with ${name}: ${values.join(', ')}`
  return [`arrived ${found} instead of ${value}`]
}

/** Sentences about fields, trailers and body that hold a text which may not arrive. */
export function mentions({ fields, trailers }: Arrival, text: string): readonly string[] {
  return [...fields, ...trailers]
    .filter(([name, value]) => value.includes(text) || name.includes(text))
    .map(([name, value]) => `arrived with ${name}: ${value}`)
}
