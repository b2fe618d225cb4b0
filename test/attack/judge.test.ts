import t from 'tap'
import type { Draft, Seen } from '../../src/attack/case.ts'
import { loginDrafts } from '../../src/attack/catalogue/browser/redirects.ts'
import { observed, refused } from '../../src/attack/expect.ts'
import { Masks } from '../../src/attack/stage/masks.ts'
import { openStage } from '../../src/attack/stage/stage.ts'
import { readAnswers } from '../../src/attack/wire/answers.ts'
import type { Arrival } from '../../src/attack/wire/recorder.ts'
import { systemClock } from '../../src/clock.ts'
import { configOf, everything } from './parts.ts'

const arrival: Arrival = {
  ...{ upstream: 'api', head: 'GET / HTTP/1.1', method: 'GET', target: '/', fields: [] },
  ...{ body: '', trailers: [], isWhole: true, isFaulty: false, requestId: '' },
}

function seen(text: string, arrivals: readonly Arrival[] = []): Seen {
  return { text, answers: readAnswers(text), arrivals }
}

const refusal = 'HTTP/1.1 401 X\r\nX-Sallyport-Code: token_invalid\r\nContent-Length: 0\r\n\r\n'
const welcome = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

t.test(
  'a refusal holds only where nothing arrived, and with the code that is expected',
  async (t) => {
    const { judge } = refused('token_invalid')
    t.equal(judge(seen(refusal)).verdict, 'held')
    t.equal(judge(seen(refusal, [arrival])).verdict, 'broken')
    t.equal(judge(seen(refusal + welcome)).verdict, 'broken')
    t.equal(judge(seen(welcome)).verdict, 'broken')
    t.equal(judge(seen(refusal.replace('token_invalid', 'route_not_found'))).verdict, 'broken')
    t.equal(judge(seen('')).verdict, 'held', 'nothing arrived, and nothing was said')
    t.equal(judge({ ...seen(''), arrivals: null }).verdict, 'broken', 'nobody knows what arrived')
    const limited = 'HTTP/1.1 429 X\r\nX-Sallyport-Code: rate_limited\r\nContent-Length: 0\r\n\r\n'
    t.equal(judge(seen(limited)).verdict, 'not judged')
    t.equal(judge(seen(limited, [arrival])).verdict, 'broken', 'busy, and yet it came through')
  },
)

t.test('a route that only observes may let anybody pass, but name nobody', async (t) => {
  const opening = { key: 'routes[0].enforce', why: '' }
  const { judge } = observed(refused('token_invalid'), opening)
  t.strictSame(judge(seen(welcome, [arrival])), { verdict: 'open', opening })
  const named: Arrival = { ...arrival, fields: [['x-user-id', 'mallory']] }
  t.equal(judge(seen(welcome, [named])).verdict, 'broken')
  t.equal(judge(seen(refusal)).verdict, 'held')
})

t.test('markup of the query that comes back in a page is found', async (t) => {
  const range = await openStage(configOf(t, everything), systemClock)
  t.teardown(() => range.close())
  const isMarkup = ({ id }: Draft): boolean => id === 'login-markup'
  const { expect } = loginDrafts(range.ground).find(isMarkup)!
  const page = (body: string): Seen =>
    seen(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href="${body}">`)
  t.equal(expect.judge(page('/x&quot;&gt;&lt;script src=//evil')).verdict, 'held')
  t.equal(expect.judge(page('/x"><script src=//evil')).verdict, 'broken')
})

t.test('what was made is told by its name', async (t) => {
  const masks = new Masks()
  masks.name('key-0001', 'a key')
  masks.name('key-0001-and-more', 'a longer key')
  t.equal(masks.hide('x key-0001-and-more key-0001'), 'x <a longer key> <a key>')
  t.equal(masks.hide('Bearer eyJhbGciOi.eyJzdWIi.c2ln'), 'Bearer <token>')
  t.equal(masks.hide('session_token=abc.def; x'), 'session_token=<cookie>; x')
})

t.test('answers are read as they follow each other', async (t) => {
  const interim = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'
  const closed = `HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n\x88\x11\x0b\xbborigin_rejected`
  const answers = readAnswers(interim + chunked + refusal + closed)
  t.strictSame(
    answers.map(({ status, body, code }) => [status, status === 101 ? '' : body, code]),
    [
      [200, 'ok', null],
      [401, '', 'token_invalid'],
      [101, '', 'origin_rejected'],
    ],
  )
})
