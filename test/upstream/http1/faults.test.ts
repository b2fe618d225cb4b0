import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import type { AnswerHandler } from '../../../src/upstream/http1/port.ts'
import { until } from '../group.ts'
import { ask, createBody, openPool } from './connection/asking.ts'
import { okFor, startTarget } from './connection/target.ts'

/** What a process prints in which a handler fails at some moment; the reason where it ends of that. */
async function failIn(moment: keyof AnswerHandler): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'faulty.ts'), moment])
  let [text, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
  child.stderr.setEncoding('utf8').on('data', (more: string) => (errors += more))
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0 ? text : `the process ended: ${/^\w*Error.*$/m.exec(errors)?.[0] ?? ''}`
}

// It would be thrown in the callback of a socket or of a timer, where nobody is who could catch it.
t.test('what a handler throws ends its request and nothing else', async (t) => {
  const told: readonly (readonly [keyof AnswerHandler, string])[] = [
    ['onHead', 'onHead onError'],
    ['onQuiet', 'onHead onQuiet onError'],
    ['onData', 'onHead onData onError'],
    // After these two nothing is told any more.
    ['onEnd', 'onHead onData onEnd'],
    ['onError', 'onError'],
  ]
  const all = told.map(async ([moment, what]) => [moment, what, await failIn(moment)] as const)
  for (const [moment, what, text] of await Promise.all(all)) {
    const then = moment === 'onError' ? 'ConnectionLost' : '200'
    t.equal(text, `${what}, then ${then}`, moment)
  }
})

t.test('a body that fails when it is asked for ends its request and nothing else', async (t) => {
  const bug = new RangeError('a bug of the body')
  const target = await startTarget(t)
  const pool = openPool(t, target)
  const sendTo = (): never => {
    throw bug
  }
  const headers = ['content-length', '4']
  const asked = ask(pool, { method: 'POST', headers, body: { ...createBody(), sendTo } })
  const other = ask(pool, { path: '/other' })
  t.equal(await asked.over, bug)
  t.equal(await other.over, 'for /other')
  await until(() => pool.size === 1)
})

t.test('a body that fails when it is stopped keeps nobody from hearing of the end', async (t) => {
  const bug = new RangeError('a bug of the body')
  const stop = (): never => {
    throw bug
  }
  const target = await startTarget(
    t,
    () => undefined,
    ({ socket }) => {
      socket.once('data', (text) => {
        if (String(text).includes('/lost')) socket.destroy()
        else socket.write(okFor('early'))
      })
    },
  )
  const faults: unknown[] = []
  const pool = openPool(t, target, { onFault: (error) => faults.push(error) })
  for (const [path, told] of [
    ['/early', 'head 200 end'],
    ['/lost', 'ConnectionLost'],
  ] as const) {
    const headers = ['content-length', '4']
    const asked = ask(pool, { method: 'POST', path, headers, body: { ...createBody(), stop } })
    await until(() => faults.length > 0)
    t.equal(asked.told.join(' '), told)
    t.strictSame(faults.splice(0), [bug], 'and that it failed is heard, too')
  }
  await until(() => pool.size === 0)
})
