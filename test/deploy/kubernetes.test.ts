import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { markedBlock } from '../docs/pages.ts'
import { missing } from '../helper/servers/installed.ts'
import { kubernetesJudge } from './openapi.ts'
import { at, checkStrictly, deploy, documentsOf, tool, type Mapping } from './tools.ts'

const keys = ['BETTER_AUTH_SECRET', 'DATABASE_URL', 'JWT_SECRET', 'REDIS_URL']
const own = { 'app.kubernetes.io/name': 'sallyport' }

interface Rendered {
  /** What `kubectl apply -k` would send. */
  readonly documents: readonly Mapping[]
  /** What the pod's environment says, with its files here. */
  readonly env: Record<string, string>
}

/** Does in a copy what docs/deploy.md says, up to where a cluster is needed; null where nothing can tell what would be sent. */
function render(t: Test): Rendered | null {
  const folder = t.testdir({ deploy: {} })
  cpSync(join(deploy, 'kubernetes'), join(folder, 'deploy/kubernetes'), { recursive: true })
  const [script = ''] = markedBlock('docs/deploy.md', 'kubernetes').split('kubectl apply')
  const done = tool(t, 'bash', ['-euc', script], { cwd: folder })
  t.equal(done?.code, 0, done?.err ?? '')
  const overlay = join(folder, 'deploy/kubernetes/overlays/mine')
  const given = process.env['KUSTOMIZE'] ?? ''
  const [program, verb] = given === '' ? ['kubectl', 'kustomize'] : [given, 'build']
  const said = tool(t, program, [verb, overlay])
  if (said === null) return null
  if (/unknown field|invalid Kustomization/.test(said.err))
    return missing(t, `${program} is too old for these files: ${said.err}`)
  t.equal(said.code, 0, said.err)
  const files = keys.map((name) => [`${name}_FILE`, join(overlay, 'secrets', name)])
  const env = {
    ...Object.fromEntries(files),
    PUBLIC_URL: 'https://app.example.com',
  } as Rendered['env']
  return { documents: documentsOf(said.out), env }
}

