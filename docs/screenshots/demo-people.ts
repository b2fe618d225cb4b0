import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { DemoSite } from './demo-site.ts'

const password = 'correct horse battery'

/** One session of somebody: what a browser of theirs sends. */
export interface Person {
  readonly cookie: string
  readonly call: (method: string, path: string, body?: object) => Promise<unknown>
  /** Enters the chat, and stays. */
  readonly enter: () => Promise<{
    readonly say: (text: string) => void
    readonly leave: () => void
  }>
}

export function signUp(site: DemoSite, name: string): Promise<Person> {
  return open(site, '/sign-up/email', { name, email: addressOf(name), password })
}

/** @param device of which it is the `User-Agent` */
export function signIn(site: DemoSite, name: string, device?: string): Promise<Person> {
  return open(site, '/sign-in/email', { email: addressOf(name), password }, device)
}

function addressOf(name: string): string {
  return `${name.split(' ')[0]?.toLowerCase() ?? ''}@example.com`
}

async function open(
  { origin }: DemoSite,
  path: string,
  body: object,
  device?: string,
): Promise<Person> {
  const headers = {
    origin,
    'content-type': 'application/json',
    ...(device === undefined ? {} : { 'user-agent': device }),
  }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  let answer = await fetch(`${origin}/api/auth${path}`, init)
  // Better Auth counts attempts; nobody is in a hurry here.
  for (; answer.status === 429; answer = await fetch(`${origin}/api/auth${path}`, init)) {
    await delay(2000)
  }
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')
  return personWith(origin, cookie.join('; '))
}

function personWith(origin: string, cookie: string): Person {
  return {
    cookie,
    call: async (method, path, body) => {
      const headers = { origin, cookie, 'content-type': 'application/json' }
      const init = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await fetch(origin + path, { method, headers, ...init })
      const text = await answer.text()
      return text === '' ? null : (JSON.parse(text) as unknown)
    },
    enter: async () => {
      const url = `${origin.replace('http', 'ws')}/api/chat`
      const socket = new WebSocket(url, { headers: { origin, cookie } })
      await once(socket, 'open')
      return {
        say: (text) => {
          socket.send(JSON.stringify({ text }))
        },
        leave: () => {
          socket.terminate()
        },
      }
    },
  }
}
