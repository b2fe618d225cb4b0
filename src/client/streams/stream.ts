import type { Core } from '../core/create.ts'
import type { Problem, StreamEnd } from '../types.ts'
import { later } from './later.ts'

/** A connection that came about and stayed so long was no failure, milliseconds. */
const steadyMs = 5000

/** What an event source and a WebSocket have in common: they come back until that is of no use. */
export interface Stream {
  /** What the page holds. `readyState`: 0 connecting, 1 open, and what it was told for closed. */
  readonly target: EventTarget & { readyState: number }
  readonly isOver: () => boolean
  /** Calls whatever was assigned to `on…` too. */
  readonly emit: (event: Event) => void
  readonly opened: () => void
  /** It was lost, and comes back. @param leastMs not before */
  readonly comeBack: (leastMs?: number) => void
  /** It does not come back. @param code why, in the words of the error contract */
  readonly finish: (code?: string | null) => void
}

export function createStream(
  { closing }: Core,
  url: URL,
  closed: number,
  connect: () => Promise<void>,
  hangUp: () => void,
): Stream {
  // What another origin says ends no session of ours.
  if (url.host !== location.host) throw new TypeError('origin')
  let attempt = 0
  let openedAtMs = Infinity
  let pause = new AbortController()
  // As in the classes of the browser.
  const target = Object.assign(new EventTarget(), {
    ...{ CONNECTING: 0, OPEN: 1, CLOSED: closed, readyState: 0, url: url.href },
  })
  const isOver = (): boolean => target.readyState === closed
  const emit = (event: Event): void => {
    target.dispatchEvent(event)
    const handler = (target as unknown as Record<string, unknown>)[`on${event.type}`]
    if (typeof handler === 'function') handler.call(target, event)
  }
  const finish = (code: string | null = null): void => {
    if (isOver()) return
    pause.abort()
    target.readyState = closed
    hangUp()
    emit(new CustomEvent<StreamEnd>('end', { detail: { code } }))
  }
  closing.addEventListener('abort', () => {
    finish()
  })
  return {
    ...{ target, isOver, emit, finish },
    opened: () => {
      target.readyState = 1
      openedAtMs = Date.now()
      emit(new Event('open'))
    },
    comeBack: (leastMs = 0) => {
      target.readyState = 0
      if (Date.now() - openedAtMs > steadyMs) attempt = 0
      openedAtMs = Infinity
      pause.abort()
      pause = new AbortController()
      later(attempt, () => void connect(), leastMs, pause)
      attempt += 1
    },
  }
}

/** A retry and a refresh are what coming back does anyway. */
export function helpsItself({ action }: Problem): boolean {
  return /^re/.test(action)
}

/** What ends a stream that was let in is no refusal: a session that is over then ended elsewhere. */
export function obeyEnd({ session, obey }: Core, problem: Pick<Problem, 'action' | 'code'>): void {
  if (session.current && problem.action === 'login') session.end(problem.code)
  else obey(problem)
}
