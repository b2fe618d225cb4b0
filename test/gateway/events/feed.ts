import type { Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Running, type StartOptions } from '../../helper/gateway.ts'
import { authModule } from '../access/people.ts'
import type { Wire } from '../hostile/wire.ts'
import { bodyOf, open } from '../sse/fastapi.ts'

export interface FeedEvent {
  readonly name: string
  readonly data: Record<string, unknown>
  readonly retry: string | null
}

/** What one page hears of its session. */
export interface Feed {
  readonly wire: Wire
  readonly events: () => readonly FeedEvent[]
  /** Waits for the event of this number; the first is 1. */
  readonly nth: (number: number) => Promise<FeedEvent>
  /** Waits until the stream has ended in order, and answers with its last event. */
  readonly last: () => Promise<FeedEvent>
}

/** Listens to `/_gateway/events`; the first event is there when this resolves. */
export async function listen(
  t: Test,
  { url }: Pick<Running, 'url'>,
  cookie: string,
  lines: readonly string[] = [],
): Promise<Feed> {
  const wire = await open(t, url, '/_gateway/events', [`Cookie: ${cookie}`, ...lines])
  const events = (): readonly FeedEvent[] => parse(bodyOf(wire.text()))
  const nth: Feed['nth'] = async (number) => {
    for (let count = 0; ; count += 1) {
      const event = events()[number - 1]
      if (event !== undefined) return event
      const bytes = wire.text().length
      await wire.until(new RegExp(`^[^]{${bytes + 1}}`))
    }
  }
  await nth(1)
  const last = async (): Promise<FeedEvent> => {
    await wire.until(/\r\n0\r\n\r\n$/)
    return events().at(-1)!
  }
  return { wire, events, nth, last }
}

/** HTML §9.2.6, for what a gateway writes: comments are left out. */
function parse(body: string): readonly FeedEvent[] {
  const blocks = body.split('\n\n').slice(0, -1)
  return blocks
    .filter((block) => !block.startsWith(':'))
    .map((block) => {
      const fields = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ')
          return [line.slice(0, colon), line.slice(colon + 2)]
        }),
      )
      return {
        name: fields.get('event') ?? 'message',
        data: JSON.parse(fields.get('data') ?? 'null') as Record<string, unknown>,
        retry: fields.get('retry') ?? null,
      }
    })
}

/** What a gateway with sessions that are due whenever they are used is started with. */
export const always: Pick<StartOptions, 'auth' | 'files'> = {
  auth: 'signUp: open, module: ./auth.ts, session: { refreshAfter: 0 }',
  files: authModule,
}

/** A gateway whose Better Auth knows roles and organisations. */
export async function start(t: Test, more: Partial<StartOptions> = {}): Promise<Running> {
  const { url } = await startBackend(t)
  const auth = 'signUp: open, module: ./auth.ts'
  return startGateway(t, { upstream: url, auth, files: authModule, ...more })
}

/** Uses the session in such a way that it is extended if that is due. */
export async function extend(gateway: Running, cookie: string): Promise<void> {
  const reply = await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  if (reply.status !== 200) throw new Error(`the token endpoint answered ${reply.status}`)
  if (reply.cookie === '') throw new Error('the session was not extended')
}
