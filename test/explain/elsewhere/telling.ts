import type { Test } from 'tap'
import type { Running } from '../../helper/gateway.ts'
import { outcome } from '../../session/calls.ts'
import { outputOf } from '../cases.ts'

/** What `explain` said, as far as the tests look at it. */
export interface Told {
  readonly text: string
  readonly credential: Record<string, unknown>
  readonly decision: { readonly kind: string; readonly code: string | null }
  readonly notes: readonly string[]
  readonly cache: { readonly slides: boolean }
  readonly upstream: { readonly headers: readonly (readonly [string, string])[] } | null
}

/** `explain GET /api/x` with the configuration in this folder. */
export async function explain(folder: string, ...args: readonly string[]): Promise<Told> {
  const { out, json } = await outputOf(['explain', 'GET', '/api/x', '--json', ...args], folder)
  return { text: out, ...(JSON.parse(json) as Omit<Told, 'text'>) }
}

/** A credential as a request has it. */
export type Headers = Readonly<Record<string, string>>

/** What `explain` makes of a credential, in the words of `outcome`; a secret in what it prints is thrown. */
export async function toldOf(folder: string, headers: Headers, ...args: string[]): Promise<Told> {
  const flags = Object.entries(headers).flatMap(([name, value]) => [
    '--header',
    `${name}: ${value}`,
  ])
  const told = await explain(folder, ...args, ...flags)
  for (const value of Object.values(headers)) {
    const secret = value.replace(/^(?:Bearer |[^=;]*=)/, '')
    if (told.text.includes(secret)) throw new Error('a credential was printed')
  }
  return told
}

/** The code of the refusal, or 200. */
export function fateOf({ decision }: Told): number | string {
  return decision.kind === 'forward' ? 200 : (decision.code ?? decision.kind)
}

export interface Expected {
  readonly headers: Headers
  readonly fate: number | string
}

/**
 * Each credential is first explained, which must change nothing of what `look` sees, and then sent: the gateway has not seen it before.
 * @param look everything that could be changed
 */
export async function compareAll(
  t: Test,
  gateway: Running,
  cases: Readonly<Record<string, Expected>>,
  look: () => Promise<unknown>,
): Promise<void> {
  for (const [name, { headers, fate }] of Object.entries(cases)) {
    const before = await look()
    const told = await toldOf(gateway.folder, headers)
    t.strictSame(await look(), before, `${name}: nothing has changed`)
    t.strictSame(
      told.notes.filter((note) => note.includes('cannot be')),
      [],
    )
    t.equal(fateOf(told), fate, `${name}: explain`)
    t.equal(await outcome(gateway, { ...headers }), fate, `${name}: the gateway`)
  }
}
