import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { minimal, root, run } from '../cli/run.ts'

const open = minimal.replace('upstream: api }', 'upstream: api, auth: none }')
const program = join(root, 'src/sallyport.js')

t.test('json holds everything, and the exit code says whether anything loosens', async (t) => {
  const folder = t.testdir({ 'a.yaml': minimal, 'b.yaml': open })
  const { code, out } = await run(folder, ['diff', 'a.yaml', 'b.yaml', '--format', 'json'])
  t.equal(code, 1)
  t.strictSame(JSON.parse(out), {
    loosens: true,
    restart: [],
    changes: [
      {
        kind: 'loosens',
        id: 'auth=none /api/*',
        key: 'auth',
        where: '/api/*',
        message: '`/api/*` becomes public (was: required)',
        restart: false,
        accepted: false,
      },
    ],
  })
  t.match(await run(folder, ['diff', 'b.yaml', 'a.yaml']), { code: 0, out: /^tightens/ })
  t.match(await run(folder, ['diff', 'a.yaml', 'a.yaml']), {
    code: 0,
    out: 'nothing that means anything is different\n',
  })
})

t.test('what is meant is accepted by its id, on the line or in a file', async (t) => {
  const folder = t.testdir({
    'a.yaml': minimal,
    'b.yaml': open,
    'accepted.txt': '# agreed on\nauth=none /api/* # by us\n\nauth=none /old/*\n',
  })
  const diff = ['diff', 'a.yaml', 'b.yaml']
  t.match(await run(folder, [...diff, '--accept', 'auth=none /api/*']), { code: 0, err: '' })
  t.match(await run(folder, [...diff, '--accept', 'x', '--accept', 'auth=none /api']), { code: 1 })
  t.match(await run(folder, [...diff, '--accept-file', 'accepted.txt']), {
    code: 0,
    out: /^accepted /,
    err: 'accepted, but nothing loosens so: auth=none /old/*\n',
  })
  t.match(await run(folder, [...diff, '--accept-file', 'nowhere']), {
    code: 1,
    err: /cannot be read/,
  })
})

t.test('github gets annotations that no name can break out of', async (t) => {
  const folder = t.testdir({ 'a.yaml': minimal, 'b,c.yaml': `${open}pages: { name: "50% ::off" }` })
  const { out } = await run(folder, ['diff', 'a.yaml', 'b,c.yaml', '--format', 'github'])
  const [first, second] = out.split('\n')
  t.equal(
    first,
    '::error file=b%2Cc.yaml,title=sallyport%3A loosens::`/api/*` becomes public (was: required)%0Aaccept: auth=none /api/*',
  )
  t.equal(
    second,
    '::notice file=b%2Cc.yaml,title=sallyport%3A changes::`pages.name` from none to 50%25 ::off',
  )
})

t.test(
  'one side may come from standard input, with the .env and the folder of the other',
  async (t) => {
    const folder = t.testdir({
      '.env': 'LIMIT=2MB\n',
      'gateway.config.yaml':
        `${minimal}defaults: { bodyLimit: "\${LIMIT}" }\nauth: { signUp: open, database: "sqlite:./x.db" }`.replace(
          'auth: { signUp: open }\n',
          '',
        ),
    })
    const git = (input: string) =>
      spawnSync(process.execPath, [program, 'diff', '-'], { cwd: folder, input, encoding: 'utf8' })
    const old =
      `${minimal}defaults: { bodyLimit: "\${LIMIT:-9MB}" }\nauth: { signUp: open, database: "sqlite:./x.db" }`.replace(
        'auth: { signUp: open }\n',
        '',
      )
    t.match(git(old), { status: 0, stdout: /^nothing that means anything/ })
    t.match(git('routes: []'), { status: 1, stderr: /^standard input:1:/ })
    t.match(await run(folder, ['diff', '-', '-']), { code: 2, err: /only one of the two/ })
    t.match(await run(folder, ['diff']), { code: 2 })
    t.match(await run(folder, ['diff', 'nowhere.yaml']), {
      code: 1,
      err: /nowhere\.yaml cannot be read: ENOENT/,
    })
  },
)

t.test('a variable without a value stops nothing, whatever it stands for', async (t) => {
  const file = `server: { listen: "\${LISTEN}", publicUrl: "\${ORIGIN}" }
auth: { signUp: open, database: "\${DATABASE:?say where}", session: { lifetime: "\${LIFETIME}" } }
redis: \${REDIS}
upstreams: { api: "\${FASTAPI}" }
routes: [{ match: { path: /api/* }, upstream: api, bodyLimit: "\${LIMIT}" }]
`
  const folder = t.testdir({ 'a.yaml': file, 'b.yaml': file.replace('/api/*', '/other/*') })
  const { code, out, err } = await run(folder, ['diff', 'a.yaml', 'b.yaml'], {})
  t.equal(code, 0)
  t.match(out, '`/api/*` is no longer served')
  t.match(out, /^2 changes, nothing loosens$/m)
  t.equal(err.match(/is not set: taken to be the same/g)?.length, 9)
})

t.test('what else is wrong is said with the name of the file', async (t) => {
  const folder = t.testdir({ 'a.yaml': minimal, sub: { 'b.yaml': `${minimal}nonsense: 1\n` } })
  t.match(await run(folder, ['diff', 'a.yaml', 'sub/b.yaml'], {}), {
    code: 1,
    out: '',
    err: /^sub\/b\.yaml:\d+:1 nonsense: unknown key/,
  })
})

t.test('--help says what the exit codes are', async (t) => {
  const help = execFileSync(process.execPath, [program, 'diff', '--help'], { encoding: 'utf8' })
  t.match(help, /--accept <id>/)
  t.match(help, /Exit codes: 0 done, 1 found a problem, 2 wrong usage/)
})
