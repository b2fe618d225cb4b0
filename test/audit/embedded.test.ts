import t from 'tap'
import { someAddress } from '../helper/gateway.ts'
import { acts } from './acts/all.ts'
import { ask, brief, newPerson, reader, startAudited, userAgent } from './stage.ts'

t.test('each thing that somebody does is said, once, with who did it and from where', async (t) => {
  const gateway = await startAudited(t)
  const read = reader(t, gateway)
  for (const { name, before, act, says, actor = 'user' } of acts) {
    const person = await newPerson(gateway)
    const prepared = (await before?.(gateway, person)) as never
    read()
    await act(gateway, person, prepared)
    const lines = read()
    t.strictSame(lines.map(brief).sort(), [...says].sort(), name)
    for (const line of lines) {
      t.match(line, { actor, via: 'request', userAgent, requestId: /^[0-9a-f-]{36}$/ }, name)
      t.match(line['address'], /^\d+\.\d+\.\d+\.\d+$/, name)
      if (actor === 'unknown') t.match([line['actorId'], line['userId']], [null, null], name)
    }
  }
})

t.test('ids say whom it concerns, and who did it', async (t) => {
  const gateway = await startAudited(t)
  const read = reader(t, gateway)
  const root = await newPerson(gateway, 'root')
  const { id, cookie } = await newPerson(gateway)
  const begun = read().at(-1)
  t.match(begun, { event: 'sign_in', userId: id, actorId: id, sessionId: /^[0-9a-f-]{36}$/ })
  const address = someAddress()
  await ask(gateway, '/admin/ban-user', { cookie: root.cookie, body: { userId: id }, address })
  const lines = read()
  t.equal(lines.length, 3)
  for (const line of lines) t.match(line, { userId: id, actorId: root.id, address })
  t.ok(lines.some((line) => line['sessionId'] === begun?.['sessionId']))
  await ask(gateway, '/sign-out', { cookie })
  t.strictSame(read(), [], 'the session is gone already')
})
