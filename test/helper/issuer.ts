import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A key pair of an issuer's, with what it publishes of it. */
export interface KeyPair {
  readonly keyId: string
  readonly algorithm: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly jwk: JWK
}

export interface SignOptions {
  /** Default: a minute, for `api`. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Replaces members of the header; undefined takes one away. */
  readonly header?: Readonly<Record<string, unknown>>
}

/** Makes a key pair; `keyId` is its `kid`. */
export async function makeKeyPair(keyId: string, algorithm = 'EdDSA'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: 'sig' }
  return { keyId, algorithm, privateKey, publicKey, jwk }
}

/** Signs a token for `audience` in the name of `issuer`, good for a minute. */
export function signWith(
  { privateKey, keyId, algorithm }: KeyPair,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
  { claims = {}, header = {} }: SignOptions = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const all = { iss: issuer, aud: audience, sub: 'user-1', iat: now, exp: now + 60, ...claims }
  const parameters = { alg: algorithm, kid: keyId, typ: 'JWT', ...header }
  return new SignJWT(all).setProtectedHeader(parameters).sign(privateKey)
}

export interface IssuerServer {
  readonly url: string
  readonly issuer: string
  readonly audience: string
  /** What it publishes now; the last one signs. */
  readonly keys: KeyPair[]
  /** How often its keys were fetched. */
  fetched: number
  /** It answers nothing but 500. */
  isDown: boolean
  readonly sign: (options?: SignOptions) => Promise<string>
  /** Signs with a new key from now on, and publishes it; with `alone`, without the old ones. */
  readonly rotate: (how?: { readonly alone?: boolean }) => Promise<KeyPair>
  /** The YAML of its entry in `bearer.jwks`, in flow style. @param more further keys */
  readonly yaml: (more?: string) => string
}

/** An issuer on a free port that publishes its keys as a JWK set. */
export async function startIssuer(
  t: Test,
  name = 'issuer.test',
  algorithm = 'EdDSA',
): Promise<IssuerServer> {
  const keys = [await makeKeyPair(`${name}-1`, algorithm)]
  const server = createServer((_request, response) => {
    started.fetched += 1
    response.statusCode = started.isDown ? 500 : 200
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const issuer = `https://${name}`
  const audience = 'https://api.test'
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/jwks`
  const started: IssuerServer = {
    url,
    issuer,
    audience,
    keys,
    fetched: 0,
    isDown: false,
    sign: (options) => signWith(keys.at(-1)!, { issuer, audience }, options),
    rotate: async ({ alone = false } = {}) => {
      const next = await makeKeyPair(`${name}-${String(keys.length + 1)}`, algorithm)
      if (alone) keys.length = 0
      keys.push(next)
      return next
    },
    yaml: (more = '') =>
      `{ url: "${url}", issuer: "${issuer}", audience: "${audience}", algorithms: [${algorithm}], ${more} }`,
  }
  return started
}

/** Publishes on a free port what `read` gives, as a set of keys, and counts who asks. */
export async function publish(
  t: Test,
  read: () => Promise<string>,
): Promise<{ readonly url: string; readonly fetched: () => number }> {
  let fetched = 0
  const server = createServer((_request, response) => {
    fetched += 1
    read().then(
      (text) => response.setHeader('content-type', 'application/json').end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${String(port)}/jwks`, fetched: () => fetched }
}
