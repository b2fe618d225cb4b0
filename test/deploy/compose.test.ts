import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { freePort, hasProgram } from '../helper/program.ts'
import { at, checkStrictly, deploy, tool, type Mapping } from './tools.ts'

type Service = Mapping & { readonly networks: Mapping }

/** The folder as a checkout has it, with the secrets that the script makes. */
function copy(t: Test): { readonly file: string; readonly secrets: string } {
  const folder = join(t.testdir({}), 'deploy')
  mkdirSync(join(folder, 'demo'), { recursive: true })
  for (const each of ['compose.yaml', 'compose'])
    cpSync(join(deploy, each), join(folder, each), { recursive: true })
  const made = tool(t, 'sh', ['compose/secrets.sh'], { cwd: folder })
  t.match(made, { code: 0, out: '', err: '' })
  return { file: join(folder, 'compose.yaml'), secrets: join(folder, 'compose/secrets') }
}

t.test('the secrets are made once, for this folder alone', async (t) => {
  const { file, secrets } = copy(t)
  const read = (): string[] =>
    Object.values(
      at(parse(readFileSync(file, 'utf8')), 'secrets') as Record<string, { file: string }>,
    ).map((each) => readFileSync(join(file, '..', each.file), 'utf8'))
  const before = read()
  t.equal(new Set(before).size, 4)
  for (const each of before) t.match(each, /^[0-9a-f]{64}$/)
  t.equal(statSync(secrets).mode & 0o777, 0o700)
  tool(t, 'sh', ['compose/secrets.sh'], { cwd: join(file, '..') })
  t.strictSame(read(), before, 'what is there is kept')
})

t.test(
  'Compose understands every line, and services have what they need and no more',
  async (t) => {
    const { file } = copy(t)
    const said = tool(t, 'docker-compose', ['--file', file, 'config'])
    if (said === null) return
    t.equal(said.code, 0, said.err)
    const { services, networks, secrets } = parse(said.out) as {
      services: Record<string, Service>
      networks: Record<string, Mapping>
      secrets: Record<string, Mapping>
    }
    t.strictSame(Object.keys(services).sort(), ['fastapi', 'gateway', 'postgres', 'redis'])
    for (const [name, service] of Object.entries(services)) {
      t.equal(service['read_only'], true, name)
      t.strictSame(service['cap_drop'], ['ALL'], name)
      t.strictSame(service['security_opt'], ['no-new-privileges:true'], name)
      t.ok(at(service, 'deploy', 'resources', 'limits', 'memory'), name)
      t.match(service['image'], /:\d+\.\d+/, `${name} is pinned`)
      t.notOk('privileged' in service || 'network_mode' in service || 'pid' in service, name)
      t.equal('ports' in service, name === 'gateway', `${name} is published, or is not`)
      t.strictSame(
        Object.keys(service.networks),
        name === 'gateway' ? ['back', 'front'] : ['back'],
        name,
      )
      t.notMatch(
        JSON.stringify(service['environment']),
        /[0-9a-f]{64}/,
        `${name} is told no secret`,
      )
      const isOurs = name === 'gateway' || name === 'fastapi'
      t.ok(isOurs || at(service, 'healthcheck', 'test'), `${name} says how it is`)
    }
    t.equal(networks['back']?.['internal'], true)
    t.strictSame(
      at(services, 'gateway', 'ports'),
      ['127.0.0.1:8080:8080/tcp'],
      'for this machine alone',
    )
    const used = Object.values(services).flatMap((each) => each['secrets'] as { source: string }[])
    t.strictSame([...new Set(used.map(({ source }) => source))].sort(), Object.keys(secrets).sort())
  },
)

t.test('the gateway finds its configuration, and check --strict finds nothing in it', async (t) => {
  const { file, secrets } = copy(t)
  const { services } = parse(readFileSync(file, 'utf8')) as { services: Record<string, Mapping> }
  const given = at(services, 'gateway', 'environment') as Record<string, string>
  const files = Object.entries(given)
    .filter(([name]) => name.endsWith('_FILE'))
    .map(([name, path]) => [name, path.replace('/run/secrets', secrets)] as const)
  t.equal(files.length, 4)
  const config = join(file, '..', 'compose/config/gateway.config.yaml')
  t.equal(given['SALLYPORT_CONFIG'], '/etc/sallyport/gateway.config.yaml')
  t.strictSame(at(services, 'gateway', 'volumes'), ['./compose/config:/etc/sallyport:ro'])
  t.match(await checkStrictly(config, Object.fromEntries(files)), { code: 0 })
})

t.test('Redis starts as it is told to, and wants its password', async (t) => {
  if (!hasProgram(t, 'redis-server', ['--version'])) return
  const { file, secrets } = copy(t)
  const { services } = parse(readFileSync(file, 'utf8')) as { services: Record<string, Mapping> }
  const data = join(file, '..', 'data')
  mkdirSync(data)
  const here = (text: string): string =>
    text.replaceAll('$$', '$').replaceAll('/run/secrets', secrets).replaceAll('/data', data)
  const [shell = '', ...args] = (at(services, 'redis', 'entrypoint') as string[]).map(here)
  const port = await freePort()
  const only = `--bind 127.0.0.1 --port ${port} --dir ${data}`
  const script = (args[1] ?? '').replace('redis.conf --', `redis.conf ${only} --`)
  const server = spawn(shell, ['-c', script], { stdio: 'ignore' })
  const ended = once(server, 'exit')
  t.teardown(async () => {
    server.kill('SIGKILL')
    await ended
  })
  const probe = (at(services, 'redis', 'healthcheck', 'test') as string[])[1] ?? ''
  const healthy = here(probe).replace('redis-cli', `redis-cli -p ${port}`)
  let isUp = false
  for (let patience = 200; patience > 0 && !isUp; patience -= 1)
    isUp = tool(t, 'sh', ['-c', healthy], { package: 'redis-tools' })?.code === 0
  t.ok(isUp, 'its health check says so')
  t.match(tool(t, 'redis-cli', ['-p', String(port), 'ping'])?.out, /NOAUTH/)
  server.kill('SIGTERM')
  const [code] = (await ended) as [number | null]
  t.equal(code, 0, 'and SIGTERM reaches it')
})
