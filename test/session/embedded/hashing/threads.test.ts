import { createHook } from 'node:async_hooks'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { hashPassword } from 'better-auth/crypto'
import t, { type Test } from 'tap'
import type { KeyInput } from '../../../../src/session/embedded/hashes/recipe.ts'
import { createScryptHasher } from '../../../../src/session/embedded/limits/scrypt.ts'
import {
  HashingThreads,
  type ThreadOptions,
} from '../../../../src/session/embedded/limits/threads.ts'
import { niceValues, noneLeft, onlyLinux } from './tasks.ts'

function open(t: Test, options: ThreadOptions = {}): HashingThreads {
  const threads = new HashingThreads(options)
  t.teardown(async () => {
    threads.close()
    await noneLeft()
  })
  return threads
}

function inputOf(text: string): KeyInput {
  return { password: new TextEncoder().encode(text), recipe: { kind: 'scrypt', salt: 'ab' } }
}

/** Threads that do as they are told, in place of deriving keys. */
function obeying(t: Test): HashingThreads {
  const folder = t.testdir({
    'worker.mjs': `import { parentPort } from 'node:worker_threads'
      parentPort.on('message', ({ password }) => {
        const order = Buffer.from(password).toString()
        if (order === 'exit') process.exit(3)
        if (order === 'throw') throw Object.assign(new Error('hashing ' + order), { order })
        if (order === 'fail') throw Object.assign(new Error('hashing ' + order), { code: 'ERR_X' })
        if (order === 'wait') return
        parentPort.postMessage(new Uint8Array([...process.execArgv, ...Object.keys(process.env)].length ? 1 : 2))
      })`,
  })
  return open(t, { entry: pathToFileURL(join(folder, 'worker.mjs')) })
}

t.test(
  'a thread is started by the first hash and serves those that follow',
  onlyLinux,
  async (t) => {
    const { hash } = createScryptHasher(open(t).derive)
    t.same(niceValues().hashing, [])
    for (let nth = 0; nth < 3; nth += 1) await hash('a')
    t.equal(niceValues().hashing.length, 1)
    await Promise.all([hash('a'), hash('b'), hash('c')])
    t.equal(niceValues().hashing.length, 3, 'as many as there are hashes at once')
  },
)

t.test(
  'hashes run at a priority below the event loop, and nothing else does',
  onlyLinux,
  async (t) => {
    const before = getPriority()
    const { hash } = createScryptHasher(open(t).derive)
    await Promise.all([hash('a'), hash('b')])
    const { hashing, others } = niceValues()
    const below = Math.min(before + 10, 19)
    t.same(hashing, [below, below])
    t.ok(others.length > 1 && others.every((nice) => nice === before))
  },
)

t.test('the thread pool is left to others', async (t) => {
  const seen: string[] = []
  const hook = createHook({ init: (_id, type) => seen.push(type) }).enable()
  t.teardown(() => hook.disable())
  const { hash, verify } = createScryptHasher(open(t).derive)
  await verify({ hash: await hash('a'), password: 'a' })
  t.notOk(seen.includes('SCRYPTREQUEST'))
  await hashPassword('a')
  t.ok(seen.includes('SCRYPTREQUEST'), 'as it would show')
})

t.test('the password is handed over and not copied', async (t) => {
  const input = inputOf('secret')
  const done = open(t).derive(input)
  t.equal(input.password.byteLength, 0)
  t.equal((await done).byteLength, 64)
})

t.test('a thread is told neither the environment nor the flags of the process', async (t) => {
  t.equal((await obeying(t).derive(inputOf('tell'))).byteLength, 2)
})

t.test('a thread that dies fails its own hash and no other, and is replaced', async (t) => {
  const threads = obeying(t)
  const orders = ['exit', 'throw', 'fail'] as const
  for (const order of orders) {
    const [dead, alive] = await Promise.allSettled([
      threads.derive(inputOf(order)),
      threads.derive(inputOf('tell')),
    ])
    t.equal(alive.status, 'fulfilled')
    t.match(dead, { status: 'rejected', reason: { message: /^a password could not be hashed/ } })
    t.equal((await threads.derive(inputOf('tell'))).byteLength, 2)
  }
})

t.test('of what was thrown an error keeps the code and nothing else', async (t) => {
  const threads = obeying(t)
  const expected = { throw: 'something was thrown', fail: 'ERR_X' }
  for (const [order, reason] of Object.entries(expected)) {
    const error: unknown = await threads.derive(inputOf(order)).catch((error: unknown) => error)
    const message = `a password could not be hashed: its thread died, ${reason}`
    t.equal((error as Error).message, message)
    t.notMatch(inspect(error, { showHidden: true }), /hashing (?:throw|fail)|order:/)
  }
})

t.test('a thread that cannot start fails its own hash', async (t) => {
  const threads = open(t, { entry: new URL('./nowhere.ts', import.meta.url) })
  for (let nth = 0; nth < 2; nth += 1) {
    await t.rejects(threads.derive(inputOf('a')), { message: /died, [A-Z_]*MODULE_NOT_FOUND$/ })
  }
})

t.test('idle threads end, and the next hash starts another', onlyLinux, async (t) => {
  const { hash } = createScryptHasher(open(t, { idleMs: 20 }).derive)
  await Promise.all([hash('a'), hash('b')])
  await noneLeft()
  t.match(await hash('c'), /:/)
})

t.test('a thread that is used does not end', onlyLinux, async (t) => {
  const { hash } = createScryptHasher(open(t, { idleMs: 60 }).derive)
  await Promise.all([hash('a'), hash('b')])
  // Each takes longer than a thread may be idle.
  for (let nth = 0; nth < 4; nth += 1) await hash('c')
  t.equal(niceValues().hashing.length, 1, 'and the one that is not needed has')
})

t.test('closing ends all threads and gives up what they do', async (t) => {
  const threads = obeying(t)
  const waiting = threads.derive(inputOf('wait'))
  await threads.derive(inputOf('tell'))
  threads.close()
  await t.rejects(waiting, { message: /died, it was ended$/ })
  await t.rejects(threads.derive(inputOf('tell')), { message: /the gateway has closed$/ })
  await noneLeft()
})
