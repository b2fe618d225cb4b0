import t from 'tap'
import { outcome } from '../session/calls.ts'
import { call } from '../session/calls.ts'
import { newUser, startNodes } from './stage.ts'

t.test('how long revocations take to arrive is measured', async (t) => {
  const { here, there } = await startNodes(t, {})
  const { cookie } = await newUser(here)
  await outcome(there, { cookie })
  await call(here, '/sign-out', { cookie })
  while ((await outcome(there, { cookie })) === 200) await new Promise(setImmediate)
  const read = async ({ adminUrl }: typeof here): Promise<string> => {
    const answer = await fetch(`${adminUrl ?? ''}/metrics`)
    t.match(answer.headers.get('content-type'), /^text\/plain; version=/)
    return answer.text()
  }
  const [told, heard] = [await read(here), await read(there)]
  t.match(told, /^sallyport_revocations_total [1-9]/m)
  t.match(heard, /^sallyport_revocation_lag_seconds_count [1-9]/m)
  t.match(heard, /^sallyport_revocation_lag_seconds_bucket\{le="1"\} [1-9]/m)
  t.match(heard, /^sallyport_revocation_bus_up 1$/m)
})
