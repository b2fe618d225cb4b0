export interface BenchConfig {
  readonly upstream: string
  /** Path of the SQLite file. */
  readonly database: string
  /** Routes besides those that every measurement uses; the path of number n is `/many/n/*`. */
  readonly routes: number
}

/** A configuration like anybody's, but for the limits of a single client: here all of the load comes from one address. */
export function gatewayYaml({ upstream, database, routes }: BenchConfig): string {
  const many = Array.from(
    { length: routes },
    (_, index) => `  - { name: many${index}, match: { path: /many/${index}/* }, upstream: api }\n`,
  )
  return `version: 1
server:
  listen: 127.0.0.1:0
  publicUrl: http://bench.test
  trustedProxies: [127.0.0.1]
  limits: { connections: 100000, requestsPerClient: 100000, streamsPerClient: 100000 }
admin: none
auth: { database: "sqlite:${database}", session: { cache: 1h } }
upstreams:
  api: { url: "${upstream}", maxInFlight: 100000 }
routes:
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: files, match: { path: /api/files/* }, upstream: api, bodyLimit: 1GB }
  - { name: live, match: { path: /api/ws }, upstream: api, websocket: true }
  - { name: api, match: { path: /api/* }, upstream: api }
${many.join('')}`
}
