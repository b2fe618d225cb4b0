import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { StartupError } from '../../../src/errors/startup.ts'
import { startGateway } from '../../helper/gateway.ts'
import { makeCertificates, type Pair } from '../../upstream/certificates.ts'
import { api } from './target.ts'

const made = makeCertificates(t)

/** A FastAPI with TLS; says what Host it saw. */
async function startSecured(t: Test, pair: Pair, clientCaFile?: string): Promise<string> {
  const client =
    clientCaFile === undefined
      ? {}
      : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: true }
  const server = createServer(
    { cert: readFileSync(pair.certFile), key: readFileSync(pair.keyFile), ...client },
    (request, response) => response.end(request.headers.host),
  )
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

if (made !== null) {
  const { caFile, issue, selfSigned } = made
  const address = 'IP:127.0.0.1'

  t.test('a FastAPI whose certificate does not verify is a 502 in our words', async (t) => {
    const wrong = issue('elsewhere', 'DNS:elsewhere.internal')
    const cases = {
      'self-signed': api([await startSecured(t, selfSigned('self', address))]),
      'of a CA that nobody named': api([await startSecured(t, issue('unnamed', address))]),
      'for another name': api([await startSecured(t, wrong)], `tls: { ca: "${caFile}" }`),
      'for the name in Host': api(
        [await startSecured(t, issue('host', 'DNS:app.test'))],
        `tls: { ca: "${caFile}" }`,
      ),
    }
    for (const [why, upstream] of Object.entries(cases)) {
      const gateway = await startGateway(t, { upstream })
      const reply = await gateway.request('/open/x')
      t.match(reply.json(), { status: 502, code: 'upstream_unreachable', action: 'retry' }, why)
      t.notMatch(reply.text, /127\.0\.0\.1|CERT|self-signed|internal/, `${why}: no detail of it`)
    }
  })

  t.test('a FastAPI whose certificate verifies is served as any other', async (t) => {
    const url = await startSecured(t, issue('well', address))
    const gateway = await startGateway(t, { upstream: api([url], `tls: { ca: "${caFile}" }`) })
    t.match(await gateway.request('/open/x'), { status: 200, text: 'app.test' })
    const other = await startSecured(t, issue('named', 'DNS:api.internal'))
    const named = await startGateway(t, {
      upstream: api([other], `tls: { ca: "${caFile}", serverName: api.internal }`),
    })
    t.match(await named.request('/open/x'), { status: 200, text: 'app.test' })
  })

  t.test('a client certificate is given where FastAPI wants one', async (t) => {
    const url = await startSecured(t, issue('strict', address), caFile)
    const { certFile, keyFile } = issue('gateway', 'DNS:gateway.internal')
    const tls = `tls: { ca: "${caFile}", cert: "${certFile}", key: "${keyFile}" }`
    const gateway = await startGateway(t, { upstream: api([url], tls) })
    t.match(await gateway.request('/open/x'), { status: 200 })
    const without = await startGateway(t, { upstream: api([url], `tls: { ca: "${caFile}" }`) })
    const reply = await without.request('/open/x')
    t.match(reply.json(), { status: 502, code: 'upstream_unreachable' })
  })

  t.test('a file that is missing is one sentence at the start', async (t) => {
    const starting = startGateway(t, {
      upstream: api(['https://127.0.0.1:1'], 'tls: { ca: ./none.pem }'),
    })
    await t.rejects(starting, { message: /^upstreams\.api\.tls\.ca: \S+ does not exist$/ })
    await t.rejects(starting, StartupError)
  })
}
