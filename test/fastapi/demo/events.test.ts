import t, { type Test } from 'tap'
import { demoFolder } from '../../../deploy/demo/python.ts'
import { goodClaims, jwtSecret, mint } from '../../helper/token.ts'
import { pythonEval, startFastApi } from '../python.ts'

// The feed of the demo application on its own, without a gateway.

const app = await startFastApi(t)
if (app !== null) testFeed(app.url)

function as(subject: string, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    headers: { authorization: `Bearer ${mint(goodClaims({ sub: subject }))}`, ...headers },
  }
}

interface Feed {
  /** Reads on until something is there; answers with all that was read. */
  readonly until: (pattern: RegExp) => Promise<string>
}

async function openFeed(
  t: Test,
  url: string,
  who: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Feed> {
  const controller = new AbortController()
  t.teardown(() => {
    controller.abort()
  })
  const { signal } = controller
  const response = await fetch(`${url}/api/events`, { ...as(who, headers), signal })
  t.match(response.headers.get('content-type'), /^text\/event-stream/)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    until: async (pattern) => {
      while (!pattern.test(text)) text += (await reader.read()).value ?? ''
      return text
    },
  }
}

async function note(url: string, who: string, title: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ title })
  await fetch(`${url}/api/todos`, { ...as(who, headers), method: 'POST', body })
}

/** The ids of what happened, in order. */
function idsIn(text: string): readonly number[] {
  return [...text.matchAll(/^id: (\d+)\nevent: todo$/gm)].map(([, id]) => Number(id))
}

function testFeed(url: string): void {
  t.test('the feed greets, and tells its user and nobody else of a new todo', async (t) => {
    const feed = await openFeed(t, url, 'lin')
    t.match(
      await feed.until(/\n\n/),
      /^id: \d+\nevent: hello\nretry: 2000\ndata: \{"user": "lin", "resumed": false\}\n\n$/,
    )
    await note(url, 'someone', 'of someone')
    await note(url, 'lin', 'of lin')
    const text = await feed.until(/of lin.*\n\n/)
    t.match(text, /^event: todo\ndata: \{"type": "created", "todo": \{.*"of lin".*"at": "\d{4}-/m)
    t.notMatch(text, 'of someone')
  })

  t.test('a reader that was away gets what it missed, once and in order', async (t) => {
    const first = await openFeed(t, url, 'ada')
    for (const title of ['one', 'two', 'three']) await note(url, 'ada', title)
    const [one = 0, two = 0, three = 0] = idsIn(await first.until(/three.*\n\n/))
    t.ok(one < two && two < three, 'ids grow')
    const again = await openFeed(t, url, 'ada', { 'last-event-id': String(one) })
    const text = await again.until(/three.*\n\n/)
    t.match(text, /^event: hello\n.*\ndata: .*"resumed": true/, 'the greeting keeps its place')
    t.same(idsIn(text), [two, three])
    const other = await openFeed(t, url, 'eve', { 'last-event-id': String(one) })
    await note(url, 'eve', 'of eve')
    t.equal(idsIn(await other.until(/of eve.*\n\n/)).length, 1, 'nobody else gets it')
  })

  t.test('a place that is not known any more is said, whatever it looks like', async (t) => {
    for (const id of ['0', '99999999999999999999', '-1', '1.5', 'x', '٣']) {
      const headers = { 'last-event-id': Buffer.from(id).toString('latin1') }
      const feed = await openFeed(t, url, 'joan', headers)
      t.match(await feed.until(/\n\n/), '"resumed": false', id)
    }
  })

  t.test('the feed needs a token', async (t) => {
    const response = await fetch(`${url}/api/events`)
    t.equal(response.status, 401)
    await response.arrayBuffer()
  })
}

t.test(
  'a silent feed has a heartbeat, a slow reader is sent away, and leaving is noticed',
  async (t) => {
    const printed = await pythonEval(t, {
      modules: ['fastapi', 'jwt', 'sqlalchemy'],
      script: `
import asyncio, json, os, sys
given = json.load(sys.stdin)
os.environ.update(JWT_SECRET=given["secret"], TODOS_DATABASE_URL="sqlite://")
sys.path.insert(0, given["folder"])
from app import live
from app.auth import Caller

async def main():
    live.HEARTBEAT_SECONDS = 0.01
    caller = Caller(id="ada", email=None, name=None, from_header=None, claims={})
    stream = live.event_stream(caller, None)
    seen = [await stream.__anext__(), await stream.__anext__()]
    for number in range(live.BACKLOG + 50):
        live.hub.publish("ada", {"number": number})
    await asyncio.sleep(0.05)
    told = [text async for text in stream]
    kept = live.hub.missed("ada", int(told[-1].split()[1]))
    left = live.event_stream(caller, None)
    await left.__anext__()
    reading = asyncio.create_task(left.__anext__())
    await asyncio.sleep(0)
    before = len(live.hub._queues["ada"])
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    print(json.dumps([seen[1], len(told), len(kept), before, len(live.hub._queues)]))

asyncio.run(main())`,
      input: JSON.stringify({ secret: jwtSecret, folder: demoFolder }),
    })
    if (printed === null) return
    t.same(JSON.parse(printed), [': still here\n\n', 100, 50, 1, 0])
  },
)
