import type { z } from 'zod'
import type { routeSchema } from '../../schema/routes.ts'
import type { AccessMode, AccessNeeds, RouteAuth } from '../../types.ts'
import type { Path } from '../../yaml/places.ts'
import { suggest } from '../../yaml/suggest.ts'
import type { DocumentReader } from '../reader.ts'

type Written = z.output<typeof routeSchema>
type Mapping = Exclude<NonNullable<Written['auth']>, string>

interface AccessOptions {
  readonly route: Written
  readonly index: number
  /** Of routes that do not say it. */
  readonly defaultMode: AccessMode
}

/** Who may use a route. Notes what contradicts itself: a requirement that anybody can get around protects nothing. */
export function toAuth(reader: DocumentReader, options: AccessOptions): RouteAuth {
  const { route, index, defaultMode } = options
  const auth = route.auth ?? defaultMode
  if (typeof auth === 'string') {
    return { mode: auth, forwardAuthorization: false, accept: null, needs: null }
  }
  const mode = auth.mode ?? defaultMode
  const base = ['routes', index, 'auth']
  const needs = toNeeds(auth)
  if (auth.forwardAuthorization && mode !== 'none') {
    reader.error([...base, 'forwardAuthorization'], 'only possible with `mode: none`')
  }
  checkMode(reader, base, auth, mode)
  checkOwner(reader, base, needs?.owner ?? null, [route.match.path].flat())
  checkAccept(reader, base, auth, mode)
  return {
    mode,
    forwardAuthorization: auth.forwardAuthorization,
    accept: auth.accept === undefined ? null : [...new Set(auth.accept)],
    needs,
  }
}

function toNeeds(auth: Mapping): AccessNeeds | null {
  const { roles, scopes, fresh, owner, emailVerified, organization } = auth
  const needs: AccessNeeds = {
    roles: distinct(roles),
    scopes: distinct(scopes),
    freshMs: fresh ?? null,
    owner: owner ?? null,
    emailVerified,
    organization:
      organization === false
        ? null
        : { roles: organization === true ? null : distinct(organization.roles) },
  }
  const asksForSomething = Object.values(needs).some((need) => need !== null && need !== false)
  return asksForSomething ? needs : null
}

function distinct(list: readonly string[] | undefined): readonly string[] | null {
  return list === undefined ? null : [...new Set(list)]
}

const needKeys = ['roles', 'scopes', 'fresh', 'owner', 'emailVerified', 'organization'] as const

/** Whoever lacks something could leave the credential out, and would pass. */
function checkMode(reader: DocumentReader, base: Path, auth: Mapping, mode: AccessMode): void {
  if (mode === 'required') return
  for (const key of needKeys) {
    if (auth[key] === undefined || auth[key] === false) continue
    const why =
      mode === 'none'
        ? 'nobody is asked who they are'
        : 'whoever sends no credential passes all the same'
    reader.error([...base, key], `needs \`mode: required\`: with \`${mode}\` ${why}`)
  }
  if (mode === 'none' && auth.accept !== undefined) {
    reader.error([...base, 'accept'], 'not possible with `mode: none`: no credential is read')
  }
}

function checkOwner(
  reader: DocumentReader,
  base: Path,
  owner: string | null,
  patterns: readonly string[],
): void {
  if (owner === null) return
  for (const pattern of patterns) {
    const names = [...pattern.matchAll(/\{([^/{}]+)\}/g)].map(([, name = '']) => name)
    if (names.includes(owner)) continue
    const message = `the path ${pattern} has no parameter {${owner}}${suggest(owner, names)}`
    reader.error([...base, 'owner'], message)
    return
  }
}

/** What is meant and does something else, and what can never be fulfilled. */
function checkAccept(reader: DocumentReader, base: Path, auth: Mapping, mode: AccessMode): void {
  const { accept, scopes } = auth
  if (accept === undefined) {
    if (scopes !== undefined && mode === 'required') {
      const choice = 'say `accept: [bearer, apiKey]`, or name `session` there to let them pass'
      reader.warn([...base, 'scopes'], `sessions have no scopes and are refused: ${choice}`)
    }
    return
  }
  if (mode === 'optional' && !accept.includes('session')) {
    const message = 'browsers send the session cookie along: whoever is signed in is refused'
    reader.warn([...base, 'accept'], message)
  }
  if (accept.every((kind) => kind === 'session') && scopes !== undefined) {
    reader.error([...base, 'scopes'], 'checks nothing: only sessions are accepted, without scopes')
  }
  if (accept.every((kind) => kind === 'apiKey')) checkKeysAlone(reader, base, auth)
}

function checkKeysAlone(reader: DocumentReader, base: Path, auth: Mapping): void {
  if (!reader.valueAt(['bearer', 'apiKeys'])) {
    reader.error([...base, 'accept'], 'nobody can pass: `bearer.apiKeys` is not true')
  }
  for (const key of ['fresh', 'organization'] as const) {
    if (auth[key] === undefined || auth[key] === false) continue
    reader.error([...base, key], 'an API key has no session: accept `session` or `bearer` too')
  }
}
