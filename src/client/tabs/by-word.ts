import { hear, tell, type Message, type TurnState } from './tabs.ts'
import { leader, sleep, type TakeTurnIn } from './turns.ts'

/** How long a claim waits for objections; messages between tabs take a few milliseconds. */
const claimMs = 200
/** Whoever has not been heard for so long has been closed. */
const silenceMs = 3000

/**
 * Turns without locks, which are there in secure contexts only: whoever claims a turn and hears no objection has it, and says so every
 * second.
 */
export const takeTurnByWord: TakeTurnIn = (tabs) => async (name, signal, task) => {
  const id = Math.random()
  const stop = new AbortController()
  let lowest = 1
  let busyAtMs = 0
  let beat: ReturnType<typeof setInterval> | undefined
  const say = (type: TurnState): void => {
    tell(tabs, { type, name, id })
  }
  const listen = (message: Message): void => {
    if (!('name' in message) || message.name !== name) return
    if (message.type !== 'claim') busyAtMs = message.type === 'busy' ? Date.now() : 0
    else if (beat) say('busy')
    else lowest = Math.min(lowest, message.id)
  }
  hear(tabs, listen, stop.signal)
  try {
    do {
      if (lowest < 1) await sleep(name === leader ? silenceMs : claimMs)
      lowest = 1
      say('claim')
      await sleep(claimMs)
      signal.throwIfAborted()
      if (Date.now() - busyAtMs < silenceMs) lowest = 0
    } while (lowest < id)
    beat = setInterval(say, 1000, 'busy')
    // Whoever claimed before this and has not heard our claim hears this.
    say('busy')
    return await task()
  } finally {
    clearInterval(beat)
    say('free')
    stop.abort()
  }
}
