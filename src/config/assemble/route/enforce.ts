import type { z } from 'zod'
import type { routeSchema } from '../../schema/routes.ts'
import type { AccessMode, ObserveConfig, UserField } from '../../types.ts'
import { judgeHeaderChange } from '../../values/headers.ts'
import type { Path } from '../../yaml/places.ts'
import type { DocumentReader } from '../reader.ts'

type Written = z.output<typeof routeSchema>
type Mapping = Exclude<Written['enforce'], boolean>

interface EnforceOptions {
  readonly route: Written
  readonly index: number
  readonly mode: AccessMode
}

const alone: Mapping = { mode: 'observe', identityHeaders: true, sessionCookies: false }

/**
 * What a route does that only reports; null: it refuses. Warns of each, because a route that is forgotten so protects nothing, and
 * notes where there is nothing to report, or nobody behind the route who would decide instead.
 */
export function toObserve(
  reader: DocumentReader,
  { route, index, mode }: EnforceOptions,
): ObserveConfig | null {
  const path = ['routes', index, 'enforce']
  const written = typeof route.enforce === 'boolean' ? alone : route.enforce
  if (typeof route.enforce !== 'boolean') checkHeader(reader, path, written)
  if (route.enforce === true || written.mode === 'enforce') return null
  if (route.static !== undefined) {
    reader.error(path, 'only possible with `upstream`: nobody else decides who may read files')
    return null
  }
  warn(reader, path, route.upstream)
  const { userHeader, compareWith, identityHeaders, sessionCookies } = written
  if (mode === 'none' && userHeader !== undefined) {
    const message = 'not possible with `auth: none`: nobody is asked who they are'
    reader.error([...path, 'userHeader'], message)
  }
  return {
    userHeader: userHeader?.toLowerCase() ?? null,
    compareWith: compareWith ?? subjectOf(reader),
    identityHeaders,
    sessionCookies,
  }
}

function warn(reader: DocumentReader, path: Path, upstream: string | undefined): void {
  const isSilent = reader.valueAt([...path, 'sessionCookies']) === undefined
  const isRemote = reader.valueAt(['auth', 'mode']) === 'remote'
  const isSent = reader.valueAt(['upstreams', upstream ?? '', 'sessionCookie']) === 'forward'
  const cookies =
    isRemote && isSilent && !isSent
      ? ', and gets no cookie of Better Auth: say `sessionCookies`'
      : ''
  reader.warn(path, `this route refuses nobody: FastAPI’s own login has to${cookies}`)
}

/** Connection and framing headers are not FastAPI's to say this in, and cookies are the client's. */
function checkHeader(reader: DocumentReader, path: Path, { userHeader, compareWith }: Mapping) {
  if (userHeader === undefined) {
    if (compareWith === undefined) return
    reader.error([...path, 'compareWith'], 'needs `userHeader`: there is nothing to compare with')
    return
  }
  const problem = judgeHeaderChange(userHeader, 'response', noIdentity)
  if (problem !== null) reader.error([...path, 'userHeader'], problem)
}

/** FastAPI may answer with the very header that it is asked with. */
const noIdentity: ReadonlySet<string> = new Set()

/** What is written wrong there is noted there. */
function subjectOf(reader: DocumentReader): UserField {
  const subject = reader.valueAt(['identity', 'token', 'subject'])
  return typeof subject === 'string' ? (subject as UserField) : 'user.id'
}
