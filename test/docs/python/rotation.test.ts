import t from 'tap'
import { pythonEval } from '../../fastapi/python.ts'
import { goodClaims, jwtSecret, mint } from '../../helper/token.ts'
import { markedBlock } from '../pages.ts'

const script = `
import json, os, sys
given = json.load(sys.stdin)
os.environ.update(given["env"])
names = {}
exec(compile(given["source"], "key-rotation.md", "exec"), names)

def read(token):
    try:
        return names["read_claims"](token)["sub"]
    except names["HTTPException"] as refusal:
        return refusal.status_code

print(json.dumps([read(token) for token in given["tokens"]]))`

t.test(
  'FastAPI with the lines of the guide knows the new secret and the old one, and no other',
  async (t) => {
    const older = 'the-secret-of-before-0123456789abcdef'
    const now = Math.floor(Date.now() / 1000)
    const stale = { ...goodClaims(), exp: now - 60, iat: now - 120 }
    const tokens = [
      mint(goodClaims()),
      mint(goodClaims(), { secret: older }),
      mint(goodClaims(), { secret: 'a secret that nobody of us has ever had' }),
      mint(stale, { secret: older }),
      'made up',
    ]
    const source = markedBlock('docs/guides/key-rotation.md', 'rotate')
    const read = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
      const input = JSON.stringify({ source, env, tokens })
      const printed = await pythonEval(t, { script, input, modules: ['fastapi', 'jwt'] })
      return printed === null ? null : JSON.parse(printed)
    }
    const both = await read({ JWT_SECRET: jwtSecret, JWT_SECRET_OLD: older })
    if (both === null) return
    t.strictSame(both, ['user-1', 'user-1', 401, 401, 401])
    t.strictSame(await read({ JWT_SECRET: jwtSecret }), ['user-1', 401, 401, 401, 401])
  },
)
