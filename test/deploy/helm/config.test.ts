import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../../src/config/load.ts'
import type { GatewayConfig } from '../../../src/config/types.ts'
import { needsRestart, restartKeys } from '../../../src/lifecycle/reload.ts'
import { at, checkStrictly, type Mapping } from '../tools.ts'
import { installations, one, podOf, render, type Installation } from './chart.ts'

interface Pod {
  /** Its configuration, with what lies beside it. */
  readonly file: string
  readonly env: Record<string, string>
  /** Changes where new pods are needed. */
  readonly digest: string
}

/** Lays out what a pod would find: the ConfigMap, and the Secret or one that could be. Null where Helm is not there. */
function podIn(t: Test, name: Installation, more: readonly string[] = []): Pod | null {
  const documents = render(t, name, more)
  if (documents === null) return null
  const folder = t.testdir({ etc: {}, secrets: {} })
  const data = at(one(documents, 'ConfigMap'), 'data') as Record<string, string>
  for (const [file, text] of Object.entries(data)) writeFileSync(join(folder, 'etc', file), text)
  const secret = documents.find(({ kind }) => kind === 'Secret')
  const given = at(podOf(documents), 'containers', 0, 'env') as { name: string; value: string }[]
  const env = given.map(({ name, value }) => {
    const key = /^\/run\/secrets\/sallyport\/(\w+)$/.exec(value)?.[1]
    if (key === undefined) return [name, value]
    writeFileSync(join(folder, 'secrets', key), secretOf(secret, key))
    return [name, join(folder, 'secrets', key)]
  })
  const deployment = one(documents, 'Deployment')
  const annotations = at(deployment, 'spec', 'template', 'metadata', 'annotations')
  return {
    file: join(folder, 'etc/gateway.config.yaml'),
    env: Object.fromEntries(env) as Record<string, string>,
    digest: String(at(annotations, 'sallyport.dev/restart')),
  }
}

function secretOf(secret: Mapping | undefined, key: string): string {
  if (secret !== undefined) return atob(String(at(secret, 'data', key)))
  if (key === 'DATABASE_URL') return 'postgres://sallyport:T7xkQ2vNw9@postgres:5432/sallyport'
  if (key === 'REDIS_URL') return 'redis://:Lm4Zr8Yb1c@redis:6379'
  const hex = Buffer.from(`${key} 8d1f6b3a9c5e7024`).toString('hex')
  return `${hex}7b1d9e3fa2c8`
}

function load({ file, env }: Pod): GatewayConfig {
  return loadConfig({ file, env }).config
}

for (const name of installations) {
  t.test(`${name}: sallyport check --strict finds nothing in its configuration`, async (t) => {
    const pod = podIn(t, name)
    if (pod === null) return
    t.match(pod.env, { SALLYPORT_CONFIG: '/etc/sallyport/gateway.config.yaml' })
    const said = await checkStrictly(pod.file, pod.env)
    t.match(said, { code: 0 }, said.out + said.err)
  })

  t.test(`${name}: it listens where the probes and the Service ask`, async (t) => {
    const pod = podIn(t, name)
    if (pod === null) return
    const { server, admin } = load(pod)
    t.match(server.listen, { host: '0.0.0.0', port: 8080 })
    t.match(admin?.listen, { host: '0.0.0.0', port: 9090 })
  })
}

t.test('what the values do not say is safe', async (t) => {
  const pod = podIn(t, 'minimal')
  if (pod === null) return
  const { auth, redis, server } = load(pod)
  t.match(auth, { mode: 'embedded', signUp: { kind: 'closed' }, database: { kind: 'postgres' } })
  t.ok(redis)
  t.strictSame(server.trustedProxies, [])
  t.ok(server.shutdown.drainMs >= 5000, 'longer than endpoints take to spread')
})

