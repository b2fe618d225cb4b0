import type { RequestHead } from '../../head.ts'
import type { Presented } from './record.ts'

/** No credential at all. */
export const nothing: readonly Presented[] = []
/** Every combination, made once. */
const combinations = Array.from({ length: 16 }, (_each, mask) =>
  (['cookie', 'authorization', 'apiKey', 'ticket'] as const).filter(
    (_kind, bit) => mask & (1 << bit),
  ),
)

/** Which kinds of credentials a request brings. Allocates nothing. */
export function presentedIn({
  cookie,
  authorization,
  apiKey,
  ticket,
}: RequestHead): readonly Presented[] {
  const mask =
    (cookie === null ? 0 : 1) |
    (authorization === null ? 0 : 2) |
    (apiKey === null ? 0 : 4) |
    (ticket === null ? 0 : 8)
  return combinations[mask] ?? nothing
}
