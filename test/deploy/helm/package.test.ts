import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { findProgram } from '../../helper/servers/installed.ts'
import { at, deploy, root } from '../tools.ts'
import { chart, helm, one, render } from './chart.ts'

t.test('a package holds the chart and nothing else, in real files', async (t) => {
  const folder = t.testdir({})
  const said = helm(t, ['package', chart, '--destination', folder])
  if (said === null) return
  t.equal(said.code, 0, said.err)
  const [archive = '', ...others] = globSync('*.tgz', { cwd: folder })
  t.strictSame(others, [])
  t.equal(archive, `sallyport-${versions().version}.tgz`)
  const listed = execFileSync('tar', ['-tzf', join(folder, archive)], { encoding: 'utf8' })
  const files = globSync('**/*', { cwd: chart }).filter((file) =>
    statSync(join(chart, file)).isFile(),
  )
  const wanted = files.map((file) => `sallyport/${file}`)
  t.strictSame(listed.trim().split('\n').sort(), wanted.sort())
  for (const needed of [
    ...['Chart.yaml', 'README.md', 'values.yaml', 'values.schema.json'],
    ...['files/alerts.yaml', 'files/dashboard.json', 'templates/NOTES.txt'],
  ])
    t.ok(files.includes(needed), needed)
})

t.test('the chart starts this version of the gateway', async (t) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  t.equal(versions().appVersion, version)
})

function versions(): { readonly version: string; readonly appVersion: string } {
  const text = readFileSync(join(chart, 'Chart.yaml'), 'utf8')
  return parse(text) as { readonly version: string; readonly appVersion: string }
}

t.test('its alerts are those of deploy/prometheus, and promtool reads them', async (t) => {
  const documents = render(t, 'full')
  if (documents === null) return
  const { spec, metadata } = one(documents, 'PrometheusRule')
  const text = readFileSync(join(deploy, 'prometheus/alerts.yaml'), 'utf8')
  t.strictSame(spec, parse(text))
  t.match(at(metadata, 'labels'), { release: 'prometheus' })
  const promtool = findProgram('promtool', [])
  if (promtool === null) return
  const file = join(t.testdir({}), 'rules.json')
  writeFileSync(file, JSON.stringify(spec))
  t.match(execFileSync(promtool, ['check', 'rules', file], { encoding: 'utf8' }), /SUCCESS/)
})

t.test('its alerts watch the job that its PodMonitor makes', async (t) => {
  const documents = render(t, 'full')
  if (documents === null) return
  const label = String(at(one(documents, 'PodMonitor'), 'spec', 'jobLabel'))
  const pod = at(one(documents, 'Deployment'), 'spec', 'template', 'metadata', 'labels')
  const job = String(at(pod, label))
  const rules = at(one(documents, 'PrometheusRule'), 'spec', 'groups', 0, 'rules') as object[]
  const watched = rules.map((rule) => /up\{job=~"([^"]+)"\}/.exec(String(at(rule, 'expr')))?.[1])
  const [pattern = ''] = watched.filter((each) => each !== undefined)
  t.match(job, new RegExp(`^(?:${pattern})$`))
})

t.test('its dashboard is that of deploy/grafana, to the byte', async (t) => {
  const documents = render(t, 'full')
  if (documents === null) return
  const text = String(
    at(one(documents, 'ConfigMap', 'sallyport-dashboard'), 'data', 'sallyport.json'),
  )
  t.equal(text.trim(), readFileSync(join(deploy, 'grafana/dashboard.json'), 'utf8').trim())
})
