import { families, type Case, type Draft, type FamilyName } from './case.ts'
import { atGateway, atRoutes } from './catalogue/catalogue.ts'
import { idMark } from './catalogue/request.ts'
import { observed } from './expect.ts'
import { openingOf, type Ground, type Probe } from './ground.ts'

export interface Plan {
  readonly cases: readonly Case[]
  /** Routes that no request reaches, by name. */
  readonly unreached: readonly string[]
  /** Cases that are fired only at a gateway of our own. */
  readonly leftOut: number
}

export interface PlanOptions {
  /** A text that is in the name of every case that is wanted; null: all are. */
  readonly only: string | null
  /** Eight characters before the number of each case. */
  readonly run: string
}

/** The cases for a configuration, in the order in which they are fired and told. The same configuration has the same ones. */
export function plan(ground: Ground, { only, run }: PlanOptions): Plan {
  const all = (Object.keys(families) as FamilyName[]).flatMap((family) => [
    ...(atGateway[family]?.(ground) ?? []).map((draft) => toCase(draft, family, null)),
    ...ground.probes.flatMap((probe) =>
      atRoutes[family]
        .flatMap((drafts) => drafts(ground, probe))
        .map((draft) => toCase(draft, family, probe)),
    ),
  ])
  const fired = all.filter((each) => !ground.isRunning || isHarmless(each))
  const cases = fired
    .filter(({ name }) => only === null || name.includes(only))
    .map((each, index) => numbered(each, `${run}-${String(index + 1).padStart(7, '0')}`))
  const reached = new Set(ground.probes.map(({ route }) => route.name))
  const unreached = ground.config.routes
    .map(({ name }) => name)
    .filter((name) => !reached.has(name))
  return { cases, unreached, leftOut: all.length - fired.length }
}

/** Whether a case may be fired at somebody's own gateway: it asks for nothing, proves nothing, and its answer says enough. */
function isHarmless({ expect, isSigned, changes, shot }: Draft): boolean {
  const writes = /^(?:POST|PUT|PATCH|DELETE) /im.test(shot.bytes)
  return expect.byAnswer && isSigned !== true && changes !== true && !writes
}

function toCase(draft: Draft, family: FamilyName, probe: Probe | null): Case {
  const at = probe?.route.name ?? 'gateway'
  const opening = probe === null ? null : openingOf(probe)
  const isOpen = opening !== null && draft.expect.aboutCaller === true
  const expect = isOpen ? observed(draft.expect, opening) : draft.expect
  return { ...draft, expect, family, at, name: `${family}/${draft.id}@${at}`, requestId: '' }
}

function numbered(each: Case, requestId: string): Case {
  const bytes = each.shot.bytes.replaceAll(idMark, requestId)
  return { ...each, requestId, shot: { ...each.shot, bytes } }
}
