import { problem, skipped, warning, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import type { AnsweringTarget } from '../upstream/target.ts'
import { issueHeaders, strangersSecret, type Recipe } from './issue.ts'
import { isTaken, isTurnedAway, judgeHearing, judgeRefused, toText, type Said } from './judge.ts'
import { nobody } from './principal.ts'
import { variantsOf } from './variants.ts'

const detailLimit = 16_384

type Ask = (path: string, identity: Readonly<Record<string, string>>) => Promise<Said>

/**
 * Names somebody to FastAPI exactly as the gateway does, at a path that needs it, and holds the answer against that to nobody and to a forged token. Where ours is refused,
 * other ways to make it say why.
 */
export async function checkToken(
  target: AnsweringTarget,
  context: DoctorContext,
): Promise<Finding> {
  const ask = askerFor(target)
  const found = await findPath(target, context, ask)
  if ('verdict' in found) return found
  const { path, bare } = found
  const { config, options, clock } = context
  const usual: Recipe = {
    identity: config.identity,
    secret: config.bearer.secrets[0] ?? '',
    userId: options.user,
  }
  const issue = (recipe: Recipe): Promise<Said> => ask(path, issueHeaders(recipe, clock.now()))
  const forge = (recipe: Recipe): Promise<Said> => issue({ ...recipe, secret: strangersSecret() })
  const ours = await issue(usual)
  const forged = config.identity.token === null ? null : await forge(usual)
  const hearing = { bare, forged, ours }
  const finding = judgeHearing(path, hearing)
  const isSettled = finding !== null && !(finding.verdict === 'warning' && ours.status >= 500)
  if (isSettled || forged === null) return finding ?? skipped('nothing was heard')
  for (const { recipe, meaning } of variantsOf(config, usual)) {
    const said = await issue(recipe)
    if (isTaken(said, await forge(recipe)) && said.status < 500) return meaning
  }
  return finding ?? judgeRefused(path, hearing, options.user === nobody)
}

function askerFor({ asker, headers }: AnsweringTarget): Ask {
  return async (path, identity) => {
    const all = { ...headers, ...identity }
    const { status, body } = await asker.ask({ path, headers: all, bodyLimit: detailLimit })
    return { status, detail: detailOf(body) }
  }
}

function detailOf(body: string): string {
  try {
    const { detail } = JSON.parse(body) as { readonly detail?: unknown }
    return typeof detail === 'string' ? detail : ''
  } catch {
    return ''
  }
}

type Found = { readonly path: string; readonly bare: Said } | Finding

/** The path that was named, or the first of those that FastAPI describes that turns nobody away. */
async function findPath(
  { upstream, offered }: AnsweringTarget,
  { options }: DoctorContext,
  ask: Ask,
): Promise<Found> {
  const named = options.paths[upstream.name] ?? options.paths['']
  if (named !== undefined) return judgeNamed(named, await ask(named, {}))
  for (const path of offered?.guarded ?? []) {
    const bare = await ask(path, {})
    if (isTurnedAway(bare)) return { path, bare }
  }
  return offered === null
    ? skipped('no protected operation found: it does not describe itself; name one with --path')
    : warning(
        'no protected operation found: no GET without parameters is refused to who has no token',
        'Name one with --path, or see that FastAPI verifies tokens at all.',
      )
}

function judgeNamed(path: string, bare: Said): Found {
  if (isTurnedAway(bare)) return { path, bare }
  return problem(
    `${path} is not protected: FastAPI answers ${toText(bare)} to who has no token`,
    'Name another path with --path: one that needs a token, and no more than that.',
  )
}
