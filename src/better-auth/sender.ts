import { createHash, randomUUID } from 'node:crypto'
import type { RevocationEvent } from '../session/revocation/event.ts'
import { Channel, type ChannelOptions } from './channel.ts'

/** Tells gateways what has changed. */
export interface Sender {
  say(event: RevocationEvent): void
  /** Resolves when every gateway that takes anything has taken all of it, and after `ms` in any case. Never rejects. */
  flushed(ms: number): Promise<void>
}

export interface SenderOptions extends Pick<ChannelOptions, 'secret' | 'log'> {
  readonly gateways: readonly string[]
}

/**
 * The sender of this process for these gateways. There is one however often the application's modules are evaluated (development servers do so with every change, and bundles
 * hold copies), or each would leave its timers behind.
 */
export function senderFor(options: SenderOptions): Sender {
  const place = Symbol.for('sallyport.senders')
  const all = globalThis as unknown as Record<symbol, Map<string, Sender> | undefined>
  const senders = (all[place] ??= new Map<string, Sender>())
  const key = keyOf(options)
  const known = senders.get(key)
  if (known !== undefined) return known
  const sender = createSender(options)
  senders.set(key, sender)
  return sender
}

function keyOf({ gateways, secret }: SenderOptions): string {
  const text = JSON.stringify([gateways, secret])
  return createHash('sha256').update(text).digest('base64url')
}

/** @param stop hands out what ends its timers */
export function createSender(
  { gateways, secret, log }: SenderOptions,
  stop: (end: () => void) => void = () => undefined,
): Sender {
  const sender = randomUUID()
  const channels = gateways.map(
    (gateway, index) =>
      new Channel({
        ...{ gateway, secret, sender, log },
        records: index === 0,
        fetch: (...args) => fetch(...args),
      }),
  )
  stop(() => {
    for (const channel of channels) channel.stop()
  })
  return {
    say: (event) => {
      for (const channel of channels) channel.say(event)
    },
    flushed: async (ms) => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms)
      })
      await Promise.race([late, Promise.all(channels.map((channel) => channel.flushed()))])
      clearTimeout(timer)
    },
  }
}
