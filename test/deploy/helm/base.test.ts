import t from 'tap'
import { at, type Mapping } from '../tools.ts'
import { kustomized, one, render } from './chart.ts'

/** What the chart says more than deploy/kubernetes, and why it changes nothing: labels of the release, and settings with the value that they have when they are not said. */
function same(object: Mapping): unknown {
  const text = JSON.stringify(object, (key, value: unknown) => {
    if (key === 'app.kubernetes.io/instance' || key === 'imagePullPolicy') return undefined
    if (key === 'type' && value === 'ClusterIP') return undefined
    if (key === 'tag') return String(value)
    if (key === 'image') return String(value).replace(/:[^:]*$/, '')
    if (key === 'annotations') return withoutOwn(value as Mapping)
    if (key === 'env') return byName(value as readonly Mapping[])
    return value
  })
  const { metadata, ...rest } = JSON.parse(text) as Mapping
  return { ...rest, annotations: at(metadata, 'annotations') }
}

function withoutOwn(annotations: Mapping): Mapping | undefined {
  const others = Object.entries(annotations).filter(([name]) => name !== 'sallyport.dev/restart')
  return others.length === 0 ? undefined : Object.fromEntries(others)
}

function byName(variables: readonly Mapping[]): readonly Mapping[] {
  return variables
    .filter(({ name }) => name !== 'LOG_LEVEL')
    .sort((x, y) => String(x['name']).localeCompare(String(y['name'])))
}

t.test('the chart makes what deploy/kubernetes makes', async (t) => {
  const more = [
    ['secret.existing', 'sallyport'],
    ['config.server.trustedProxies[0]', '10.0.0.0/8'],
    ['ingress.enabled', 'true'],
    ['podMonitor.enabled', 'true'],
  ]
  const made = render(
    t,
    'minimal',
    more.flatMap(([key = '', value = '']) => ['--set', `${key}=${value}`]),
  )
  if (made === null) return
  const wanted = kustomized(
    'base/service-account.yaml',
    'base/deployment.yaml',
    'base/service.yaml',
    'base/pod-disruption-budget.yaml',
    'base/horizontal-pod-autoscaler.yaml',
    'base/network-policy.yaml',
    'components/ingress/ingress.yaml',
    'components/prometheus-operator/pod-monitor.yaml',
  )
  for (const object of wanted) {
    const [kind, name] = [String(object['kind']), String(at(object, 'metadata', 'name'))]
    const twin = one(made, kind, name === 'fastapi' ? 'sallyport-fastapi' : name)
    t.strictSame(same(twin), same(object), `${kind} ${name}`)
  }
  const kinds = wanted.map(({ kind }) => String(kind))
  t.strictSame(made.map(({ kind }) => String(kind)).sort(), [...kinds, 'ConfigMap'].sort())
})

t.test('what selects pods also names the release, so that two of them stay apart', async (t) => {
  const made = render(t, 'minimal', ['--set', 'podMonitor.enabled=true'])
  if (made === null) return
  const own = { 'app.kubernetes.io/name': 'sallyport', 'app.kubernetes.io/instance': 'sallyport' }
  const places: readonly (readonly [string, ...string[]])[] = [
    ['Deployment', 'selector', 'matchLabels'],
    ['Service', 'selector'],
    ['PodDisruptionBudget', 'selector', 'matchLabels'],
    ['NetworkPolicy', 'podSelector', 'matchLabels'],
    ['PodMonitor', 'selector', 'matchLabels'],
  ]
  for (const [kind, ...path] of places)
    t.strictSame(at(one(made, kind), 'spec', ...path), own, kind)
  t.match(at(one(made, 'Deployment'), 'spec', 'template', 'metadata', 'labels'), own)
})
