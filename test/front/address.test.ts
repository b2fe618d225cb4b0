import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { addressOf, compileTrust } from '../../src/front/address.ts'

function seen(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trusted: readonly string[],
): string {
  const headers = { 'x-forwarded-for': forwardedFor }
  const request = { socket: { remoteAddress }, headers } as unknown as IncomingMessage
  return addressOf(request, compileTrust(trusted))
}

interface Row {
  readonly what: string
  readonly socket: string
  readonly forwardedFor?: string
  readonly trusted?: readonly string[]
  readonly address: string
}

const proxy = '10.0.0.1'
const ours = ['10.0.0.0/8']

const rows: readonly Row[] = [
  { what: 'nobody trusted, nothing said', socket: '192.0.2.1', address: '192.0.2.1' },
  {
    what: 'a stranger is not believed',
    socket: '192.0.2.1',
    forwardedFor: '198.51.100.1',
    trusted: ours,
    address: '192.0.2.1',
  },
  {
    what: 'a stranger is not believed where nobody is',
    socket: '192.0.2.1',
    forwardedFor: '198.51.100.1',
    address: '192.0.2.1',
  },
  { what: 'a proxy that says nothing is the client', socket: proxy, trusted: ours, address: proxy },
  {
    what: 'a proxy is believed',
    socket: proxy,
    forwardedFor: '198.51.100.1',
    trusted: ours,
    address: '198.51.100.1',
  },
  {
    what: 'what the client wrote before it is not',
    socket: proxy,
    forwardedFor: '203.0.113.9, 10.0.0.9, 198.51.100.1',
    trusted: ours,
    address: '198.51.100.1',
  },
  {
    what: 'a chain of proxies is followed to its end',
    socket: proxy,
    forwardedFor: '203.0.113.9,198.51.100.1,10.9.9.9,  10.0.0.2',
    trusted: ours,
    address: '198.51.100.1',
  },
  {
    what: 'where all are proxies the first is the client',
    socket: proxy,
    forwardedFor: '10.0.0.3, 10.0.0.2',
    trusted: ours,
    address: '10.0.0.3',
  },
  {
    what: 'a word that is no address ends the walk at who said it',
    socket: proxy,
    forwardedFor: '198.51.100.1, unknown, 10.0.0.2',
    trusted: ours,
    address: '10.0.0.2',
  },
  ...[
    'unknown',
    '_hidden',
    '1.2.3',
    '1.2.3.400',
    '010.1.1.1',
    'for=1.2.3.4',
    '[1.2.3.4]',
    '1.2.3.4:',
  ].map((word): Row => ({
    what: `${word} is no address`,
    socket: proxy,
    forwardedFor: word,
    trusted: ours,
    address: proxy,
  })),
  ...['[2001:db8::1', '2001:db8::1]:80', '[2001:db8::1]:', '2001:db8:::1', '"198.51.100.1"'].map(
    (word): Row => ({
      what: `${word} is no address either`,
      socket: proxy,
      forwardedFor: word,
      trusted: ours,
      address: proxy,
    }),
  ),
  {
    what: 'an empty member is none',
    socket: proxy,
    forwardedFor: ' , 198.51.100.1 , ,',
    trusted: ours,
    address: '198.51.100.1',
  },
  {
    what: 'an empty header is none',
    socket: proxy,
    forwardedFor: '',
    trusted: ours,
    address: proxy,
  },
  {
    what: 'a port is not the client',
    socket: proxy,
    forwardedFor: '198.51.100.1:50123',
    trusted: ours,
    address: '198.51.100.1',
  },
  {
    what: 'IPv6 in capitals, with brackets and port',
    socket: proxy,
    forwardedFor: '[2001:DB8::A]:443',
    trusted: ours,
    address: '2001:db8::a',
  },
  {
    what: 'IPv6 with brackets alone',
    socket: proxy,
    forwardedFor: '[2001:db8::a]',
    trusted: ours,
    address: '2001:db8::a',
  },
  {
    what: 'a socket that speaks both',
    socket: '::ffff:10.0.0.1',
    forwardedFor: '::ffff:198.51.100.1',
    trusted: ours,
    address: '198.51.100.1',
  },
  {
    what: 'a mapped address in hexadecimal',
    socket: proxy,
    forwardedFor: '0:0:0:0:0:FFFF:C633:6401',
    trusted: ours,
    address: '198.51.100.1',
  },
  {
    what: 'a proxy that is written as a mapped address',
    socket: proxy,
    forwardedFor: '198.51.100.1, ::ffff:a00:2',
    trusted: ours,
    address: '198.51.100.1',
  },
  { what: 'a zone is of no use to others', socket: 'fe80::1%eth0', address: 'fe80::1' },
  {
    what: 'an IPv6 proxy',
    socket: 'fd00::7',
    forwardedFor: '2001:db8::1',
    trusted: ['fd00::/8'],
    address: '2001:db8::1',
  },
  {
    what: 'everybody trusted, IPv4',
    socket: '192.0.2.1',
    forwardedFor: '203.0.113.9, 198.51.100.1',
    trusted: ['0.0.0.0/0'],
    address: '203.0.113.9',
  },
  {
    what: 'everybody trusted, IPv6',
    socket: '2001:db8::1',
    forwardedFor: '2001:db8::3, 2001:db8::2',
    trusted: ['::/0'],
    address: '2001:db8::3',
  },
]

for (const { what, socket, forwardedFor, trusted = [], address } of rows) {
  t.equal(seen(socket, forwardedFor, trusted), address, what)
}

t.test('a socket that has gone has no address', async (t) => {
  t.equal(seen(undefined, '198.51.100.1', ours), '')
})

t.test('whatever is said, the answer is an address', async () => {
  const junk = fc.stringMatching(/^[0-9a-f:.,[\] "%x]{0,40}$/)
  fc.assert(
    fc.property(fc.array(fc.oneof(junk, fc.ipV4(), fc.ipV6()), { maxLength: 5 }), (said) => {
      const address = seen(proxy, said.join(', '), ['0.0.0.0/0', '::/0'])
      return isIP(address) !== 0 && address === address.toLowerCase()
    }),
    { numRuns: 5000 },
  )
})

t.test('with no proxy trusted nothing that is said matters', async () => {
  fc.assert(
    fc.property(fc.string(), (said) => seen('192.0.2.1', said, []) === '192.0.2.1'),
    { numRuns: 1000 },
  )
})
