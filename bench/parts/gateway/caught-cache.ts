import { SessionCache } from '../../../src/session/cache.ts'
import { fill } from './made-up.ts'

// The gateway keeps its cache to itself; the first look-up shows which it is.
const shown = new Set<SessionCache>()
const { prototype } = SessionCache
const peek = Object.getOwnPropertyDescriptor(prototype, 'peek')?.value as SessionCache['peek']
prototype.peek = function (this: SessionCache, key) {
  shown.add(this)
  prototype.peek = peek
  return peek.call(this, key)
}

/** Puts sessions number 0 to `count` into the cache of this process's gateway, which must have looked one up before. */
export async function fillSessions(count: number): Promise<void> {
  const [cache] = shown
  if (cache === undefined) throw new Error('the gateway has not looked a session up yet')
  await fill(cache, count)
}
