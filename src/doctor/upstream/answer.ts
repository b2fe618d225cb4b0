import type { UpstreamConfig } from '../../config/types.ts'
import { ok, problem, warning, type Finding } from '../check.ts'
import type { Heard } from '../wire/ask.ts'
import { shown } from '../wire/shown.ts'
import type { AnsweringTarget } from './target.ts'

/**
 * What its first answer says of an application: whether it is one of FastAPI's kind, and quick.
 * @param slowMs from where on it is not
 */
export function judgeAnswer(
  { first, offered }: Pick<AnsweringTarget, 'first' | 'offered'>,
  { name, timeout }: Pick<UpstreamConfig, 'name' | 'timeout'>,
  slowMs: number,
): Finding {
  const server = shown(first.headers['server'] ?? '')
  const who = server === '' ? 'no name' : server
  const took = `${Math.round(first.tookMs)} ms`
  if (first.status >= 500) {
    return problem(
      `it answers with status ${first.status} (server: ${who})`,
      'Look at what FastAPI logs.',
    )
  }
  if (offered === null && !looksLikeFastApi(first)) {
    return warning(
      `something answers in ${took} that does not look like FastAPI (server: ${who})`,
      `See that upstreams.${name} is the address of uvicorn, and not of something else.`,
    )
  }
  const seen = `FastAPI answers in ${took} (server: ${who})`
  if (first.tookMs <= Math.min(slowMs, timeout.firstByteMs)) return ok(seen)
  return warning(
    seen,
    'Find out what slows it: its description of itself is normally a matter of milliseconds.',
  )
}

/** FastAPI's own 404, where it describes itself nowhere, and the servers that run such applications. */
function looksLikeFastApi({ headers, body }: Heard): boolean {
  return (
    /^(?:uvicorn|hypercorn|gunicorn|granian)/i.test(headers['server'] ?? '') ||
    body === '{"detail":"Not Found"}'
  )
}
