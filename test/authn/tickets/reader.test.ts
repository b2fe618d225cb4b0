import t from 'tap'
import type { Outcome } from '../../../src/authn/outcome.ts'
import { createTicketReader, type TicketDeps } from '../../../src/authn/ticket/reader.ts'
import { toHolder, type TicketRecord } from '../../../src/authn/ticket/record.ts'
import { readHead } from '../../../src/head.ts'
import { goodClaims, mint } from '../../helper/token.ts'

const now = 1_800_000_000_000
const ticket = 'T'.repeat(43)

const record: TicketRecord = {
  path: '/live/x',
  host: 'app.test',
  origin: 'http://app.test',
  issuedAtMs: now,
  expiresAtMs: now + 30_000,
  holder: {
    kind: 'bearer',
    userId: 'user-1',
    sessionId: 's1',
    expiresAt: now / 1000 + 60,
    roles: ['admin'],
    scopes: [],
  },
}

function reader(more: Partial<TicketDeps> = {}, kept: TicketRecord = record) {
  return createTicketReader({
    tickets: { take: () => Promise.resolve(JSON.stringify(kept)) },
    digest: (text) => `digest of ${text}`,
    unseal: (sealed) => sealed,
    sessions: {
      peek: () => undefined,
      findByToken: () => Promise.reject(new Error('nobody asks by token')),
      findById: () => Promise.resolve(null),
      wasRevoked: () => false,
    },
    needsProof: false,
    bearerUsers: null,
    keyUsers: null,
    isRevoked: () => false,
    ...more,
  })
}

const headers = ['Host', 'APP.test', 'Origin', 'http://app.test', 'Accept', 'text/event-stream']
const head = readHead('GET', `/live/x?ticket=${ticket}`, headers)

function codeOf(outcome: Outcome): string {
  return outcome.answer === 'rejected' ? outcome.refusal.code : outcome.answer
}

t.test('what is kept past its time opens nothing', async (t) => {
  t.equal(codeOf(await reader()(head, now + 29_999)), 'authenticated')
  t.equal(codeOf(await reader()(head, now + 30_000)), 'token_invalid')
})

t.test('what cannot be a ticket is not looked for', async (t) => {
  const read = reader({ tickets: { take: () => Promise.reject(new Error('asked')) } })
  for (const value of ['', 'T'.repeat(42), 'T'.repeat(44), `${'T'.repeat(42)}+`, '%54']) {
    const one = readHead('GET', `/live/x?ticket=${value}`, headers)
    t.equal(codeOf(await read(one, now)), 'token_invalid', value)
  }
  t.equal(codeOf(await read(head, now)), 'session_store_unavailable')
})

t.test('what nobody sealed for this ticket opens nothing', async (t) => {
  const read = reader({ unseal: () => null })
  t.equal(codeOf(await read(head, now)), 'token_invalid')
  const contexts: string[] = []
  const spy = reader({
    unseal: (sealed, context) => {
      contexts.push(context)
      return sealed
    },
  })
  await spy(head, now)
  t.strictSame(contexts, [`digest of ${ticket}`])
})

t.test('a token that was revoked after its ticket was made takes it along', async (t) => {
  const asked: unknown[] = []
  const read = reader({
    isRevoked: (claims) => {
      asked.push(claims)
      return true
    },
  })
  t.equal(codeOf(await read(head, now)), 'session_revoked')
  t.strictSame(asked, [{ userId: 'user-1', sessionId: 's1', issuedAt: now / 1000 }])
})

t.test('a key whose owner cannot be asked for opens nothing', async (t) => {
  const holder = { kind: 'apiKey', userId: 'u', keyId: 'k', scopes: [] } as const
  const kept = { ...record, holder }
  t.equal(codeOf(await reader({}, kept)(head, now)), 'token_invalid')
  const away = { peek: () => undefined, find: () => Promise.reject(new Error('away')) }
  const read = reader({ keyUsers: away }, kept)
  t.equal(codeOf(await read(head, now)), 'session_store_unavailable')
})

t.test('a ticket remembers the session that a token of another signer names', async (t) => {
  const authorization = `Bearer ${mint(goodClaims({ sid: 's9' }))}`
  const principal = {
    ...({ kind: 'bearer', userId: 'u', expiresAt: 1, passesOn: true, user: null } as const),
    ...{ roles: [], scopes: [] },
  }
  const none = (): null => null
  t.match(toHolder(principal, { authorization, cookie: null }, none), { sessionId: 's9' })
  const opaque = { authorization: 'Bearer x.y', cookie: null }
  t.match(toHolder(principal, opaque, none), { sessionId: null })
})

t.test('only what opens a stream brings a ticket', async (t) => {
  const target = `/live/x?a=1&ticket=${ticket}`
  const read = (method: string, ...more: string[]) => readHead(method, target, more)
  for (const opening of [
    read('GET', 'Upgrade', 'WebSocket'),
    read('GET', 'Accept', 'text/event-stream'),
    read('GET', 'Accept', 'text/html, Text/Event-Stream;q=0.5'),
  ]) {
    t.strictSame(opening.ticket, { value: ticket, target })
    t.equal(opening.target, '/live/x?a=1')
  }
  for (const other of [
    read('GET'),
    read('GET', 'Accept', '*/*'),
    read('GET', 'Accept', 'text/event-streams'),
    read('POST', 'Accept', 'text/event-stream'),
    read('POST', 'Upgrade', 'websocket'),
    read('HEAD', 'Accept', 'text/event-stream'),
  ]) {
    t.equal(other.ticket, null)
    t.equal(other.target, target)
  }
  t.equal(readHead('GET', '/ticket=1', ['Accept', 'text/event-stream']).ticket, null)
})
