import t from 'tap'
import type { UpstreamRequest } from '../../../src/upstream/http1/port.ts'
import { until } from '../group.ts'
import { ask, createText, openPool, post, turnOver, type Asked } from './connection/asking.ts'
import { startTarget, type Arrived } from './connection/target.ts'

/** Always the same numbers, between 0 and below `limit`. */
function createDice(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * limit)
  }
}

/** What an answer to this request says, in so many ways of saying it. */
function wordings({ path, method, body }: Arrived): readonly string[] {
  const text = `${method} ${path} ${body}`.repeat(1 + (path.length % 7))
  const length = `Content-Length: ${text.length}\r\n`
  const half = Math.floor(text.length / 2)
  const chunks = [text.slice(0, half), text.slice(half)].filter((chunk) => chunk !== '')
  const chunked = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
  const line = `HTTP/1.1 200 OK\r\nX-Path: ${path}\r\n`
  return [
    `${line}${length}\r\n${text}`,
    `${line}Transfer-Encoding: chunked\r\n\r\n${chunked}0\r\n\r\n`,
    `HTTP/1.1 103 Early Hints\r\nX-Path: /nobody\r\n\r\n${line}${length}\r\n${text}`,
    `${line}Connection: close\r\n${length}\r\n${text}`,
    `${line}${length}\r\n${text}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`,
  ]
}

t.test('no answer is ever another request’s, whatever happens to connections', async (t) => {
  const dice = createDice(20_260_101)
  const target = await startTarget(t, (request) => {
    const { peer, method, path } = request
    const text = wordings(request)[dice(20) % 8 < 5 ? dice(5) : 0] ?? ''
    const fate = dice(100)
    if (fate === 0) peer.socket.resetAndDestroy()
    else if (fate === 1) peer.socket.destroy()
    else if (method === 'HEAD')
      peer.say(`HTTP/1.1 200 OK\r\nX-Path: ${path}\r\nContent-Length: 9\r\n\r\n`)
    else if (fate < 20) {
      const place = dice(text.length)
      peer.say(text.slice(0, place))
      setImmediate(peer.say, text.slice(place))
    } else peer.say(text)
    // Something that nobody has asked for, before anybody can have asked for anything. (What comes after a request has been sent
    // cannot be told from its answer: HTTP/1.1 has nothing to tell it by.)
    if (fate === 99) setImmediate(peer.say, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')
    if (fate === 98) setTimeout(() => peer.socket.destroy(), dice(5))
  })
  const pool = openPool(t, target)
  const total = 12_000
  const atOnce = 12
  let begun = 0
  let [answered, failed, aborted] = [0, 0, 0]
  const wrong: string[] = []

  const requestOf = (number: number): Partial<UpstreamRequest> => {
    const path = `/${number}/${'x'.repeat(number % 11)}`
    const kind = dice(4)
    if (kind === 0) return post(path, `text of ${number}`)
    if (kind === 1) {
      return {
        method: 'POST',
        path,
        headers: ['host', 'a'],
        body: { ...createText(`${number}`), chunked: true },
      }
    }
    return { method: kind === 2 ? 'HEAD' : 'GET', path }
  }
  const serveOne = async (): Promise<void> => {
    const number = begun++
    const request = requestOf(number)
    const heads: (readonly string[])[] = []
    const asked: Asked = ask(pool, request, { onHead: (_status, headers) => heads.push(headers) })
    if (dice(40) === 0) {
      for (let turns = dice(4); turns > 0; turns -= 1) await turnOver()
      const before = asked.told.length
      asked.call.abort()
      aborted += 1
      await turnOver()
      if (asked.told.length > before) wrong.push(`${number}: told after it was given up`)
      return
    }
    const body = await asked.over
    const ends = asked.told.filter((what) => !/^(?:head|data|quiet)/.test(what))
    if (ends.length !== 1) wrong.push(`${number}: ${asked.told.join()}`)
    if (body instanceof Error) {
      failed += 1
      return
    }
    answered += 1
    const { method = '', path = '' } = request
    if (heads.length !== 1 || heads[0]?.[1] !== path) wrong.push(`${number}: ${String(heads[0])}`)
    const whole = `${method} ${path} `
    if (method === 'HEAD' ? body !== '' : !body.startsWith(whole)) wrong.push(`${number}: ${body}`)
    if (body.split(`${method} /`).length - 1 !== (method === 'HEAD' ? 0 : 1 + (path.length % 7))) {
      wrong.push(`${number}: ${body}`)
    }
  }
  const serve = async (): Promise<void> => {
    while (begun < total) await serveOne()
  }
  await Promise.all(Array.from({ length: atOnce }, serve))
  t.strictSame(wrong, [])
  t.equal(answered + failed + aborted, total)
  t.ok(answered > total * 0.8, `${answered} answered, ${failed} failed, ${aborted} given up`)
  t.ok(failed < total * 0.1)
  t.ok(target.peers.length < total * 0.7, `over ${target.peers.length} connections`)
  // None has got lost, and none is left over.
  await until(() => pool.size === target.open().length && pool.size <= atOnce)
  await pool.close()
  t.equal(pool.size, 0)
})
