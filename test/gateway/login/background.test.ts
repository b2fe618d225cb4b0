import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import t from 'tap'
import { systemClock } from '../../../src/clock.ts'
import { prepare } from '../../../src/session/embedded/prepare/prepare.ts'
import { deaf } from '../../../src/session/port.ts'
import { base, parse } from '../../config/gateway-file.ts'

t.test('a gateway that stops waits for what Better Auth has begun to send', async (t) => {
  const { config } = parse(`auth: { signUp: closed, database: ":memory:" }\n${base}`)
  if (config === null) throw new Error('the configuration is wrong')
  const logger = pino({ level: 'silent' })
  const { options, close } = await prepare(config, { logger, clock: systemClock, listener: deaf })
  const sending = Promise.withResolvers<undefined>()
  options.advanced?.backgroundTasks?.handler(Promise.resolve())
  options.advanced?.backgroundTasks?.handler(sending.promise)
  let isClosed = false
  const closing = close().then(() => {
    isClosed = true
  })
  for (let time = 0; time < 100; time += 1) await turn()
  t.notOk(isClosed)
  sending.resolve(undefined)
  await closing
  t.ok(isClosed)
})
