import { connect } from 'node:net'
import type { Random } from './input/random.ts'

/** Bytes for one connection, and how they are sent. Text stands for bytes, one character each. */
export interface Case {
  readonly bytes: string
  /** Where the bytes are cut into pieces. */
  readonly cuts: readonly number[]
  /** Says goodbye and waits, resets at once, or resets while the answer comes. */
  readonly end: 'goodbye' | 'reset' | 'late reset'
}

export interface Outcome {
  readonly text: string
  /** The gateway did not end the connection after a goodbye. */
  readonly hung: boolean
}

const longestMs = 8000

export function toCase(random: Random, bytes: string): Case {
  const pieces = random.chance(0.3) ? 1 + random.below(6) : 0
  const cuts = Array.from({ length: pieces }, () => random.below(bytes.length + 1))
  const end = random.chance(0.85) ? 'goodbye' : random.chance(0.5) ? 'reset' : 'late reset'
  return { bytes, cuts: cuts.toSorted((one, other) => one - other), end }
}

/** Sends one case on a connection of its own and waits for the end of it. */
export async function send(url: string, { bytes, cuts, end }: Case): Promise<Outcome> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => undefined)
  const ended = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => {
      resolve(true)
      socket.destroy()
    }, longestMs)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(false)
    })
  })
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    socket.write(bytes.slice(from, cut), 'latin1')
    from = cut
    if (cuts.length > 0) await new Promise((resolve) => setImmediate(resolve))
  }
  if (end === 'goodbye') socket.end()
  else setTimeout(() => socket.resetAndDestroy(), end === 'reset' ? 0 : 5)
  return { hung: await ended, text }
}
