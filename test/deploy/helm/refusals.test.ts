import t from 'tap'
import { template, type Installation } from './chart.ts'

interface Case {
  readonly what: string
  readonly from: Installation | null
  /** Values, as JSON. */
  readonly values: Readonly<Record<string, unknown>>
  readonly says: readonly RegExp[]
}

const long = '4c1f8e2a7b9d3605c8e1f4a7d2b9061e'
const secrets = {
  BETTER_AUTH_SECRET: `${long}a`,
  JWT_SECRET: `${long}b`,
  DATABASE_URL: 'postgres://u:p@postgres/d',
  REDIS_URL: 'redis://redis',
}
const given = { 'secret.existing': '', 'secret.values': secrets }

const cases: readonly Case[] = [
  {
    what: 'nothing is said',
    from: null,
    values: {},
    says: [
      /config\.server\.publicUrl is not said: .* https:\/\/app\.example\.com/,
      /config\.upstreams is empty/,
      /config\.routes is empty/,
      /secret\.existing is empty: .* BETTER_AUTH_SECRET, DATABASE_URL, JWT_SECRET, REDIS_URL.* makes up no secrets/,
    ],
  },
  {
    what: 'where it listens is moved away from the probes',
    from: 'minimal',
    values: { 'config.server.listen': 8081, 'config.admin.listen': '127.0.0.1:9090' },
    says: [/config\.server\.listen must be left out/, /config\.admin\.listen must be left out/],
  },
  {
    what: 'there is no admin listener',
    from: 'minimal',
    values: { 'config.admin': 'none' },
    says: [/config\.admin must be left out or a mapping: .* no probes/],
  },
  {
    what: 'a time that cannot be read',
    from: 'minimal',
    values: { 'config.server.shutdown.drain': '${DRAIN:-5s}' },
    says: [/terminationGracePeriodSeconds must be said/],
  },
  {
    what: 'SIGKILL before the grace period is over',
    from: 'minimal',
    values: { terminationGracePeriodSeconds: 27 },
    says: [/is 27, and must be more than 2 s longer than .* which are 25 s/],
  },
  {
    what: 'a Secret and its values',
    from: 'minimal',
    values: { 'secret.values': secrets },
    says: [/secret\.existing and secret\.values are both said/],
  },
  {
    what: 'a key is missing',
    from: 'minimal',
    values: { ...given, 'secret.values.REDIS_URL': '', adminToken: true },
    says: [/secret\.values\.REDIS_URL is missing/, /secret\.values\.ADMIN_TOKEN is missing/],
  },
  {
    what: 'secrets that are too short',
    from: 'minimal',
    values: { ...given, 'secret.values.JWT_SECRET': 'changeme' },
    says: [/secret\.values\.JWT_SECRET has fewer than 32 bytes: openssl rand/],
  },
  {
    what: 'one secret for both',
    from: 'minimal',
    values: { ...given, 'secret.values.JWT_SECRET': secrets.BETTER_AUTH_SECRET },
    says: [/JWT_SECRET is the same as BETTER_AUTH_SECRET/],
  },
  {
    what: 'further keys of a Secret that the chart makes',
    from: 'minimal',
    values: { ...given, 'secret.extraKeys': ['A'] },
    says: [/secret\.extraKeys is for secret\.existing/],
  },
  {
    what: 'secrets in the ConfigMap',
    from: 'minimal',
    values: {
      'config.admin.token': long,
      'config.auth.secret': long,
      'config.auth.pushSecret': long,
      'config.auth.database': 'postgres://user:hunter2@postgres/d',
      'config.auth.signIn.social.github': { clientId: 'a', clientSecret: long },
      'config.bearer.secret': ['${JWT_SECRET}', long],
      'config.redis': 'rediss://:hunter2@redis:6379',
    },
    says: [
      /config\.admin\.token is a secret that would stand in a ConfigMap/,
      /config\.auth\.secret is a secret/,
      /config\.auth\.pushSecret is a secret/,
      /config\.auth\.database holds a password/,
      /config\.auth\.signIn\.social\.github\.clientSecret is a secret/,
      /config\.bearer\.secret is a secret/,
      /config\.redis holds a password/,
    ],
  },
  {
    what: 'SQLite and autoscaling',
    from: 'sqlite',
    values: { 'autoscaling.enabled': true },
    says: [/autoscaling\.enabled must be false where database is sqlite/],
  },
  {
    what: 'SQLite and several pods',
    from: 'sqlite',
    values: { replicas: 2 },
    says: [/replicas is 2 and must be 1 where database is sqlite/],
  },
  {
    what: 'SQLite in another place than its volume',
    from: 'sqlite',
    values: { 'config.auth.database': 'sqlite:./data/auth.db' },
    says: [/config\.auth\.database must be left out where database is sqlite/],
  },
  {
    what: 'SQLite without a volume, in the configuration',
    from: 'minimal',
    values: { 'config.auth.database': ':memory:' },
    says: [/the database is SQLite, in a file that goes with the pod/],
  },
  {
    what: 'SQLite without a volume, in the Secret',
    from: 'minimal',
    values: { ...given, 'secret.values.DATABASE_URL': 'sqlite:./data/auth.db' },
    says: [/the database is SQLite, in a file that goes with the pod/],
  },
  {
    what: 'several pods that do not hear of each other',
    from: 'remote',
    values: { redis: false },
    says: [/redis is false, .* remote with several pods: a revocation .* not reach the others/],
  },
  {
    what: 'more at least than at most',
    from: 'minimal',
    values: { 'autoscaling.minReplicas': 9 },
    says: [/autoscaling\.minReplicas is more than maxReplicas/],
  },
  {
    what: 'two ways in',
    from: 'sqlite',
    values: { 'ingress.enabled': true },
    says: [/ingress and httpRoute are both enabled/],
  },
  {
    what: 'an ingress controller that is not believed',
    from: 'minimal',
    values: { 'ingress.enabled': true },
    says: [/config\.server\.trustedProxies is empty: .* all clients count as one/],
  },
  {
    what: 'a host that is not known',
    from: 'full',
    values: { 'config.server.publicUrl': '${PUBLIC_URL}' },
    says: [/ingress\.host must be said/],
  },
  {
    what: 'a route of nobody to nowhere',
    from: 'sqlite',
    values: { 'config.server.publicUrl': '${PUBLIC_URL}', 'httpRoute.parentRefs': [] },
    says: [/httpRoute\.parentRefs is empty/, /httpRoute\.hostnames must be said/],
  },
]

