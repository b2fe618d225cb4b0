import t from 'tap'
import { launchChromium } from '../../../helper/chromium.ts'
import { startSite } from '../site/index.ts'
import { revokeFromElsewhere, signInElsewhere, until } from '../site/tabs.ts'
import { minute, openReader, startReader } from './reader.ts'

const chromium = await launchChromium(t)

if (chromium !== null) {
  const site = await startSite(t)
  const { door } = site

  t.test('it is a WebSocket', async (t) => {
    const { tab, told } = await openReader(t, chromium, site, 'socket()')
    await tab.run('ws.send("one")')
    await until('the echo is there', () => told('message').length === 1)
    t.equal(told('message')[0]?.data, 'one')
    t.match(
      await tab.run(`(async () => {
        ws.binaryType = 'arraybuffer'
        const back = new Promise((resolve) => { ws.onmessage = (event) => resolve([...new Uint8Array(event.data)]) })
        ws.send(new Uint8Array([1, 2, 255]))
        return { bytes: await back, state: ws.readyState, url: ws.url, protocol: ws.protocol, open: ws.OPEN }
      })()`),
      {
        bytes: [1, 2, 255],
        state: 1,
        url: `${site.origin.replace('http', 'ws')}/api/ws`,
        protocol: '',
        open: 1,
      },
    )
  })

  t.test('it comes back from what is not meant for it', async (t) => {
    const { tab, sockets, told, passUntil } = await openReader(t, chromium, site, 'socket()')
    for (const [index, code] of [1011, 1012, 1013, 1001, null].entries()) {
      const socket = sockets()[index]
      // Of an application that is gone the gateway says 1011.
      if (code === null) socket?.terminate()
      else socket?.close(code, 'a reason')
      await until('the loss is told', () => told('close').length === index + 1)
      t.match(told('close').at(-1), { code: code ?? 1011, state: 0 }, 'and that it will be back')
      t.equal(
        await tab.run(`(() => { try { ws.send('lost') } catch (error) { return error.name } })()`),
        'InvalidStateError',
        'nothing is lost silently',
      )
      await passUntil('it is back', () => told('open').length === index + 2)
      await tab.run('ws.send("again")')
      await until('it echoes', () => told('message').length === index + 1)
      t.equal(sockets().length, index + 2)
    }
    t.equal(told('end').length, 0)
  })

  t.test('it does not come back where the application or the gateway has closed it', async (t) => {
    const { tab, sockets, told, context } = await startReader(t, chromium, site, 'undefined')
    let ends = 0
    for (const [code, reason, why] of [
      [1000, '', null],
      [1003, '', null],
      [1008, 'policy', null],
      [4000, 'mine', null],
      [4401, 'session_revoked', null],
      [4999, '', null],
      [3003, 'role_missing', 'role_missing'],
      [3003, 'user_banned', 'user_banned'],
      [3003, 'origin_rejected', 'origin_rejected'],
    ] as const) {
      await tab.run('socket()')
      await until('it is open', () => told('open').length === ends + 1)
      sockets()[ends]?.close(code, reason)
      ends += 1
      await until('the end is told', () => told('end').length === ends)
      t.match(told('end').at(-1), { code: why, state: 3 }, `${String(code)} ${reason}`)
      await until('as is how', () => told('close').length === ends)
      t.match(told('close').at(-1), { code, state: 3 })
    }
    await context.clock.runFor(10 * minute)
    t.equal(sockets().length, ends)
    t.same(tab.told('logins'), [])
    t.not(await tab.run('gw.session.current'), null)
  })

  t.test('3000 token_expired fetches a token and connects again', async (t) => {
    const { tab, sockets, told, passUntil } = await openReader(t, chromium, site, 'socket()', {
      mode: 'bearer',
    })
    await tab.run('gw.token()')
    site.gateway.clock.offsetMs += 16 * minute
    const before = door.count('POST /_gateway/token')
    sockets()[0]?.close(3000, 'token_expired')
    await passUntil('it is back', () => told('open').length === 2)
    t.equal(door.count('POST /_gateway/token') - before, 1)
    t.equal(told('end').length, 0)
    t.same(tab.told('logins'), [])
  })

  t.test('3000 token_expired again and again is no loop', async (t) => {
    const { tab, told, context } = await openReader(t, chromium, site, 'socket()', {
      mode: 'bearer',
    })
    await tab.run('gw.token()')
    const before = door.count('POST /_gateway/token')
    const opened = site.sockets.length
    const closeAll = setInterval(() => {
      for (const socket of site.sockets) socket.close(3000, 'token_expired')
    }, 5)
    for (let step = 0; step < 120; step += 1) await context.clock.runFor(1000)
    clearInterval(closeAll)
    t.ok(site.sockets.length - opened <= 20, `${String(site.sockets.length - opened)} connections`)
    t.ok(door.count('POST /_gateway/token') - before <= 20, 'in two minutes')
    t.ok(told('open').length >= 2)
    t.same(tab.told('failures'), [])
  })

  t.test('the end of the session ends it, and says so', async (t) => {
    const person = await openReader(t, chromium, site, 'socket()', { signedOut: 'stay' })
    const elsewhere = await signInElsewhere(person)
    const { told, context, sockets, tab } = person
    await revokeFromElsewhere(person, elsewhere)
    await until('it ends', () => told('end').length === 1)
    t.match(told('end'), [{ code: 'session_revoked', state: 3 }])
    t.equal(tab.told('events').filter(({ type }) => type === 'signed-out').length, 1)
    await context.clock.runFor(10 * minute)
    t.equal(sockets().length, 1)
  })

  t.test('nobody signed in: it ends, and somebody is asked to sign in once', async (t) => {
    const options = { isSignedOut: true }
    const { tab, told, context } = await startReader(t, chromium, site, 'socket()', options)
    await until('it ends', () => told('end').length === 1)
    t.match(told('end'), [{ code: 'credential_missing', state: 3 }])
    await context.clock.runFor(10 * minute)
    t.equal(tab.told('logins').length, 1)
  })

  t.test('an outage is waited for, longer and longer', async (t) => {
    const { context, told, passUntil, tab } = await openReader(t, chromium, site, 'socket()')
    door.shut()
    // A WebSocket that fails tells no request; each attempt that does is told as a close.
    const at: number[] = []
    for (let time = 0; time < 5 * minute; time += 1000) {
      const before = told('close').length + told('error').length
      await context.clock.runFor(1000)
      if (told('close').length + told('error').length > before) at.push(time)
    }
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    t.ok(at.length <= 25, `${String(at.length)} attempts in five minutes: ${gaps.join(' ')}`)
    t.ok((gaps.at(-1) ?? 0) > 4 * (gaps[0] ?? Infinity), 'less and less often')
    t.not(await tab.run('gw.session.current'), null)
    door.openAgain()
    await passUntil('it is back', () => told('open').length === 2)
    t.equal(told('end').length, 0)
    t.same(tab.told('failures'), [])
  })

  t.test('closing it, or the client, is the end', async (t) => {
    for (const close of ['ws.close()', 'ws.close(1000, "bye")', 'gw.close()']) {
      const { tab, sockets, told, context } = await openReader(t, chromium, site, 'socket()')
      await tab.run(close)
      await until('the application is left', () => sockets()[0]?.readyState === 3)
      t.equal(await tab.run('ws.readyState'), 3)
      await context.clock.runFor(10 * minute)
      t.equal(sockets().length, 1, close)
      t.ok(told('end').every(({ code }) => code === null))
    }
  })

  t.test('a subprotocol is asked for each time', async (t) => {
    const call = `socket('/api/ws', ['chat.v2', 'chat.v1'])`
    const { tab, sockets, told, passUntil } = await openReader(t, chromium, site, call)
    t.equal(await tab.run('ws.protocol'), 'chat.v2')
    sockets()[0]?.close(1012)
    await passUntil('it is back', () => told('open').length === 2)
    t.equal(await tab.run('ws.protocol'), 'chat.v2')
  })
}
