import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fastify } from 'fastify'
import t from 'tap'
import { readHead } from '../../src/head.ts'
import type { Forwarded } from '../../src/pipeline.ts'
import { registerFiles, serveFile } from '../../src/static/serve.ts'

t.test('a client that takes nothing of a file for too long is cut off', async (t) => {
  const dir = t.testdir()
  writeFileSync(join(dir, 'big.bin'), Buffer.alloc(32_000_000))
  const service = { kind: 'static', dir, fallback: null } as const
  const admission = {
    kind: 'forward',
    route: {
      match: { paths: ['/*'] },
      auth: { mode: 'none' },
      headers: { request: [], response: [] },
      cors: null,
      rateLimit: null,
    },
    target: { target: '/big.bin', path: '/big.bin', escapes: [] },
    setCookies: [],
    answerHeaders: [],
  } as unknown as Forwarded
  const app = fastify()
  registerFiles(app, () => admission)
  app.get('/big.bin', (_request, reply) => {
    const head = readHead('GET', '/big.bin', [])
    const refuse = (): void => undefined
    void serveFile({ reply, head, admission, refuse, idleMs: 150 }, service)
  })
  t.teardown(() => app.close())
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  const [accepted] = (await Promise.all([
    once(app.server, 'connection').then(([each]) => each as NodeJS.EventEmitter),
    once(socket, 'connect'),
  ])) as [NodeJS.EventEmitter, unknown]
  socket.write('GET /big.bin HTTP/1.1\r\nHost: app.test\r\n\r\n')
  await once(socket, 'readable')
  await once(accepted, 'close')
  t.pass('its connection ended')
})
