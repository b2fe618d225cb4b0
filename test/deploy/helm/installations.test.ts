import t from 'tap'
import { kubernetesJudge } from '../openapi.ts'
import { at, type Mapping } from '../tools.ts'
import { chart, helm, installations, one, podOf, render, template } from './chart.ts'

for (const name of installations) {
  t.test(`${name}: helm lint --strict finds nothing`, async (t) => {
    const file = new URL(`values/${name}.yaml`, import.meta.url).pathname
    const said = helm(t, ['lint', '--strict', '--quiet', chart, '--values', file])
    if (said !== null) t.equal(said.code, 0, said.out + said.err)
  })

  t.test(`${name}: Kubernetes knows every field`, async (t) => {
    const judge = kubernetesJudge(t)
    const documents = render(t, name)
    if (documents === null || judge === null) return
    const foreign = /^(?:monitoring\.coreos\.com|gateway\.networking\.k8s\.io)\//
    for (const object of documents) {
      const problems = judge(object)
      if (problems === null) t.match(object['apiVersion'], foreign)
      else t.strictSame(problems, [], String(object['kind']))
    }
  })

  t.test(`${name}: pods are what the restricted standard allows, and less`, async (t) => {
    const documents = render(t, name)
    if (documents === null) return
    const pod = podOf(documents)
    t.match(at(pod, 'securityContext'), {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    t.strictSame(at(pod, 'containers', 0, 'securityContext'), {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    })
    t.equal(at(pod, 'automountServiceAccountToken'), false)
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers'])
      t.equal(at(pod, key), undefined, key)
    for (const mount of at(pod, 'containers', 0, 'volumeMounts') as Mapping[])
      t.equal(mount['subPath'], undefined, 'which would never be brought up to date')
    t.equal((at(one(documents, 'Service'), 'spec', 'ports') as []).length, 1, 'no admin port')
    const elsewhere = documents.filter((each) => at(each, 'metadata', 'namespace') !== 'sallyport')
    t.strictSame(elsewhere, [])
  })

  t.test(`${name}: rendered twice it is the same, so that nothing is made up`, async (t) => {
    const [first, second] = [template(t, name), template(t, name)]
    if (first === null || second === null) return
    t.ok(first.out.length > 1000)
    t.equal(first.out, second.out)
  })
}

t.test('SQLite: one pod with a volume that outlives it, replaced and not doubled', async (t) => {
  const documents = render(t, 'sqlite')
  if (documents === null) return
  const deployment = one(documents, 'Deployment')
  t.equal(at(deployment, 'spec', 'replicas'), 1)
  t.strictSame(at(deployment, 'spec', 'strategy'), { type: 'Recreate' })
  const claim = one(documents, 'PersistentVolumeClaim')
  t.equal(at(claim, 'metadata', 'annotations', 'helm.sh/resource-policy'), 'keep')
  t.match(at(podOf(documents), 'volumes', 2), {
    persistentVolumeClaim: { claimName: at(claim, 'metadata', 'name') },
  })
  t.match(at(podOf(documents), 'containers', 0, 'volumeMounts', 2), { mountPath: '/app/data' })
})

t.test('who is not named may not talk to it', async (t) => {
  const ports = (documents: readonly Mapping[]): unknown =>
    (at(one(documents, 'NetworkPolicy'), 'spec', 'ingress') as Mapping[]).map((rule) => [
      (rule['from'] as []).length,
      at(rule, 'ports', 0, 'port'),
    ])
  const sqlite = render(t, 'sqlite')
  const nobody = render(t, 'minimal', [
    ...['--set-json', 'networkPolicy.clients=[]'],
    ...['--set-json', 'networkPolicy.prometheus=[]'],
  ])
  if (sqlite === null || nobody === null) return
  t.strictSame(ports(sqlite), [[1, 'http']])
  t.strictSame(ports(nobody), [])
})

t.test('a digest counts before a tag, and pods are asked for as often as is said', async (t) => {
  const documents = render(t, 'full')
  if (documents === null) return
  t.match(
    at(podOf(documents), 'containers', 0, 'image'),
    /^registry\.example\.com\/team\/sallyport@sha256:[0-9a-f]{64}$/,
  )
  t.equal(at(one(documents, 'Deployment'), 'spec', 'replicas'), undefined)
  t.match(at(one(documents, 'HorizontalPodAutoscaler'), 'spec'), {
    minReplicas: 3,
    maxReplicas: 12,
  })
  t.equal(at(podOf(documents), 'terminationGracePeriodSeconds'), 78, 'drain, grace and 10 s')
  t.match(at(one(documents, 'Ingress'), 'metadata', 'annotations'), {
    'cert-manager.io/cluster-issuer': 'letsencrypt',
    'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
  })
})