t.test('the example of Kubernetes', async (t) => {
  const rendered = render(t)
  if (rendered === null) return
  const { documents, env } = rendered
  const one = (kind: string, name = 'sallyport'): Mapping => {
    const found = documents.filter(
      (each) => each['kind'] === kind && at(each, 'metadata', 'name') === name,
    )
    if (found[0] === undefined || found.length > 1) throw new Error(`not one ${kind} ${name}`)
    return found[0]
  }
  const pod = at(one('Deployment'), 'spec', 'template', 'spec')
  const gateway = at(pod, 'containers', 0)

  await t.test('Kubernetes knows every field', async (t) => {
    const judge = kubernetesJudge(t)
    if (judge === null) return
    for (const object of documents) {
      const problems = judge(object)
      if (problems === null) t.match(object['apiVersion'], /^monitoring\.coreos\.com\//)
      else t.strictSame(problems, [], String(object['kind']))
    }
  })

  await t.test('everything is in its namespace, which refuses what asks for more', async (t) => {
    const elsewhere = documents.filter(
      (each) => each['kind'] !== 'Namespace' && at(each, 'metadata', 'namespace') !== 'sallyport',
    )
    t.strictSame(elsewhere, [])
    const labels = at(one('Namespace'), 'metadata', 'labels')
    t.equal(at(labels, 'pod-security.kubernetes.io/enforce'), 'restricted')
  })

  await t.test('pods are what the restricted standard allows, and less', async (t) => {
    t.match(at(pod, 'securityContext'), {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    t.strictSame(at(gateway, 'securityContext'), {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    })
    t.equal(at(pod, 'automountServiceAccountToken'), false)
    t.equal(at(one('ServiceAccount'), 'automountServiceAccountToken'), false)
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers'])
      t.equal(at(pod, key), undefined, key)
    for (const volume of at(pod, 'volumes') as Mapping[])
      t.ok('configMap' in volume || 'secret' in volume, 'nothing of the node')
    t.ok(at(gateway, 'resources', 'limits', 'memory'))
    t.ok(at(gateway, 'resources', 'requests', 'cpu'))
    t.notMatch(at(gateway, 'image'), /latest|^[^:]+$/)
  })

  await t.test('selectors mean the pods that there are, and nobody else', async (t) => {
    const labels = at(one('Deployment'), 'spec', 'template', 'metadata', 'labels') as object
    t.match(labels, own)
    t.strictSame(at(one('Deployment'), 'spec', 'selector', 'matchLabels'), own)
    t.strictSame(at(one('Service'), 'spec', 'selector'), own)
    t.strictSame(at(one('PodDisruptionBudget'), 'spec', 'selector', 'matchLabels'), own)
    t.strictSame(at(one('PodMonitor'), 'spec', 'selector', 'matchLabels'), own)
    t.strictSame(at(one('NetworkPolicy'), 'spec', 'podSelector', 'matchLabels'), own)
    for (const spread of at(pod, 'topologySpreadConstraints') as Mapping[])
      t.strictSame(at(spread, 'labelSelector', 'matchLabels'), own)
    t.match(at(one('HorizontalPodAutoscaler'), 'spec', 'scaleTargetRef'), {
      kind: 'Deployment',
      name: 'sallyport',
    })
    t.equal(at(one('Deployment'), 'spec', 'replicas'), undefined, 'or each apply would undo it')
  })

  await t.test('probes, the Service and Prometheus ask ports that there are', async (t) => {
    const ports = new Map(
      (at(gateway, 'ports') as Mapping[]).map((port) => [port['name'], port['containerPort']]),
    )
    t.strictSame(
      [...ports],
      [
        ['http', 8080],
        ['admin', 9090],
      ],
    )
    const { config } = load(one('ConfigMap'))
    t.equal(config.server.listen.port, ports.get('http'))
    t.equal(config.admin?.listen.port, ports.get('admin'))
    t.equal(config.admin?.listen.host, '0.0.0.0', 'probes come from the node')
    t.match(at(gateway, 'readinessProbe', 'httpGet'), { path: '/readyz', port: 'admin' })
    for (const probe of ['livenessProbe', 'startupProbe'])
      t.match(
        at(gateway, probe, 'httpGet'),
        { path: '/livez', port: 'admin' },
        'no store ends a pod',
      )
    t.equal(at(one('Service'), 'spec', 'ports', 0, 'targetPort'), 'http')
    t.equal((at(one('Service'), 'spec', 'ports') as []).length, 1, 'the admin port is no service')
    t.equal(at(one('PodMonitor'), 'spec', 'podMetricsEndpoints', 0, 'port'), 'admin')
    const backend = at(one('Ingress'), 'spec', 'rules', 0, 'http', 'paths', 0, 'backend', 'service')
    t.strictSame(backend, { name: 'sallyport', port: { name: 'http' } })
    t.equal(
      config.server.publicUrl,
      `https://${String(at(one('Ingress'), 'spec', 'rules', 0, 'host'))}`,
    )
  })

  await t.test('nobody is cut off who could still have been answered', async (t) => {
    const { drainMs, graceMs } = load(one('ConfigMap')).config.server.shutdown
    t.ok(drainMs >= 5000, 'longer than endpoints take to spread')
    const patience = Number(at(pod, 'terminationGracePeriodSeconds')) * 1000
    t.ok(patience > drainMs + graceMs + 2000)
    t.match(at(one('Deployment'), 'spec', 'strategy', 'rollingUpdate'), { maxUnavailable: 0 })
    t.ok(Number(at(one('HorizontalPodAutoscaler'), 'spec', 'minReplicas')) >= 2)
  })

  await t.test(
    'only those who have to may talk to it, and it only to those whom it has to',
    async (t) => {
      const { policyTypes, ingress, egress } = at(one('NetworkPolicy'), 'spec') as Mapping
      t.strictSame(policyTypes, ['Ingress', 'Egress'])
      const peers = (rules: unknown, key: string): unknown[] =>
        (rules as Mapping[]).flatMap((rule) => rule[key] as Mapping[])
      t.strictSame(peers(ingress, 'from'), [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/component': 'controller' } },
        },
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
        },
      ])
      t.strictSame(
        peers(ingress, 'ports').map((port) => at(port, 'port')),
        ['http', 'admin'],
      )
      t.strictSame(
        peers(egress, 'to').map((peer) =>
          Object.values(at(peer, 'podSelector', 'matchLabels') as Record<string, string>),
        ),
        [['kube-dns'], ['fastapi'], ['postgres'], ['redis']],
      )
      t.strictSame(
        peers(egress, 'ports').map((port) => at(port, 'port')),
        [53, 53, 8000, 5432, 6379],
      )
      const behind = at(one('NetworkPolicy', 'fastapi'), 'spec')
      t.strictSame(at(behind, 'podSelector', 'matchLabels'), {
        'app.kubernetes.io/name': 'fastapi',
      })
      t.strictSame(at(behind, 'ingress', 0, 'from'), [{ podSelector: { matchLabels: own } }])
    },
  )

  await t.test('its configuration and secrets arrive in a running pod', async (t) => {
    for (const mount of at(gateway, 'volumeMounts') as Mapping[]) {
      t.equal(mount['subPath'], undefined, 'which would never be brought up to date')
      t.equal(mount['readOnly'], true)
    }
    const data = at(one('Secret'), 'data') as Record<string, string>
    t.strictSame(Object.keys(data).sort(), keys)
    const given = at(gateway, 'env') as { name: string; value: string }[]
    for (const name of keys)
      t.match(
        given.find((each) => each.name === `${name}_FILE`),
        { value: `/run/secrets/sallyport/${name}` },
      )
    for (const secret of Object.values(data).map((each) => atob(each)))
      t.notOk(JSON.stringify(pod).includes(secret))
  })

  await t.test('sallyport check --strict finds nothing in it', async (t) => {
    const file = join(t.testdir({}), 'gateway.config.yaml')
    writeFileSync(file, textOf(one('ConfigMap')))
    t.match(await checkStrictly(file, env), { code: 0 })
  })

  function load(configMap: Mapping): ReturnType<typeof loadConfig> {
    const file = '/nowhere/gateway.config.yaml'
    const read = (path: string): string =>
      path === file ? textOf(configMap) : readFileSync(path, 'utf8')
    return loadConfig({ file, env, read })
  }
})

function textOf(configMap: Mapping): string {
  return String(at(configMap, 'data', 'gateway.config.yaml'))
}
