import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startGateway, type Running, type StartOptions } from '../../helper/gateway.ts'
import type { TestRedis } from '../../helper/servers/redis.ts'

/** A gateway that counts in a Redis, with a folder of its own: several may run in one test. */
export function startSharing(
  t: Test,
  redis: Pick<TestRedis, 'url'>,
  options: StartOptions,
): Promise<Running> {
  const folders = {
    testdir: (files: Readonly<Record<string, string>>) => {
      const folder = mkdtempSync(join(tmpdir(), 'sallyport-limits-'))
      t.teardown(() => {
        rmSync(folder, { recursive: true, force: true })
      })
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
      return folder
    },
    teardown: (end: () => unknown) => {
      t.teardown(end)
    },
  }
  const yaml = `redis: "${redis.url}"\n${options.yaml ?? ''}`
  return startGateway(folders as unknown as Test, { ...options, yaml })
}

/** What the gateway has said about its Redis, oldest first. */
export function saidOfRedis(gateway: Running): readonly string[] {
  return gateway.log
    .map(({ msg }) => String(msg))
    .filter((message) => message.startsWith('Redis'))
    .map((message) => message.split(':')[0] ?? '')
}

/** Waits until the gateway has said `count` things about its Redis; rejects after two seconds. */
export async function untilSaid(gateway: Running, count: number): Promise<void> {
  const until = performance.now() + 2000
  while (saidOfRedis(gateway).length < count) {
    if (performance.now() > until) throw new Error(`only said: ${saidOfRedis(gateway).join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
