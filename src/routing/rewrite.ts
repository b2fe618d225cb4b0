import type { RouteConfig } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { CanonicalTarget } from './canonical.ts'

/**
 * The target as the upstream of the route gets it: without the prefix that the route strips, every other byte as received. The
 * prefix consists of characters that have one spelling only, so it is cut from the bytes; only a route that allows `%2F` can be
 * reached with a slash of it in disguise, and then the answer is `path_not_canonical`. `path` and `escapes` stay those of the
 * request.
 */
export function rewriteTarget(
  target: CanonicalTarget,
  serve: RouteConfig['serve'],
): CanonicalTarget | Refusal {
  if (serve.kind !== 'upstream' || serve.stripPrefix === null) return target
  const prefix = serve.stripPrefix
  const received = target.target
  const next = received.charAt(prefix.length)
  if (!received.startsWith(prefix) || (next !== '' && next !== '/' && next !== '?')) {
    return refuse('path_not_canonical', {
      detail: 'The prefix of the path holds an encoded slash.',
    })
  }
  const rest = received.slice(prefix.length)
  return { ...target, target: rest.startsWith('/') ? rest : `/${rest}` }
}
