import { setTimeout as pause } from 'node:timers/promises'
import { createEventParser } from '../../../src/client/streams/event-parser.ts'
import { Browser, type Person } from './client.ts'
import type { Installation } from './installation.ts'
import type { Ledger } from './ledger.ts'

/** Titles of todos that a stream told of, in order. */
export interface Heard {
  readonly titles: string[]
  /** How often it was connected. */
  connected: number
}

/**
 * Listens to somebody's todos, and comes back after each end with the id of the last event, as the browser kit does: after the time
 * that the stream asked for. Whatever ends without a last word of the gateway is a failure.
 */
export async function listener(
  place: Installation,
  ledger: Ledger,
  { cookie }: Person,
  heard: Heard,
): Promise<void> {
  const resume = { lastEventId: '', retryMs: 0 }
  while (!ledger.isOver()) {
    const browser = new Browser(place)
    try {
      const place = resume.lastEventId === '' ? {} : { 'last-event-id': resume.lastEventId }
      const answer = await browser.open('/api/events', { cookie, ...place }, ledger.over)
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} for an event stream`)
      heard.connected += 1
      const told = await listen(answer.body, heard, resume)
      if (told) ledger.count('stream told to come back')
      else if (!ledger.isOver()) ledger.fail('stream', 'it ended without a last event')
    } catch (error) {
      if (!ledger.isOver()) ledger.fail('stream', error)
    } finally {
      await browser.close()
    }
    await pause(ledger.isOver() ? 0 : resume.retryMs)
  }
}

/** Reads a stream to its end; whether the gateway said that it is leaving. */
async function listen(
  body: AsyncIterable<Buffer>,
  heard: Heard,
  resume: { lastEventId: string; retryMs: number },
): Promise<boolean> {
  const parse = createEventParser(resume)
  const decoder = new TextDecoder()
  let told = false
  for await (const piece of body) {
    for (const { type, data } of parse(decoder.decode(piece, { stream: true }))) {
      const event = JSON.parse(data) as { code?: string; todo?: { title: string } }
      if (type === 'sallyport') told = event.code === 'shutting_down'
      if (type === 'todo' && event.todo !== undefined) heard.titles.push(event.todo.title)
    }
  }
  return told
}

/** Talks in the chat, hears what it said, and comes back after each end, which has to be 1001. */
export async function talker(
  place: Installation,
  ledger: Ledger,
  { cookie }: Person,
): Promise<void> {
  const browser = new Browser(place)
  while (!ledger.isOver()) {
    try {
      const code = await talk(browser, ledger, cookie)
      if (code === 1001) ledger.count('WebSocket told 1001')
      else if (!ledger.isOver()) ledger.fail('WebSocket', `closed with ${code}`)
    } catch (error) {
      ledger.fail('WebSocket', error)
    }
    await pause(ledger.isOver() ? 0 : 300)
  }
  await browser.close()
}

/** One connection, to its end; its close code. */
async function talk(browser: Browser, ledger: Ledger, cookie: string): Promise<number> {
  const socket = await browser.webSocket('/api/chat', cookie)
  ledger.count('WebSocket opened')
  const said = new Set<string>()
  socket.on('message', (data: Buffer) => {
    const { message } = JSON.parse(data.toString()) as { message?: { text: string } }
    if (message !== undefined && said.delete(message.text)) ledger.count('words heard')
  })
  const speaking = setInterval(() => {
    if (ledger.isOver()) socket.close(1000)
    const text = crypto.randomUUID()
    said.add(text)
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ text }))
  }, 100)
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', (code: number) => {
      clearInterval(speaking)
      resolve(code)
    })
  })
}
