import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startFastApi } from '../fastapi/python.ts'
import { freePort } from '../helper/program.ts'
import { datedCertificates, passOn, serve, serveSockets } from './servers.ts'
import { allSound, onlyWrong, setUp, type SetUp } from './set-up.ts'

// The demo application, unchanged, with one thing broken at a time.

const app = await startFastApi(t)
if (app !== null) await breakIt(app.url)

async function breakIt(url: string): Promise<void> {
  const sound = await setUp(t, { upstreams: `{ api: "${url}" }` })
  await sound.migrate()
  t.test('a sound set-up is sound, and is left as it was', async (t) => {
    const before = filesOf(sound.folder)
    allSound(t, await sound.look(), [
      'configuration',
      'secrets',
      'files',
      'node',
      'packages',
      'upstream api',
      'token api',
      'clock api',
      'proxy headers api',
      'auth database',
      'auth schema',
    ])
    t.strictSame(filesOf(sound.folder), before)
  })
  breakTokens(sound)
  breakConnection(sound)
  breakClock(sound, url)
  breakCertificates(sound, url)
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name !== 'gateway.config.yaml')
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name))
      return `${name} ${size} ${mtimeMs}`
    })
}

function breakTokens({ look }: SetUp): void {
  t.test('another secret than that of FastAPI', async (t) => {
    const env = {
      BETTER_AUTH_SECRET: 'q7Vn2wL9xRk4Tz8mBc3Fd6Hj1Yp5Ns0G-auth',
      JWT_SECRET: 'Zu8Ky3Wd6Qe1Xn5Vb9Mt4Rc7Lp2Hf0Js-other',
    }
    onlyWrong(t, await look({ env }), {
      name: 'token api',
      verdict: 'problem',
      seen: /^FastAPI refuses our token at \/api\/me: wrong secret \(401 "Could not validate credentials"\)$/,
      advice: /^Give bearer\.secret the value with which FastAPI verifies; .*--user/,
    })
  })

  t.test('a secret that FastAPI does not have yet', async (t) => {
    const bearer = '{ secret: ["${NEW}", "${JWT_SECRET}"] }'
    const env = {
      BETTER_AUTH_SECRET: 'q7Vn2wL9xRk4Tz8mBc3Fd6Hj1Yp5Ns0G-auth',
      JWT_SECRET: 'm4Xc8bZr2Kq9Wt7Lf3Vn6Jh1Pd5Gs0Y-bearer',
      NEW: 'Zu8Ky3Wd6Qe1Xn5Vb9Mt4Rc7Lp2Hf0Js-other',
    }
    onlyWrong(t, await look({ changes: { bearer }, env }), {
      name: 'token api',
      verdict: 'problem',
      seen: /it verifies with secret 2 of bearer\.secret, and the first signs$/,
      advice: /^Give FastAPI the first secret of the list/,
    })
  })

  t.test('a profile that is not that of FastAPI', async (t) => {
    const identity = '{ token: { profile: fastapi-users } }'
    onlyWrong(t, await look({ changes: { identity } }), {
      name: 'token api',
      verdict: 'problem',
      seen: /it expects the profile default, and identity\.token\.profile is fastapi-users$/,
      advice: /^Set identity\.token\.profile: default\.$/,
    })
  })

  t.test('no token, where FastAPI asks for one', async (t) => {
    onlyWrong(t, await look({ changes: { identity: '{ token: none }' } }), {
      name: 'token api',
      verdict: 'problem',
      seen: /X-User-Id alone at \/api\/me \(401 "Not authenticated"\), and identity\.token is none$/,
      advice: /^Remove identity\.token: none/,
    })
  })

  t.test('a path that is open to everybody proves nothing', async (t) => {
    onlyWrong(t, await look({ paths: { api: '/health' } }), {
      name: 'token api',
      verdict: 'problem',
      seen: /^\/health is not protected: FastAPI answers 200/,
      advice: /--path/,
    })
  })
}

