import { readProblem, type Problem } from './problem.ts'

/** What the gateway itself answers to a request: the JSON of a success, or why it was none where the gateway says so, or neither. */
export async function ask<T>(
  path: string,
  init?: RequestInit,
): Promise<[body: T | null, problem: Problem | null]> {
  try {
    const response = await fetch(path, init)
    return response.ok ? [(await response.json()) as T, null] : [null, await readProblem(response)]
  } catch {
    return [null, null]
  }
}
