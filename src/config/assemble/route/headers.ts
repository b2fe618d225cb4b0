import type { z } from 'zod'
import type { routeSchema } from '../../schema/routes.ts'
import type { HeaderChanges } from '../../types.ts'
import { judgeHeaderChange } from '../../values/headers.ts'
import type { DocumentReader } from '../reader.ts'

type Written = z.output<typeof routeSchema>['headers']

/**
 * Refuses names that no route may touch. Looks at the data, so that one wrong value does not hide a wrong name.
 * @param identity the names of identity headers, lower case
 */
export function checkHeaderChanges(
  reader: DocumentReader,
  index: number,
  identity: ReadonlySet<string>,
): void {
  const hasCors = reader.isMapping(['routes', index, 'cors'])
  for (const direction of ['request', 'response'] as const) {
    const base = ['routes', index, 'headers', direction]
    const seen = new Set<string>()
    for (const name of reader.keysAt(base)) {
      const lower = name.toLowerCase()
      const isCors = hasCors && direction === 'response' && lower.startsWith('access-control-')
      const problem = seen.has(lower)
        ? 'this header is already listed (case does not matter)'
        : isCors
          ? 'this header is written by `cors` of this route'
          : judgeHeaderChange(name, direction, identity)
      seen.add(lower)
      if (problem !== null) reader.error([...base, name], problem, 'key')
    }
  }
}

/** The names that say who is calling, as the file lists them; `X-User-Id` and `X-Impersonated-By` are always among them. */
export function identityHeaders(reader: DocumentReader): ReadonlySet<string> {
  const written = reader.keysAt(['identity', 'headers'])
  const preset = reader.isWritten(['identity', 'headers']) ? [] : ['x-user-email']
  return new Set([
    'x-user-id',
    'x-impersonated-by',
    ...preset,
    ...written.map((name) => name.toLowerCase()),
  ])
}

export function toHeaderChanges({ request, response }: Written): HeaderChanges {
  return { request: toChanges(request), response: toChanges(response) }
}

function toChanges(written: Readonly<Record<string, string | null>>): HeaderChanges['request'] {
  return Object.entries(written).map(([name, value]) => ({ name: name.toLowerCase(), value }))
}
