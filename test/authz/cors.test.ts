import t from 'tap'
import { corsHeaders, isPreflight, preflightHeaders } from '../../src/authz/cors.ts'
import { readHead } from '../../src/head.ts'

const cors = { origins: ['https://a.test', 'https://b.test'] }
const trusted = new Set(['https://b.test', 'https://c.test'])

function head(...headers: string[]): ReturnType<typeof readHead> {
  return readHead('OPTIONS', '/x', headers)
}

t.test('credentials need an origin that is both listed and trusted', async (t) => {
  const allowed = (origin: string): string =>
    corsHeaders(head('Origin', origin), cors, trusted).join()
  t.notMatch(allowed('https://a.test'), 'credentials')
  t.match(allowed('https://b.test'), 'access-control-allow-credentials,true')
  t.equal(allowed('https://c.test'), 'vary,Origin', 'trusted, but not for this route')
  t.equal(corsHeaders(head(), cors, trusted).join(), 'vary,Origin')
})

t.test('an origin is compared as a whole', async (t) => {
  for (const origin of [
    'null',
    '*',
    'https://a.test/',
    'https://A.test',
    'https://a.test:443',
    'http://a.test',
  ]) {
    t.equal(corsHeaders(head('Origin', origin), cors, trusted).join(), 'vary,Origin', origin)
  }
})

t.test('a preflight has an origin and asks for a method', async (t) => {
  const asks = ['Access-Control-Request-Method', 'PUT']
  t.ok(isPreflight(head('Origin', 'https://a.test', ...asks)))
  t.notOk(isPreflight(head('Origin', 'https://a.test')))
  t.notOk(isPreflight(head(...asks)))
  t.notOk(isPreflight(readHead('PUT', '/x', ['Origin', 'https://a.test', ...asks])))
})

t.test('only names of headers are repeated to whoever asks', async (t) => {
  const answer = (names: string): string => {
    const asked = head('Origin', 'https://a.test', 'Access-Control-Request-Headers', names)
    return preflightHeaders(asked, cors, trusted).join()
  }
  t.match(answer('authorization, x-csrf'), 'access-control-allow-headers,authorization, x-csrf')
  for (const names of ['<script>', 'a"b', 'x: y', 'x;y', 'é', 'x'.repeat(4097)]) {
    t.notMatch(answer(names), 'allow-headers', names.slice(0, 20))
  }
})
