import t from 'tap'
import { serveScript } from '../fastapi/script.ts'
import { jwtSecret } from '../helper/token.ts'
import { allSound, onlyWrong, setUp, type SetUp } from './set-up.ts'

// A FastAPI whose operations verify tokens in the ways in which applications do, one path for each.

const script = `
import sys, threading, uuid
import jwt, uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.security import OAuth2PasswordBearer

SECRET = "${jwtSecret}"
app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")

def read(token, status=401, **options):
    try:
        return jwt.decode(token, SECRET, algorithms=["HS256"], **options)
    except jwt.PyJWTError:
        raise HTTPException(status, "Could not validate credentials")

@app.get("/plain/me")
def plain(token: str = Depends(scheme)):
    return read(token)

@app.get("/users/me")
def users(token: str = Depends(scheme)):
    return read(token, audience="fastapi-users:auth")

@app.get("/issued/me")
def issued(token: str = Depends(scheme)):
    return read(token, audience="https://api.test", issuer="https://gateway.test")

@app.get("/careless/me")
def careless(token: str = Depends(scheme)):
    return read(token, options={"verify_signature": False})

@app.get("/uuid/me")
def by_uuid(token: str = Depends(scheme)):
    try:
        return str(uuid.UUID(read(token)["sub"]))
    except ValueError:
        raise HTTPException(401, "Could not validate credentials")

@app.get("/template/me")
def template(token: str = Depends(scheme)):
    read(token, status=403)
    raise HTTPException(404, "User not found")

@app.get("/broken/me")
def broken(token: str = Depends(scheme)):
    raise KeyError(read(token)["sub"])

@app.get("/real/me")
def real(authorization: str = Header("")):
    scheme, _, token = authorization.partition(" ")
    if scheme != "Token":
        raise HTTPException(403, "unsupported authorization type")
    return read(token, status=403)["username"]

@app.get("/header/me")
def header(x_user_id: str = Header(None)):
    if x_user_id is None:
        raise HTTPException(401, "Nobody")
    return x_user_id

server = uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="critical", proxy_headers=False))
def watch():
    sys.stdin.read()
    server.should_exit = True
    server.force_exit = True
threading.Thread(target=watch, daemon=True).start()
server.run()
`

const url = await serveScript(t, script)
if (url !== null) {
  const set = await setUp(t, { upstreams: `{ api: "${url}" }` })
  await set.migrate()
  findCauses(set)
  breakProxyHeaders(set)
}

function findCauses({ look }: SetUp): void {
  const sound: readonly (readonly [path: string, identity: string, seen: RegExp])[] = [
    [
      '/plain/me',
      '{ }',
      /^FastAPI takes our token at \/plain\/me \(200\), and refuses a wrong sig/,
    ],
    ['/template/me', '{ }', /\(404 "User not found"\), and refuses a wrong signature$/],
    ['/uuid/me', '{ }', /where the user id is a UUID, and no other$/],
    ['/users/me', '{ token: { profile: fastapi-users } }', /refuses a wrong signature$/],
    ['/real/me', '{ token: { profile: realworld } }', /refuses a wrong signature$/],
    ['/header/me', '{ token: none }', /^FastAPI takes X-User-Id at \/header\/me \(200\)/],
  ]
  for (const [path, identity, seen] of sound) {
    t.test(`${path} with identity: ${identity} is sound`, async (t) => {
      const findings = await look({ changes: { identity }, paths: { '': path } })
      allSound(t, findings, ['token api'])
      t.match(
        findings.find(({ name }) => name === 'token api'),
        { seen },
      )
    })
  }

  const wrong = [
    ['/users/me', 'problem', /expects the profile fastapi-users, and .* is default$/],
    ['/real/me', 'problem', /expects the profile realworld, and .* is default$/],
    ['/careless/me', 'warning', /accepts a token with a wrong signature at \/careless\/me \(200\)/],
    ['/header/me', 'warning', /accepts a token with a wrong signature at \/header\/me/],
    ['/broken/me', 'warning', /takes our token at \/broken\/me, and then fails \(500\)$/],
  ] as const
  for (const [path, verdict, seen] of wrong) {
    t.test(`${path} is found out`, async (t) => {
      const findings = await look({ paths: { api: path } })
      onlyWrong(t, findings, { name: 'token api', verdict, seen, advice: /./ })
    })
  }

  t.test('the audience and the issuer of bearer are found out', async (t) => {
    const bearer =
      '{ secret: "${JWT_SECRET}", issuer: "https://gateway.test", audience: "https://api.test" }'
    const findings = await look({ changes: { bearer }, paths: { api: '/issued/me' } })
    onlyWrong(t, findings, {
      name: 'token api',
      verdict: 'problem',
      seen: /expects iss and aud as bearer\.issuer and bearer\.audience have them$/,
      advice: /profile: custom/,
    })
  })

  t.test(
    'a secret of a user whom the application knows by UUID is still a wrong one',
    async (t) => {
      const env = {
        BETTER_AUTH_SECRET: 'q7Vn2wL9xRk4Tz8mBc3Fd6Hj1Yp5Ns0G-auth',
        JWT_SECRET: 'Zu8Ky3Wd6Qe1Xn5Vb9Mt4Rc7Lp2Hf0Js-other',
      }
      for (const path of ['/uuid/me', '/template/me', '/users/me']) {
        onlyWrong(t, await look({ env, paths: { api: path } }), {
          name: 'token api',
          verdict: 'problem',
          seen: /wrong secret \(40[13] "Could not validate credentials"\)$/,
          advice: /^Give bearer\.secret the value/,
        })
      }
    },
  )
}

function breakProxyHeaders({ look }: SetUp): void {
  t.test('uvicorn without --proxy-headers, where the public origin is https', async (t) => {
    const server = '{ listen: "127.0.0.1:0", publicUrl: "https://app.test" }'
    const findings = await look({ changes: { server }, paths: { api: '/plain/me' } })
    onlyWrong(t, findings, {
      name: 'proxy headers api',
      verdict: 'problem',
      seen: /^FastAPI does not believe X-Forwarded-Proto: it redirects to http$/,
      advice: /--proxy-headers, and set FORWARDED_ALLOW_IPS/,
    })
  })
}
