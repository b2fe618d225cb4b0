import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { markedBlock } from '../../docs/pages.ts'
import { run } from '../../cli/run.ts'
import { at, deploy, documentsOf, root, tool } from '../tools.ts'
import { chart, helm, installations, one, podOf } from './chart.ts'

/** Programs that only say what they were asked. */
const stand = `kubectl() { echo "kubectl $*"; }; helm() { echo "helm $*"; };`

t.test('what docs/deploy.md says to type installs what it shows', async (t) => {
  const folder = t.testdir({ 'values.yaml': markedBlock('docs/deploy.md', 'helmvalues') })
  symlinkSync(deploy, join(folder, 'deploy'))
  const block = markedBlock('docs/deploy.md', 'helm')
  const typed = tool(t, 'bash', ['-euc', `${stand}\n${block}`], { cwd: folder })
  if (typed === null) return
  t.equal(typed.code, 0, typed.err)
  const asked = typed.out.trim().split('\n')
  const [command = '', ...more] = asked.filter((line) => line.startsWith('helm '))
  t.strictSame(more, [])
  const [, flags] =
    /^helm upgrade --install sallyport deploy\/helm\/sallyport (.*)$/.exec(command) ?? []
  const values = join(folder, 'values.yaml')
  const args = String(flags).replace('values.yaml', values).split(' ')
  const said = helm(t, ['template', 'sallyport', chart, ...args])
  if (said === null) return
  t.equal(said.code, 0, said.err)
  const documents = documentsOf(said.out)
  t.equal(at(one(documents, 'Deployment'), 'metadata', 'namespace'), 'sallyport')
  const secret = at(podOf(documents), 'volumes', 1, 'secret', 'secretName')
  t.ok(
    asked.includes(
      `kubectl --namespace sallyport create secret generic ${String(secret)} --from-file secrets`,
    ),
  )
  const files = (at(podOf(documents), 'containers', 0, 'env') as { name: string; value: string }[])
    .map(({ value }) => /^\/run\/secrets\/sallyport\/(\w+)$/.exec(value)?.[1])
    .filter((key) => key !== undefined)
  t.strictSame(readdirSync(join(folder, 'secrets')).sort(), files.sort())
})

t.test('its notes name commands that there are, and tell no secret', async (t) => {
  for (const name of installations) {
    const file = join(import.meta.dirname, `values/${name}.yaml`)
    const flags = ['--dry-run=client', '--namespace', 'team', '--values', file]
    const said = helm(t, ['install', 'sallyport', chart, ...flags])
    if (said === null) return
    t.equal(said.code, 0, said.err)
    const notes = said.out.split('\nNOTES:\n')[1] ?? ''
    t.match(notes, 'kubectl --namespace team rollout status deploy/sallyport')
    t.match(notes, 'kubectl --namespace team port-forward deploy/sallyport 9090')
    t.notMatch(notes, /<no value>|%!/)
    const commands = [...notes.matchAll(/node dist\/sallyport\.js (\w+)/g)].map(
      ([, word = '']) => word,
    )
    t.ok(commands.includes('doctor') && commands.includes('explain'))
    for (const word of new Set(commands))
      t.match(await run(root, [word, '--help']), { code: 0 }, word)
    const given = parse(readFileSync(file, 'utf8')) as {
      secret: { values?: Record<string, string> }
    }
    for (const [key, secret] of Object.entries(given.secret.values ?? {}))
      t.notOk(notes.includes(secret), key)
  }
})
