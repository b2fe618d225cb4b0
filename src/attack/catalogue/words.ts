import type { Draft } from '../case.ts'

/** What is told of a case. */
export type Told = Pick<Draft, 'id' | 'title' | 'story' | 'reference'>

/** Title, story and reference of cases, by id. */
export type Words = Readonly<
  Record<string, readonly [title: string, story: string, reference: string]>
>

export function tell(words: Words, id: string): Told {
  const [title, story, reference] = words[id] ?? []
  if (title === undefined || story === undefined || reference === undefined) {
    throw new Error(`nobody tells of the case ${id}`)
  }
  return { id, title, story, reference }
}

export function told(id: string, title: string, story: string, reference: string): Told {
  return { id, title, story, reference }
}
