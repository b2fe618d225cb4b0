import { constants, createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { SecureVersion, TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { ConnectFailed } from '../../../src/upstream/http1/failure.ts'
import type { ConnectionPool } from '../../../src/upstream/http1/pool.ts'
import { createUpstreamTls } from '../../../src/upstream/tls.ts'
import { makeCertificates } from '../certificates.ts'
import { until, upstreamConfig } from '../group.ts'
import {
  ask,
  createBody,
  openPool,
  post,
  turnOver,
  type Asked,
  type StagedBody,
} from './connection/asking.ts'
import { answerOk, okFor, startTarget, type OnRequest, type Peer } from './connection/target.ts'

const made = makeCertificates(t)

if (made !== null) {
  const { caFile } = made
  const { certFile, keyFile } = made.issue('target', 'IP:127.0.0.1')
  const credentials: TlsOptions = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
  const versions: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3']

  const open = (t: Test, origin: string): ConnectionPool => {
    const tls = { caFile, clientCert: null, serverName: null }
    const tlsOf = createUpstreamTls(upstreamConfig([origin], { tls }))
    return openPool(t, { origin }, { tls: tlsOf(origin) })
  }
  const start = (
    t: Test,
    onRequest?: OnRequest,
    onConnection?: (peer: Peer) => void,
    maxVersion: SecureVersion = 'TLSv1.3',
    secureOptions = 0,
  ): ReturnType<typeof startTarget> =>
    startTarget(t, onRequest, onConnection, { ...credentials, maxVersion, secureOptions })

  t.test('a connection is used again', async (t) => {
    for (const version of versions) {
      const target = await start(t, undefined, undefined, version)
      const pool = open(t, target.origin)
      for (let each = 0; each < 3; each += 1) {
        t.equal(await ask(pool, { path: `/${each}` }).over, `for /${each}`)
        t.equal(await ask(pool, post('/post', 'text')).over, 'for /post')
      }
      t.equal(target.peers.length, 1)
    }
  })

  t.test('large bodies pass in both directions', async (t) => {
    const size = 5_000_000
    const bytes = Buffer.from('0123456789abcdef'.repeat(size / 16))
    const target = await start(t, ({ peer, body }) => {
      peer.say(okFor(body))
    })
    const pool = open(t, target.origin)
    const hash = createHash('sha256')
    let sent = 0
    let resumed = 0
    const body: StagedBody = {
      ...createBody(),
      resume: () => {
        resumed += 1
        send()
      },
    }
    const asked = ask(
      pool,
      { method: 'POST', headers: ['content-length', String(size)], body },
      { onData: (chunk) => hash.update(chunk), onEnd: (last) => last && hash.update(last) },
    )
    const sink = await body.sink
    const send = (): void => {
      while (sent < size) {
        const piece = Buffer.from(bytes.subarray(sent, sent + 100_000))
        sent += piece.length
        if (!sink.write(piece)) break
      }
      if (sent === size) sink.end()
    }
    send()
    await asked.over
    t.equal(hash.digest('hex'), createHash('sha256').update(bytes).digest('hex'))
    t.ok(resumed > 0)
    t.equal(pool.size, 1)
  })

  t.test('an answer that is paused comes whole, and its connection is used again', async (t) => {
    const text = '0123456789'.repeat(100_000)
    for (const version of versions) {
      const target = await start(
        t,
        ({ peer, path }) => {
          peer.say(okFor(path === '/large' ? text : path))
        },
        undefined,
        version,
      )
      const pool = open(t, target.origin)
      const slow: Asked = ask(
        pool,
        { path: '/large' },
        {
          onData: () => {
            slow.call.pause()
            setTimeout(slow.call.resume.bind(slow.call), 1)
          },
        },
      )
      t.equal((await slow.over) === text, true)
      t.equal(await ask(pool, { path: '/next', firstByteMs: 2000 }).over, '/next')
      t.equal(target.peers.length, 1)
    }
  })

  t.test('one that is paused as it ends leaves its connection readable', async (t) => {
    // Records of TLS that have been read are told one after the other, also after a pause.
    const target = await start(t, ({ peer, path }) => {
      peer.say(okFor(path === '/large' ? 'x'.repeat(40_000) : path))
    })
    const pool = open(t, target.origin)
    const asked: Asked = ask(
      pool,
      { path: '/large' },
      {
        onData: () => {
          asked.call.pause()
        },
      },
    )
    const resume = setInterval(() => {
      asked.call.resume()
    }, 20)
    t.equal(String(await asked.over).length, 40_000)
    clearInterval(resume)
    t.equal(await ask(pool, { path: '/next', firstByteMs: 1000 }).over, '/next')
  })

  t.test(
    'what is unasked, or the end of a connection, costs the next request nothing',
    async (t) => {
      const deeds: readonly ((peer: Peer) => void)[] = [
        ({ socket }) => socket.destroy(),
        ({ socket }) => socket.end(),
        ({ say }) => {
          say('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
        },
      ]
      for (const act of deeds) {
        const target = await start(t)
        const pool = open(t, target.origin)
        await ask(pool).over
        await turnOver()
        act(target.peers[0]!)
        // TLS may take a turn to write it; it is there before the connection is looked for, or before the request is sent.
        await turnOver()
        t.equal(await ask(pool, post('/next', 'text')).over, 'for /next')
        t.equal(target.peers.length, 2)
      }
    },
  )

  t.test('bytes behind an answer answer nobody, also as a record of their own', async (t) => {
    const target = await start(t, ({ peer, path }) => {
      peer.socket.cork()
      peer.say(okFor(path))
      peer.say('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
      peer.socket.uncork()
    })
    const pool = open(t, target.origin)
    const asked: Asked[] = []
    const next = (): void => {
      const onEnd = asked.length < 9 ? next : (): void => undefined
      asked.push(ask(pool, { path: `/${asked.length}` }, { onEnd }))
    }
    next()
    await until(() => asked.length === 10)
    for (const [each, { over }] of asked.entries()) t.equal(await over, `/${each}`)
  })

  t.test('a target that speaks or hangs up before it is asked is not asked for ever', async (t) => {
    const deeds: readonly ((peer: Peer) => void)[] = [
      ({ say }) => {
        say('220 mail.test ESMTP\r\n')
      },
      ({ socket }) => socket.end(),
      ({ socket }) => socket.destroy(),
    ]
    for (const act of deeds) {
      for (const version of versions) {
        // Of a handshake that is not resumed the target's part is the last one in TLS 1.2, and what it says comes together with that.
        const target = await start(t, answerOk, act, version, constants.SSL_OP_NO_TICKET)
        const pool = open(t, target.origin)
        const asked = ask(pool, { firstByteMs: 500 })
        await until(() => asked.told.length > 0 || target.peers.length > 20)
        t.ok(target.peers.length <= 2, `${version}: ${target.peers.length} connections`)
        t.match(asked.told, [/^Connect|^InvalidAnswer/])
        pool.destroy()
      }
    }
  })

  t.test('a target that hangs up during the handshake has been sent nothing', async (t) => {
    for (const end of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const server = createServer((socket: Socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () => socket[end]())
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      t.teardown(() => server.close())
      const pool = open(t, `https://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const asked = ask(pool)
      // Where a byte may have been sent, nobody dares to send the request again.
      t.type(await asked.over, ConnectFailed, end)
      t.equal(asked.told.length, 1)
      await until(() => pool.size === 0)
    }
  })
}
