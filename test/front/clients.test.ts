import { BlockList, isIPv6 } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { clientKey } from '../../src/front/clients.ts'

/** Addresses of which many share a network, in every spelling. */
const groups = fc.array(fc.constantFrom('0', '0000', '1', '01', 'dB8', '2001', 'ffff'), {
  minLength: 8,
  maxLength: 8,
})
const spelled = groups.chain((parts) => {
  const full = parts.join(':')
  const short = new URL(`http://[${full}]/`).hostname.slice(1, -1)
  const withIpv4 = `${parts.slice(0, 6).join(':')}:192.0.2.1`
  return fc.constantFrom(full, short, withIpv4, `${short}%eth0`, full.toUpperCase())
})

function shareNetwork(a: string, b: string): boolean {
  const list = new BlockList()
  list.addSubnet(a.split('%')[0] ?? '', 64, 'ipv6')
  return list.check(b.split('%')[0] ?? '', 'ipv6')
}

t.test('two IPv6 addresses are one client exactly where they share a /64', async () => {
  fc.assert(
    fc.property(
      fc.oneof(spelled, fc.ipV6()),
      fc.oneof(spelled, fc.ipV6()),
      (a, b) => (clientKey(a) === clientKey(b)) === shareNetwork(a, b),
    ),
    { numRuns: 20_000 },
  )
})

t.test('a key is the first address of its network', async () => {
  fc.assert(
    fc.property(fc.oneof(spelled, fc.ipV6()), (address) => {
      const [network = ''] = clientKey(address).split('/')
      return isIPv6(network) && shareNetwork(network, address)
    }),
    { numRuns: 2000 },
  )
})

t.test('every IPv4 address is a client of its own', async () => {
  fc.assert(fc.property(fc.ipV4(), (address) => clientKey(address) === address))
})
