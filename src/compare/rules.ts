import { isSame, type ChangeKind, type Finding } from './change.ts'
import { differences } from './differences.ts'
import { added } from './values.ts'

/** Says what became of a part of `T`. */
export interface Rule<T> {
  /** Paths within `T`, such as `bearer.ttlMs`; what is below them is spoken for too, where the rule says anything. */
  readonly covers: readonly string[]
  readonly judge: (before: T, after: T) => readonly Finding[]
}

/** null: it is not there, and the rule has nothing to compare. */
type Read<T, V> = (from: T) => V | null

/**
 * What the rules find, and for whatever else is different that it is: no key is missed because nobody wrote a rule for it.
 * @param name of what is compared, before the paths of what no rule speaks for
 */
export function applyRules<T extends object>(
  rules: readonly Rule<T>[],
  before: T,
  after: T,
  name: string,
): readonly Finding[] {
  if (isSame(before, after)) return []
  const found = rules.map(({ covers, judge }) => ({ covers, findings: judge(before, after) }))
  const spoken = found.filter(({ findings }) => findings.length > 0).flatMap(({ covers }) => covers)
  const rest = differences(before, after).filter(
    (path) => !spoken.some((each) => path === each || path.startsWith(`${each}.`)),
  )
  return [
    ...found.flatMap(({ findings }) => findings),
    ...rest.map((path) => hiddenFinding([name, path].filter((part) => part !== '').join('.'))),
  ]
}

/** A rule for one value, which speaks only where the value differs. */
export function rule<T, V>(
  covers: string | readonly string[],
  read: Read<T, V>,
  judge: (before: V, after: V) => Finding | readonly Finding[],
): Rule<T> {
  return {
    covers: [covers].flat(),
    judge: (before, after) => {
      const [a, b] = [read(before), read(after)]
      return a === null || b === null || isSame(a, b) ? [] : [judge(a, b)].flat()
    },
  }
}

/** A finding whose sentence begins with the key, and with what it is of. */
export function finding(kind: ChangeKind, key: string, mark: string, predicate: string): Finding {
  return { kind, key, mark, say: (where) => `${subject(key, where)}${predicate}` }
}

function subject(key: string, where: string): string {
  return where === '' ? `\`${key}\`` : `\`${key}\` of ${where}`
}

function hiddenFinding(key: string): Finding {
  return finding('changes', key, '', ' is different')
}

/** A number. `write` puts it as the file does. */
export function amount<T>(
  key: string,
  covers: string,
  read: Read<T, number>,
  options: {
    readonly write: (value: number) => string
    /** What more of it does; less does the opposite. Left out: neither. */
    readonly more?: ChangeKind
  },
): Rule<T> {
  const { write, more = 'changes' } = options
  return rule(covers, read, (a, b) =>
    finding(b > a ? more : reverse(more), key, `=${write(b)}`, ` from ${write(a)} to ${write(b)}`),
  )
}

/** A switch. */
export function flag<T>(
  key: string,
  covers: string,
  read: Read<T, boolean>,
  says: { readonly on: string; readonly off: string; readonly turnedOn: ChangeKind },
): Rule<T> {
  const { on, off, turnedOn } = says
  return rule(covers, read, (_, b) =>
    finding(
      b ? turnedOn : reverse(turnedOn),
      key,
      `=${String(b)}`,
      ` is now ${String(b)}: ${b ? on : off}`,
    ),
  )
}

/** A list of what is trusted or accepted: more of it is looser. Its order does not count. */
export function trust<T>(
  key: string,
  covers: string,
  read: Read<T, readonly string[]>,
  what: string,
): Rule<T> {
  return rule(covers, read, (a, b) => [
    ...added(a, b).map((each) => finding('loosens', key, `+${each}`, `: ${each} is now ${what}`)),
    ...added(b, a).map((each) =>
      finding('tightens', key, `-${each}`, `: ${each} is no longer ${what}`),
    ),
  ])
}

/** A value that may be shown; null is shown as `none`. */
export function plain<T>(
  key: string,
  covers: string | readonly string[],
  read: (from: T) => string | null,
  kind: ChangeKind = 'changes',
): Rule<T> {
  return rule(
    covers,
    (from) => [read(from) ?? 'none'],
    ([a = ''], [b = '']) => finding(kind, key, `=${b}`, ` from ${a} to ${b}`),
  )
}

/** A value of which only may be said that it differs. */
export function hidden<T>(
  key: string,
  covers: string | readonly string[],
  read: (from: T) => unknown,
  predicate = 'is different',
): Rule<T> {
  return rule(
    covers,
    (from) => [read(from)],
    () => finding('changes', key, '', ` ${predicate}`),
  )
}

/** What is checked where it is set; null checks nothing, which is looser, and another one lets others in. */
export function demand<T>(key: string, covers: string, read: (from: T) => string | null): Rule<T> {
  return rule(
    covers,
    (from) => [read(from)],
    ([a = null], [b = null]) => {
      const kind = a === null ? 'tightens' : 'loosens'
      return finding(kind, key, `=${b ?? 'null'}`, ` from ${a ?? 'null'} to ${b ?? 'null'}`)
    },
  )
}

/** A claim that gives something: null gives nothing, which is stricter. */
export function grant<T>(key: string, covers: string, read: (from: T) => string | null): Rule<T> {
  return rule(
    covers,
    (from) => [read(from)],
    ([a = null], [b = null]) => {
      const kind = b === null ? 'tightens' : 'loosens'
      return finding(kind, key, `=${b ?? 'null'}`, ` from ${a ?? 'null'} to ${b ?? 'null'}`)
    },
  )
}

function reverse(kind: ChangeKind): ChangeKind {
  if (kind === 'changes') return kind
  return kind === 'loosens' ? 'tightens' : 'loosens'
}
