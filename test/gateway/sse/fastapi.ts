import type { ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { dial, type Wire } from '../hostile/wire.ts'

export interface Streams extends Backend {
  /** The streams that have been opened, oldest first: what the test writes here is what FastAPI says. */
  readonly opened: readonly ServerResponse[]
}

/** A FastAPI that answers with an event stream whose head is sent at once, and 204 at paths that end in `/plain`. */
export async function startStreams(
  t: Test,
  headers: Readonly<Record<string, string>> = {},
): Promise<Streams> {
  const opened: ServerResponse[] = []
  const backend = await startBackend(t, (request, response) => {
    if (request.url?.endsWith('/plain') === true) {
      response.writeHead(204).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers }).flushHeaders()
    opened.push(response)
  })
  return { ...backend, opened }
}

/** Asks for an event stream and waits for the head of the answer. */
export async function open(
  t: Test,
  url: string,
  path = '/open/events',
  lines: readonly string[] = [],
): Promise<Wire> {
  const wire = await dial(t, url)
  const more = lines.map((line) => `${line}\r\n`).join('')
  wire.send(`GET ${path} HTTP/1.1\r\nHost: app.test\r\nAccept: text/event-stream\r\n${more}\r\n`)
  await wire.until(/\r\n\r\n/)
  return wire
}

/** The body of an answer so far, without its chunks' sizes. */
export function bodyOf(text: string): string {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  let plain = ''
  for (let at = 0; at < body.length;) {
    const size = Number.parseInt(body.slice(at), 16)
    const from = body.indexOf('\r\n', at) + 2
    plain += body.slice(from, from + size)
    at = from + size + 2
  }
  return plain
}

/** Waits for what other parties bring about. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

/** Says one event after the other until nobody on the way takes any more, and returns how many bytes were taken. */
export async function flood(stream: ServerResponse): Promise<number> {
  const event = `data: ${'x'.repeat(65_000)}\n\n`
  let taken = 0
  const pour = (): void => {
    do taken += event.length
    while (stream.write(event))
  }
  stream.on('drain', pour)
  pour()
  for (let before = -1; before !== taken;) {
    before = taken
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  stream.off('drain', pour)
  return taken
}
