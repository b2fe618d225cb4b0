import { createStore } from '../parts/store.ts'

export interface Notice {
  readonly id: number
  readonly text: string
}

const shown = 3
let last = 0

export const notices = createStore<readonly Notice[]>([])

/** Tells somebody in passing; the same words are not there twice. Null is nothing to tell. */
export function notify(text: string | null): void {
  if (text === null) return
  last += 1
  const others = notices.current.filter((notice) => notice.text !== text)
  notices.set([...others, { id: last, text }].slice(-shown))
}

export function dismiss(id: number): void {
  notices.set(notices.current.filter((notice) => notice.id !== id))
}
