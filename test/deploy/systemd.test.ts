import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { markedBlock } from '../docs/pages.ts'
import { deploy, root, tool } from './tools.ts'

const unit = readFileSync(join(deploy, 'systemd/sallyport.service'), 'utf8')

/** The unit with the Node of this machine, and where systemd finds it. */
function place(t: Test): string {
  const file = join(t.testdir({}), 'sallyport.service')
  writeFileSync(file, unit.replaceAll('/usr/bin/node', process.execPath))
  return file
}

function valuesOf(key: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

t.test('systemd understands every line', async (t) => {
  const said = tool(t, 'systemd-analyze', ['verify', '--man=no', place(t)], { package: 'systemd' })
  if (said === null) return
  t.match(said, { code: 0, out: '', err: '' })
})

t.test('the drop-in for ports below 1024 is one', async (t) => {
  const file = place(t)
  mkdirSync(`${file}.d`)
  writeFileSync(join(`${file}.d`, 'port.conf'), markedBlock('docs/deploy.md', 'systemd'))
  const said = tool(t, 'systemd-analyze', ['verify', '--man=no', file], { package: 'systemd' })
  if (said === null) return
  t.match(said, { code: 0, out: '', err: '' })
})

t.test('systemd finds little that it could still be kept from', async (t) => {
  const args = ['security', '--offline=yes', '--threshold=15', '--no-pager', place(t)]
  const said = tool(t, 'systemd-analyze', args, { package: 'systemd' })
  if (said === null) return
  t.equal(said.code, 0, said.out)
  t.match(said.out, /Overall exposure level for sallyport\.service: 1\.\d/)
})

t.test('it runs what there is, and secrets are in no line of it', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  t.match(scripts['build:gateway'], 'tsconfig.build.json')
  t.ok(existsSync(join(root, 'src/sallyport.js')), 'which the build copies to dist')
  for (const line of [...valuesOf('ExecStartPre'), ...valuesOf('ExecStart')])
    t.match(line, /^\/usr\/bin\/node \/opt\/sallyport\/dist\/sallyport\.js (?:check|start)$/)
  const given = valuesOf('Environment').filter((line) => /SECRET/.test(line))
  t.equal(given.length, 2)
  for (const line of given) {
    const [name = '', value = ''] = line.split('=')
    t.match(name, /_FILE$/)
    const credential = value.replace('%d/', '')
    t.ok(
      valuesOf('LoadCredential').some((each) => each.startsWith(`${credential}:/etc/sallyport/`)),
    )
  }
  t.strictSame(valuesOf('DynamicUser'), ['yes'])
  t.strictSame(valuesOf('MemoryDenyWriteExecute'), [], 'V8 could not run')
})
