import type { z } from 'zod'
import { profiles } from '../../../assertion/profiles.ts'
import type { identitySchema } from '../../schema/identity.ts'
import type {
  ClaimConfig,
  ClaimValue,
  TokenConfig,
  TokenDialect,
  TokenProfile,
} from '../../types.ts'
import { judgeClaim, judgeSubjectClaim } from '../../values/identity.ts'
import type { Path } from '../../yaml/places.ts'
import type { DocumentReader } from '../reader.ts'
import { checkSource, checkSubject } from './source.ts'

type Written = Exclude<z.output<typeof identitySchema>['token'], 'none'>
type WrittenClaim = Written['claims'][string]

const base = ['identity', 'token']
const claimsPath = [...base, 'claims']
const onlyCustom = ['scheme', 'issuer', 'audience', 'subjectClaim', 'standardClaims'] as const

/** Looks at names and sources in the data, so that one wrong value does not hide the next. */
export function checkToken(reader: DocumentReader): void {
  const dialect = writtenDialect(reader)
  for (const name of reader.keysAt(claimsPath)) {
    const path = [...claimsPath, name]
    const problem = judgeClaim(name, dialect)
    if (problem !== null) reader.error(path, problem, 'key')
    checkSource(reader, reader.isMapping(path) ? [...path, 'source'] : path)
  }
  checkSubject(reader, [...base, 'subject'])
  const problem = judgeSubjectClaim(dialect.subjectClaim)
  if (problem !== null) reader.error([...base, 'subjectClaim'], problem)
  // Of a profile that there is not nobody knows what it could say.
  const profile = reader.valueAt([...base, 'profile']) ?? 'default'
  if (profile === 'custom' || !isProfile(profile)) return
  for (const key of onlyCustom) {
    if (!reader.isWritten([...base, key])) continue
    reader.error([...base, key], 'only `profile: custom` can say this', 'key')
  }
}

function writtenDialect(reader: DocumentReader): TokenDialect {
  const profile = reader.valueAt([...base, 'profile'])
  const dialect = profiles[isProfile(profile) ? profile : 'default']
  const subjectClaim = reader.valueAt([...base, 'subjectClaim'])
  return profile === 'custom' && typeof subjectClaim === 'string'
    ? { ...dialect, subjectClaim }
    : dialect
}

function isProfile(value: unknown): value is TokenProfile {
  return typeof value === 'string' && Object.hasOwn(profiles, value)
}

/** The token with everything that its profile decides. */
export function readToken(reader: DocumentReader, written: Written): TokenConfig {
  const { profile, ttl, subject } = written
  const preset = profiles[profile]
  const claims: ClaimConfig[] = []
  const constants: Record<string, ClaimValue> = { ...preset.constants }
  for (const [name, claim] of Object.entries(written.claims)) {
    const read = readClaim(reader, claim, [...claimsPath, name])
    if (read === null) continue
    if ('value' in read) constants[name] = read.value
    else claims.push({ name, ...read })
  }
  return {
    profile,
    ttlMs: ttl,
    scheme: written.scheme ?? preset.scheme,
    subject,
    subjectClaim: written.subjectClaim ?? preset.subjectClaim,
    issuer: written.issuer ?? preset.issuer,
    audience: written.audience ?? preset.audience,
    standardClaims: written.standardClaims ?? preset.standardClaims,
    claims,
    constants,
  }
}

function readClaim(
  reader: DocumentReader,
  written: WrittenClaim,
  path: Path,
): Omit<ClaimConfig, 'name'> | { readonly value: ClaimValue } | null {
  if (typeof written === 'string') return { source: written, as: 'text' }
  const { source, as, value } = written
  if ((source === undefined) === (value === undefined)) {
    reader.error(path, 'expected either a `source` or a constant `value`')
    return null
  }
  if (source !== undefined) return { source, as: as ?? 'text' }
  if (as !== undefined) reader.error([...path, 'as'], 'only with `source`', 'key')
  return value === undefined ? null : { value }
}