t.test('no secret is anywhere but in the Secret', async (t) => {
  const documents = render(t, 'full')
  if (documents === null) return
  const data = at(one(documents, 'Secret'), 'data') as Record<string, string>
  const others = JSON.stringify(documents.filter(({ kind }) => kind !== 'Secret'))
  t.equal(Object.keys(data).length, 7)
  for (const [key, value] of Object.entries(data)) {
    t.notOk(others.includes(atob(value)), key)
    t.notOk(others.includes(value), key)
  }
})

/** Changes of `config`, each of one key. */
const changes: readonly (readonly [of: Installation, change: string])[] = [
  ['minimal', 'config.server.publicUrl=https://www.example.com'],
  ['minimal', 'config.server.tls={"cert":"./tls.crt","key":"./tls.key"}'],
  ['minimal', 'config.server.trustedProxies=["10.1.0.0/16"]'],
  ['minimal', 'config.server.hosts=["internal.example.com"]'],
  ['minimal', 'config.audit=none'],
  ['minimal', 'config.auth.signUp=open'],
  ['minimal', 'config.bearer.apiKeys=true'],
  ['minimal', 'config.bearer.ttl=5m'],
  ['minimal', 'config.identity={"headers":{"X-Id":"user.externalId"}}'],
  ['remote', 'config.identity={"headers":{"X-Plan":"user.plan"}}'],
  ['minimal', 'config.log.access=false'],
  ['minimal', 'config.routes=[{"match":{"path":"/*"},"upstream":"api"}]'],
  ['minimal', 'config.upstreams.api=http://other:8000'],
  ['minimal', 'redis=false'],
]

t.test('new pods are made for what only a restart changes, and for nothing else', async (t) => {
  const seen = new Set<string>(['server.listen', 'admin.listen'])
  const running = new Map<Installation, { config: GatewayConfig; digest: string }>()
  for (const name of ['minimal', 'remote'] as const) {
    const pod = podIn(t, name)
    if (pod === null) return
    running.set(name, { config: load(pod), digest: pod.digest })
  }
  for (const [name, change] of changes) {
    const before = running.get(name)!
    const after = podIn(t, name, [/=[[{]/.test(change) ? '--set-json' : '--set', change])!
    const keys = needsRestart(before.config, load(after))
    for (const key of keys) seen.add(key)
    t.equal(after.digest !== before.digest, keys.length > 0, `${change}: ${keys.join(', ')}`)
  }
  t.strictSame([...seen].sort(), [...restartKeys].sort(), 'every such key was tried')
})

t.test('so are they for secrets and files that only a restart changes', async (t) => {
  const digest = (change?: string): string | undefined =>
    podIn(t, 'full', change === undefined ? [] : ['--set', change])?.digest
  const before = digest()
  if (before === undefined) return
  const other = Buffer.from('another secret, just as long').toString('hex')
  for (const key of ['BETTER_AUTH_SECRET', 'DATABASE_URL', 'REDIS_URL', 'GITHUB_SECRET'])
    t.not(digest(`secret.values.${key}=${other}`), before, key)
  for (const key of ['JWT_SECRET', 'ADMIN_TOKEN'])
    t.equal(digest(`secret.values.${key}=${other}`), before, key)
  t.not(digest(String.raw`configFiles.auth\.mjs=export {}`), before, 'auth.module')
})

// Whoever may read pods but no Secret tries passwords of Redis until the digest in the annotation is the same.
t.test('the digest of secrets says nothing of a password that can be guessed', async (t) => {
  const long = (letter: string): string => letter.repeat(64)
  const digest = (key: string): string | undefined => {
    const values = { JWT_SECRET: key, REDIS_URL: 'redis://:hunter2@redis:6379', PUSH: long('p') }
    const secret = JSON.stringify({ existing: '', extraKeys: [], values })
    return podIn(t, 'remote', ['--set-json', `secret=${secret}`])?.digest
  }
  const before = digest(long('a'))
  if (before === undefined) return
  t.equal(digest(long('a')), before)
  t.not(digest(long('b')), before, 'without BETTER_AUTH_SECRET a key that nobody knows is in it')
})
