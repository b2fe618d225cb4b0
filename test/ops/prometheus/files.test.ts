import t from 'tap'
import { expressionsOf, readAlerts, readDashboard } from './files.ts'
import { promtool } from './programs.ts'

t.test('promtool accepts the configuration, the alerts and what is expected of them', async (t) => {
  for (const args of [
    ['check', 'config', 'deploy/prometheus/prometheus.yml'],
    ['check', 'rules', 'deploy/prometheus/alerts.yaml'],
    ['test', 'rules', 'deploy/prometheus/alerts.test.yaml'],
  ]) {
    const said = promtool(t, args)
    if (said !== null) t.match(said, /SUCCESS/, args.join(' '))
  }
})

t.test('promtool can read every expression of the dashboard', async (t) => {
  const rules = [...expressionsOf(readDashboard()).values()].map((expr, index) => ({
    record: `panel:expression:${index}`,
    expr,
  }))
  const file = t.testdir({
    'rules.yaml': JSON.stringify({ groups: [{ name: 'dashboard', rules }] }),
  })
  const said = promtool(t, ['check', 'rules', `${file}/rules.yaml`])
  if (said !== null) t.match(said, new RegExp(`${rules.length} rules found`))
})

t.test('the dashboard loads as it is', async (t) => {
  const { uid, panels, templating } = readDashboard()
  t.equal(uid, 'sallyport')
  t.strictSame(
    templating.list.map(({ name, type }) => [name, type]),
    [
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
      ['route', 'query'],
    ],
  )
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'ids are unique')
  for (const { title, type, datasource, targets = [], gridPos } of panels) {
    t.ok(gridPos.x + gridPos.w <= 24, title)
    if (type === 'row') continue
    t.ok(targets.length > 0, title)
    const sources = [datasource?.uid, ...targets.map((target) => target.datasource.uid)]
    t.strictSame([...new Set(sources)], ['${datasource}'], title)
  }
  const seats = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_each, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
  )
  t.equal(new Set(seats).size, seats.length, 'no panel lies on another')
})

t.test('every alert says what has happened and what it means', async (t) => {
  const alerts = readAlerts()
  t.ok(alerts.length > 10)
  for (const { alert, annotations } of alerts) {
    t.match(annotations, { summary: /\w/, description: /\w/ }, alert)
  }
})
