import type { GatewayConfig } from '../../src/config/types.ts'
import { messagesOf, parse, secrets } from '../config/gateway-file.ts'

/** A file that says something of every key. */
export const populated = `
server:
  listen: 127.0.0.1:8080
  publicUrl: https://app.example.com
  hosts: [internal.example.com]
  trustedProxies: [10.0.0.0/8]
  tls: { cert: ./tls.crt, key: ./tls.key }
  limits: { connections: 100, requestsPerClient: 20, streamsPerClient: 10 }
  shutdown: { drain: 1s, grace: 15s }
admin: { listen: '127.0.0.1:9090' }
auth:
  database: \${DATABASE}
  module: ./auth.ts
  session: { lifetime: 7d, refreshAfter: 1d, cache: 30s }
  signIn: { social: { github: { clientId: some-id, clientSecret: some-secret } } }
  signUp: { domains: [example.com] }
  loginPage: https://login.example.com/
  trustedOrigins: [https://admin.example.com]
bearer:
  issuer: https://issuer.example.com
  audience: todos
  rolesClaim: roles
  scopesClaim: scope
  requireUser: true
  sessionTokens: true
  apiKeys: true
  jwks:
    - url: https://other.example.com/jwks
      issuer: https://other.example.com
      audience: api
      algorithms: [EdDSA]
      rolesClaim: roles
      scopesClaim: scope
      sessions: true
identity:
  headers: { X-User-Role: user.role }
  token:
    profile: custom
    issuer: us
    audience: [them]
    claims: { email: user.email, plan: { value: free }, level: { source: user.role, as: list } }
pages: { name: Todos, logo: ./logo.svg }
redis: redis://:\${REDIS_PASSWORD}@localhost:6379
verify: { from: [127.0.0.1], dialect: nginx }
upstreams:
  api:
    targets: [https://api-1:8000, https://api-2:8000]
    health: { path: /health }
    tls: { ca: ./ca.pem, cert: ./client.crt, key: ./client.key, serverName: api.internal }
routes:
  - name: mine
    match: { path: '/api/users/{user_id}/*', methods: [GET, POST], host: admin.example.com, allow: ['%2F'] }
    upstream: api
    auth:
      accept: [session, bearer]
      roles: [admin]
      scopes: [read]
      fresh: 15m
      owner: user_id
      emailVerified: true
      organization: { roles: [owner] }
    rateLimit: { requests: 300, per: 1m, bucket: shared }
    bodyLimit: 5MB
    websocket: { maxMessage: 64KB }
    cors: { origins: [https://partner.example.com] }
    headers: { request: { X-Tenant: '\${TENANT}' }, response: { Content-Security-Policy: "default-src 'self'" } }
    rewrite: { stripPrefix: /api }
    enforce: { mode: observe, userHeader: X-Legacy-User }
  - { name: files, match: { path: /* }, static: { dir: ./web, fallback: index.html } }
`

/** Values that a comparison must never show. */
export const hidden: Readonly<Record<string, string>> = {
  ...secrets,
  DATABASE: 'postgres://sallyport:pa55word-of-postgres@db/auth',
  REDIS_PASSWORD: 'pa55word-of-redis',
  TENANT: 'tenant-which-is-a-secret',
}

export const remote = `
auth: { mode: remote, url: http://auth:3000, cookie: session, pushSecret: "\${PUSH_SECRET}", secret: "\${BETTER_AUTH_SECRET}" }
upstreams: { api: http://127.0.0.1:8000 }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]
`

/** Parses a file that must be right. */
export function configOf(
  text: string,
  env: Readonly<Record<string, string>> = hidden,
): GatewayConfig {
  const parsed = parse(text, { ...env, PUSH_SECRET: 'w3Zc8bVr2Kq9Mt7Lf4Xn6Jh1Pd5Gs0Y-push' })
  if (parsed.config === null) throw new Error(messagesOf(parsed, 'error').join('\n'))
  return parsed.config
}