for (const { what, from, values, says } of cases) {
  t.test(`refused: ${what}`, async (t) => {
    const more = Object.entries(values).flatMap(([key, value]) => [
      '--set-json',
      `${key}=${JSON.stringify(value)}`,
    ])
    const said = template(t, from, more)
    if (said === null) return
    t.not(said.code, 0)
    for (const sentence of says) t.match(said.err, sentence)
    t.equal(said.err.match(/^- /gm)?.length, says.length, said.err)
    t.notOk(said.err.includes(long) || said.err.includes('hunter2'), 'it tells no secret')
  })
}

/** What the schema knows; each is a typo or a slip. */
const slips: readonly (readonly [value: string, sentence: RegExp])[] = [
  ['replica=3', /additional properties 'replica' not allowed/],
  ['ingress.annotation.a=b', /at '\/ingress': additional properties 'annotation' not allowed/],
  ['config.routes[0].auht=none', /at '\/config\/routes\/0': .*'auht' not allowed/],
  ['config.server.publicURL=x', /at '\/config\/server': .*'publicURL' not allowed/],
  ['database=mysql', /at '\/database'/],
  ['image.tag=latest', /at '\/image\/tag'/],
  ['image.digest=sha256:1234', /at '\/image\/digest'/],
  ['replicas=0', /at '\/replicas'/],
  ['redis=redis', /at '\/redis': got string, want boolean/],
  [String.raw`configFiles.\.env=A=b`, /invalid propertyName '\.env'/],
  [String.raw`configFiles.gateway\.config\.yaml=x`, /invalid propertyName 'gateway\.config/],
  ['secret.values.not-a-name=x', /invalid propertyName 'not-a-name'/],
]

for (const [value, sentence] of slips) {
  t.test(`refused: ${value}`, async (t) => {
    const said = template(t, 'minimal', ['--set', value])
    if (said === null) return
    t.not(said.code, 0)
    t.match(said.err, sentence)
  })
}

t.test('as a part of another chart it gets what all of them share', async (t) => {
  const said = template(t, 'minimal', ['--set', 'global.region=eu'])
  if (said !== null) t.equal(said.code, 0, said.err)
})
