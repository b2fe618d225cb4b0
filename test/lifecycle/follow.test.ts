import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { follow, type Follower } from '../../src/lifecycle/follow.ts'
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts'
import { StartupError } from '../../src/errors/startup.ts'
import { minimal, secrets } from '../cli/run.ts'

interface Followed {
  readonly follower: Follower
  readonly applied: readonly LoadedConfig[]
  readonly refused: readonly string[]
  /** Resolves when so many changes have been applied or refused. */
  readonly settled: (count: number) => Promise<void>
}

function start(
  t: Test,
  folder: string,
  options: {
    env?: Record<string, string>
    apply?: (loaded: LoadedConfig) => void | Promise<void>
  } = {},
): Followed {
  const applied: LoadedConfig[] = []
  const refused: string[] = []
  let count = 0
  const { env = secrets, apply } = options
  const follower = follow({
    load: (read) => loadConfig({ file: join(folder, 'gateway.config.yaml'), env, read }),
    apply: async (loaded) => {
      await apply?.(loaded)
      applied.push(loaded)
    },
    onApplied: () => (count += 1),
    onRefused: (reason) => {
      refused.push(reason)
      count += 1
    },
  })
  t.teardown(() => follower.stop())
  const settled = async (wanted: number): Promise<void> => {
    while (count < wanted) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { follower, applied, refused, settled }
}

t.test('a changed file is applied, a broken one is refused once', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': minimal })
  const file = join(folder, 'gateway.config.yaml')
  const { applied, refused, settled } = start(t, folder)
  writeFileSync(file, minimal.replace('/api/*', '/v2/*'))
  await settled(1)
  t.strictSame(applied[0]?.config.routes[0]?.match.paths, ['/v2/*'])
  writeFileSync(file, `${minimal}\nrubbish: 1\n`)
  await settled(2)
  t.match(refused, [/gateway\.config\.yaml:8:1 rubbish: /])
  writeFileSync(file, minimal)
  await settled(3)
  t.equal(applied.length, 2)
  t.equal(refused.length, 1)
})

t.test('a change of .env is a change, also when the file is new', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': minimal.replace('/api/*', '"${WHERE:-/here}"'),
  })
  const { applied, settled } = start(t, folder)
  writeFileSync(join(folder, '.env'), 'WHERE=/there\n')
  await settled(1)
  t.strictSame(applied[0]?.config.routes[0]?.match.paths, ['/there'])
})

t.test('a secret that is mounted as a file is followed, and not repeated', async (t) => {
  const next = 'Zt5Wq8Hc2Nx7Rb4Ym9Kd3Vf6Lj1Ps0GuA-next'
  const folder = t.testdir({ 'gateway.config.yaml': minimal, jwt: secrets.JWT_SECRET })
  const env = { BETTER_AUTH_SECRET: secrets.BETTER_AUTH_SECRET, JWT_SECRET_FILE: './jwt' }
  const { applied, refused, settled } = start(t, folder, { env })
  writeFileSync(join(folder, 'jwt'), next)
  await settled(1)
  t.strictSame(applied[0]?.config.bearer.secrets, [next])
  writeFileSync(join(folder, 'jwt'), 'short')
  await settled(2)
  t.match(refused, [/bearer\.secret/])
  t.notMatch(refused.join(), next)
})

t.test('the swap of a symbolic link, as Kubernetes mounts a ConfigMap, is seen', async (t) => {
  const folder = t.testdir({
    one: { 'gateway.config.yaml': minimal },
    two: { 'gateway.config.yaml': minimal.replace('/api/*', '/v2/*') },
  })
  symlinkSync('one', join(folder, '..data'))
  mkdirSync(join(folder, 'mount'))
  symlinkSync('../..data/gateway.config.yaml', join(folder, 'mount/gateway.config.yaml'))
  const { applied, settled } = start(t, join(folder, 'mount'))
  symlinkSync('two', join(folder, '..next'))
  renameSync(join(folder, '..next'), join(folder, '..data'))
  await settled(1)
  t.strictSame(applied[0]?.config.routes[0]?.match.paths, ['/v2/*'])
})

t.test('what cannot be applied is said, and asking again applies it again', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': minimal })
  let isPossible = false
  const { follower, applied, refused } = start(t, folder, {
    apply: () => {
      if (!isPossible) throw new StartupError('only a restart can change admin')
    },
  })
  await follower.reload()
  t.strictSame(refused, ['only a restart can change admin'])
  isPossible = true
  await Promise.all([follower.reload(), follower.reload()])
  t.equal(applied.length, 2)
})

t.test('a change that takes long to apply is applied once', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': minimal })
  let attempts = 0
  const { settled } = start(t, folder, {
    apply: async () => {
      attempts += 1
      await new Promise((resolve) => setTimeout(resolve, 1500))
    },
  })
  writeFileSync(join(folder, 'gateway.config.yaml'), minimal.replace('/api/*', '/v2/*'))
  await settled(1)
  await new Promise((resolve) => setTimeout(resolve, 1200))
  t.equal(attempts, 1)
})
