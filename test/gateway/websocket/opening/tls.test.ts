import { readFileSync } from 'node:fs'
import t from 'tap'
import { makeCertificates, type Pair } from '../../../upstream/certificates.ts'
import { startTlsGateway } from '../../front/tls.ts'
import { startGateway } from '../../../helper/gateway.ts'
import { closeOf, startSocketBackend } from '../backend.ts'
import { begin, connect, nextMessage, refusalOf, routes } from '../client.ts'

const made = makeCertificates(t)

function pem({ certFile, keyFile }: Pair): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) }
}

if (made !== null) {
  const { caFile, issue } = made
  const ca = readFileSync(caFile)

  t.test('a connection is encrypted on both sides', async (t) => {
    const backend = await startSocketBackend(t, { tls: pem(issue('api', 'DNS:api.internal')) })
    const upstream = `  api: { url: "${backend.url}", tls: { ca: "${caFile}", serverName: api.internal } }`
    const front = issue('front', 'DNS:app.test')
    const gateway = await startTlsGateway(t, front, { upstream, routes })
    const options = { ca, servername: 'app.test' }
    const client = await connect(t, gateway, '/open/x', options)
    const { request, closed } = await backend.arrival()
    t.equal(request.headers['x-forwarded-proto'], 'https')
    for (const size of [5, 1_000_000]) {
      const echo = nextMessage(client)
      client.send('x'.repeat(size))
      t.equal((await echo).length, size)
    }
    const left = closeOf(client)
    client.close(4000, 'bye')
    t.strictSame(await left, { code: 4000, reason: 'bye' })
    t.strictSame(await closed, { code: 4000, reason: 'bye' })
  })

  t.test('a FastAPI whose certificate does not verify is a 502', async (t) => {
    const backend = await startSocketBackend(t, { tls: pem(issue('other', 'DNS:other.internal')) })
    for (const tls of ['', `, tls: { ca: "${caFile}" }`]) {
      const upstream = `  api: { url: "${backend.url}"${tls} }`
      const gateway = await startGateway(t, { upstream, routes })
      const refused = await refusalOf(begin(t, gateway, '/open/x'))
      t.match(refused, { status: 502, text: /"upstream_unreachable"/ })
    }
  })
}
