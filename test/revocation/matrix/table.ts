import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { bearerOf, signIn } from '../../session/calls.ts'
import { acts, type Act, type Actor } from './acts.ts'
import { newUser, openDevice, startNodes, type Device, type Nodes, type Storage } from '../stage.ts'

/** What DESIGN §6 promises for other gateways, milliseconds. */
const promisedMs = 1000

/** Each act, on this gateway and on another one, for requests, WebSockets and event streams. */
export function testRevocations(prepare: (t: Test) => Promise<Storage | null>): void {
  t.test('each act ends what it must, everywhere', async (t) => {
    const storage = await prepare(t)
    if (storage === null) return
    const nodes = await startNodes(t, storage)
    for (const [name, act] of Object.entries(acts)) {
      await t.test(name, (t) => testAct(t, nodes, act))
    }
  })
}

async function testAct(t: Test, nodes: Nodes, act: Act): Promise<void> {
  const user = await newUser(nodes.here)
  const actor: Actor = { ...user, other: await signIn(nodes.there, user.email) }
  await act.prepare?.(nodes, actor)
  const devices = { here: [] as Device[], there: [] as Device[] }
  for (const node of ['here', 'there'] as const) {
    devices[node].push(await openDevice(t, nodes[node], actor[act.ends], act.path))
  }
  const bearer = await bearerOf(nodes.here, actor[act.ends])
  for (const node of [nodes.here, nodes.there]) {
    t.equal(await outcomeAt(node, act.path, bearer), 200, 'a token of the session is accepted')
  }
  const [near] = devices.here as [Device]
  const [far] = devices.there as [Device]
  const bystander = await newUser(nodes.there)
  const untouched = await openDevice(t, nodes.there, bystander.cookie)
  const reply = await act.act(nodes, actor)
  const done = performance.now()
  t.equal(reply.status, 200, reply.text)
  t.equal(await near.http(), act.code, 'refused here as soon as the answer is there')
  const byToken = (node: Nodes['here']): Promise<number | string> =>
    outcomeAt(node, act.path, bearer)
  t.equal(await byToken(nodes.here), act.code, 'the token too')
  await refusedWithin(() => far.http(), act.code)
  // One of the two may have been looked up anew since, and so be known before the other gateway is told.
  await refusedWithin(() => byToken(nodes.there), act.code)
  const tookMs = performance.now() - done
  t.ok(tookMs < promisedMs, `refused there after ${tookMs.toFixed(0)} ms`)
  t.equal(await byToken(nodes.there), act.code, 'and is not let in any more')
  for (const device of [near, far]) {
    const fates = [await device.webSocket(), await device.eventStream()]
    for (const fate of fates) t.ok((act.closes ?? [act.code]).includes(fate), fate)
  }
  t.ok(performance.now() - done < promisedMs, 'everything is closed in time')
  t.equal(await untouched.http(), 200, 'and nothing of anybody else')
}

async function outcomeAt(
  node: Nodes['here'],
  path = '/live',
  authorization: string,
): Promise<number | string> {
  const reply = await node.request(`${path}/x`, { headers: { authorization } })
  return reply.status === 200 ? 200 : String(reply.json()['code'])
}

async function refusedWithin(ask: () => Promise<number | string>, code: string): Promise<void> {
  const deadline = performance.now() + 2 * promisedMs
  while ((await ask()) !== code && performance.now() < deadline) await sleep(5)
}
