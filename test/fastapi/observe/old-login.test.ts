import t from 'tap'
import { signUp, startGateway, type Reply, type Running } from '../../helper/gateway.ts'
import { jwtSecret } from '../../helper/token.ts'
import { sql } from '../../session/calls.ts'
import { serveScript } from '../script.ts'

/** An application with a login of its own: tokens for scripts, a session cookie for browsers. It says in a header whom it found. */
const application = `
import secrets, sys, threading, time
import jwt, uvicorn
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Response

SECRET = ${JSON.stringify(jwtSecret)}
sessions = {}
app = FastAPI()

def current_user(response: Response, authorization: str | None = Header(None), legacy: str | None = Cookie(None)):
    user = sessions.get(legacy)
    if authorization is not None:
        try:
            user = jwt.decode(authorization.removeprefix("Bearer "), SECRET, algorithms=["HS256"])["sub"]
        except jwt.PyJWTError:
            user = None
    if user is None:
        raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})
    response.headers["X-Legacy-User"] = user
    return user

@app.post("/login/{user}")
def login(user: str, response: Response):
    key = secrets.token_hex()
    sessions[key] = user
    response.set_cookie("legacy", key, httponly=True)
    return {"token": jwt.encode({"sub": user, "exp": int(time.time()) + 600}, SECRET)}

@app.get("/me")
def me(user=Depends(current_user), x_user_id: str | None = Header(None)):
    return {"user": user, "gateway": x_user_id}

server = uvicorn.Server(uvicorn.Config(app, port=int(sys.argv[1]), log_level="critical"))
def watch():
    sys.stdin.read()
    server.should_exit = True
    server.force_exit = True
threading.Thread(target=watch, daemon=True).start()
server.run()
`

const route = (enforce: string): string => `
  - { name: login, match: { path: /login/*, methods: [POST] }, upstream: api, auth: none }
  - { name: me, match: { path: /me }, upstream: api, enforce: ${enforce} }`

async function compared({ adminUrl }: Running): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${String(adminUrl)}/metrics`)).text()
  const lines = text.matchAll(
    /^sallyport_observed_users_total\{route="me",result="(.*)"\} (\d+)$/gm,
  )
  return Object.fromEntries([...lines].map(([, result = '', count]) => [result, Number(count)]))
}

t.test(
  'a login of FastAPI’s own goes on as it was, and the comparison tells when to enforce',
  async (t) => {
    const upstream = await serveScript(t, application)
    if (upstream === null) return
    const gateway = await startGateway(t, {
      upstream,
      yaml: 'identity: { token: { subject: user.externalId } }',
      routes: route('{ mode: observe, userHeader: X-Legacy-User }'),
    })
    const me = (headers: Record<string, string>): Promise<Reply> =>
      gateway.request('/me', { headers })
    const login = await gateway.request('/login/17', { method: 'POST' })
    const authorization = `Bearer ${String(login.json()['token'])}`
    const ada = await signUp(gateway)
    sql(gateway, "UPDATE user SET externalId = '17'")

    const anonymous = await me({})
    t.match(anonymous, { status: 401, headers: { 'www-authenticate': 'Bearer' } })
    t.strictSame(anonymous.json(), { detail: 'Not authenticated' })
    t.strictSame((await me({ cookie: login.cookie })).json(), { user: '17', gateway: null })
    t.strictSame(await compared(gateway), { neither: 1, only_application: 1 })

    const both = await me({ cookie: `${login.cookie}; ${ada.cookie}` })
    t.strictSame(both.json(), { user: '17', gateway: ada.id })
    t.equal(both.headers['x-legacy-user'], undefined)
    t.strictSame((await me({ authorization })).json(), { user: '17', gateway: '17' })
    t.equal((await me({ cookie: ada.cookie })).status, 401, 'who is new is nobody to the old login')
    const other = await gateway.request('/login/18', { method: 'POST' })
    t.match((await me({ cookie: `${other.cookie}; ${ada.cookie}` })).json(), { user: '18' })
    const results = { neither: 1, only_application: 1, same: 2, only_gateway: 1, different: 1 }
    t.strictSame(await compared(gateway), results)
    t.match(
      gateway.log.filter(({ result }) => result === 'different'),
      [{ route: 'me', gatewayUser: '17', applicationUser: '18' }],
    )

    gateway.reload({ routes: route('{ mode: enforce, userHeader: X-Legacy-User }') })
    t.match(await me({ cookie: login.cookie }), { status: 401, text: /credential_missing/ })
    t.match((await me({ cookie: ada.cookie })).json(), { user: '17', gateway: ada.id })
  },
)
