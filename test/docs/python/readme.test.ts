import t from 'tap'
import { assertionType } from '../../../src/authn/bearer/reader.ts'
import { pythonEval } from '../../fastapi/python.ts'
import { goodClaims, jwtSecret, mint } from '../../helper/token.ts'
import { blocksIn } from '../pages.ts'

/** Runs a FastAPI application as an ASGI server would, once per request, and prints statuses and bodies. */
const script = `
import asyncio, json, os, sys
given = json.load(sys.stdin)
os.environ["JWT_SECRET"] = given["secret"]
names = {}
exec(compile(given["source"], "README.md", "exec"), names)

async def call(headers):
    answer = {"body": b""}
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        answer["status"] = message.get("status", answer.get("status"))
        answer["body"] += message.get("body", b"")
    await names["app"]({
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/api/me", "raw_path": b"/api/me", "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }, receive, send)
    return {"status": answer["status"], "body": json.loads(answer["body"])}

async def main():
    return [await call(headers) for headers in given["requests"]]

print(json.dumps(asyncio.run(main())))`

t.test('the FastAPI application of the README reads what the gateway sends', async (t) => {
  const [block] = blocksIn('python')
  t.equal(block?.mark, 'python')
  const claims = goodClaims({ email: 'ada@example.com' })
  const issued = mint(claims, { header: { alg: 'HS256', typ: assertionType } })
  const forged = mint(claims, { secret: 'another secret of more than 32 bytes' })
  const requests = [
    { 'x-user-id': 'user-1', authorization: `Bearer ${issued}` },
    { 'x-user-id': 'user-1', authorization: `Bearer ${forged}` },
    { 'x-user-id': 'user-1' },
  ]
  const input = JSON.stringify({ source: block?.text, secret: jwtSecret, requests })
  const printed = await pythonEval(t, { script, input, modules: ['fastapi', 'jwt'] })
  if (printed === null) return
  const refused = { status: 401, body: { detail: 'Could not validate credentials' } }
  t.strictSame(JSON.parse(printed), [
    { status: 200, body: { id: 'user-1', email: 'ada@example.com', same: true } },
    refused,
    refused,
  ])
})