function breakConnection({ look }: SetUp): void {
  const upstream = (origin: string) => ({ upstreams: `{ api: "${origin}" }` })

  t.test('FastAPI does not run', async (t) => {
    const findings = await look({ changes: upstream(`http://127.0.0.1:${await freePort()}`) })
    onlyWrong(t, findings, {
      name: 'upstream api',
      verdict: 'problem',
      seen: /^nothing listens there$/,
      advice: /^See that FastAPI runs, and that upstreams\.api is its address: http:\/\/127/,
    })
    const rest = findings.filter(({ name }) => / api$/.test(name) && name !== 'upstream api')
    t.match(rest, [{ verdict: 'skipped' }, { verdict: 'skipped' }, { verdict: 'skipped' }])
  })

  t.test('a name that does not resolve', async (t) => {
    onlyWrong(t, await look({ changes: upstream('http://fastapi.invalid:8000') }), {
      name: 'upstream api',
      verdict: 'problem',
      seen: /^its name (?:does not resolve|cannot be looked up at the moment)$/,
      advice: /fastapi\.invalid/,
    })
  })

  t.test('something else than FastAPI', async (t) => {
    const origin = await serve(t, (_request, response) => {
      response.writeHead(404, { server: 'nginx/1.22\u009b31m' }).end('<h1>Not Found</h1>')
    })
    onlyWrong(t, await look({ changes: upstream(origin) }), {
      name: 'upstream api',
      verdict: 'warning',
      seen: /^something answers in \d+ ms that does not look like FastAPI \(server: nginx\/1\.22 ?31m\)$/,
      advice: /^See that upstreams\.api is the address of uvicorn/,
    })
  })

  t.test('something that speaks no HTTP', async (t) => {
    const origin = await serveSockets(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'))
    onlyWrong(t, await look({ changes: upstream(origin) }), {
      name: 'upstream api',
      verdict: 'problem',
      seen: /what answers does not speak HTTP$/,
      advice: /the port on which uvicorn listens/,
    })
  })

  t.test('a FastAPI that hangs', async (t) => {
    const origin = await serveSockets(t, (socket) => socket.resume())
    onlyWrong(t, await look({ changes: upstream(origin), stepMs: 2000 }), {
      name: 'upstream api',
      verdict: 'problem',
      seen: /^it takes connections at http:\S+ and does not answer: no answer in time$/,
      advice: /a blocking call in an async handler/,
    })
  })
}

function breakClock({ look }: SetUp, url: string): void {
  for (const [aheadMs, verdict, seen] of [
    [120_000, 'problem', /^FastAPI's clock is 1[12]\d s ahead of ours, and 30 s are tolerated$/],
    [-120_000, 'problem', /^FastAPI's clock is 1[12]\d s behind ours, and 30 s are tolerated$/],
    [-10_000, 'warning', /^FastAPI's clock is [\d.]+ s behind ours$/],
  ] as const) {
    t.test(`a clock that is ${aheadMs / 1000} s ahead`, async (t) => {
      const origin = await serve(t, passOn(url, aheadMs))
      onlyWrong(t, await look({ changes: { upstreams: `{ api: "${origin}" }` } }), {
        name: 'clock api',
        verdict,
        seen,
        advice: /NTP/,
      })
    })
  }
}

function breakCertificates({ look }: SetUp, url: string): void {
  const certificates = datedCertificates(t)
  if (certificates === null) return
  const { caFile, issue } = certificates
  const cases = [
    ['sound', 'DNS:localhost', { from: -1, to: 90 }, null],
    ['expired', 'DNS:localhost', { from: -30, to: -2 }, /^its certificate has expired on \d{4}-/],
    [
      'of another name',
      'DNS:api.test',
      { from: -1, to: 90 },
      /^its certificate is for another name/,
    ],
    ['not valid yet', 'DNS:localhost', { from: 2, to: 90 }, /^its certificate is not valid before/],
    ['near its end', 'DNS:localhost', { from: -80, to: 6 }, /expires on \S+, in 5 days$/],
  ] as const
  for (const [which, names, days, seen] of cases) {
    t.test(`a certificate of FastAPI's that is ${which}`, async (t) => {
      const origin = await serve(t, passOn(url), issue(names, days))
      const upstreams = `{ api: { targets: ["${origin}"], tls: { ca: "${caFile}" } } }`
      const findings = await look({ changes: { upstreams } })
      if (seen === null) allSound(t, findings, ['upstream api', 'token api'])
      else {
        const verdict = which === 'near its end' ? 'warning' : 'problem'
        onlyWrong(t, findings, { name: 'upstream api', verdict, seen, advice: /./ })
      }
    })
  }

  t.test('a certificate of a CA that is not known here', async (t) => {
    const origin = await serve(t, passOn(url), issue('DNS:localhost', { from: -1, to: 90 }))
    onlyWrong(t, await look({ changes: { upstreams: `{ api: "${origin}" }` } }), {
      name: 'upstream api',
      verdict: 'problem',
      seen: /^its certificate is not trusted here$/,
      advice: /^Name the CA in upstreams\.api\.tls\.ca/,
    })
  })
}
