import { stringify } from 'yaml'
import type { GatewayConfig } from '../../../config/types.ts'

const mask = '•••'
/** Keys whose texts are secrets, or may be: what a route sends along with every request (`value` of a header) opens doors behind it. */
const secretKey = /secret|password|^token$|^value$/i
/** What is shorter occurs in other texts by chance. */
const telling = 8

/**
 * The configuration in force as YAML for people: durations in milliseconds, sizes in bytes, defaults written out. Secrets are masked: by their key, in the
 * user and password of URLs, and wherever the very same text occurs again.
 */
export function toMaskedYaml(config: GatewayConfig): string {
  const secrets = secretsIn(config).filter((secret) => secret !== '')
  return stringify(masked(config, '', secrets), { lineWidth: 120 })
}

/** Whatever the configuration keeps secret; a text may be there more than once. */
function secretsIn({ auth, bearer, admin, redis }: GatewayConfig): readonly string[] {
  const urls = [redis?.url, auth.database.kind === 'postgres' ? auth.database.url : undefined]
  return [
    ...auth.secrets,
    ...bearer.secrets,
    ...Object.values(auth.signIn.social).map(({ clientSecret }) => clientSecret),
    ...[auth.remote?.pushSecret, admin?.token].filter((each) => each != null),
    ...urls.flatMap((url) => (url === undefined ? [] : passwordsIn(url))),
  ]
}

function masked(value: unknown, key: string, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return secretKey.test(key) ? mask : withoutSecrets(value, secrets)
  if (Array.isArray(value)) return value.map((each) => masked(each, key, secrets))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, each]) => [name, masked(each, name, secrets)])
  return Object.fromEntries(entries) as unknown
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const plain = URL.canParse(text) ? withoutCredentials(text) : text
  const isSecret = (secret: string): boolean =>
    plain === secret || (secret.length >= telling && plain.includes(secret))
  return secrets.some(isSecret) ? mask : plain
}

/** Drivers of databases take a password in the query too. */
function withoutCredentials(text: string): string {
  const url = new URL(text)
  if (url.username === '' && url.password === '' && url.search === '') return text
  if (url.password !== '') url.password = mask
  for (const name of url.searchParams.keys()) url.searchParams.set(name, mask)
  return url.href.replaceAll(encodeURIComponent(mask), mask)
}

function passwordsIn(text: string): readonly string[] {
  const { password, searchParams } = new URL(text)
  const inQuery = searchParams.get('password') ?? ''
  return [password, decoded(password), inQuery].filter((each) => each !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
