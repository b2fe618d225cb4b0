import { refuse, type Refusal } from '../errors/refusal.ts'
import type { Forwarded } from '../pipeline.ts'

/** What is logged when FastAPI does not believe us. */
export const hint401 =
  'FastAPI refused a caller that the gateway had authenticated: compare JWT_SECRET on both sides, the clocks, and how FastAPI looks its users up'

/** DESIGN §5: on `none` FastAPI speaks for itself, and a route may ask for that; where we only observe, its login decides. */
export function explains401({ route }: Pick<Forwarded, 'route'>): boolean {
  if (route.observe !== null) return false
  return route.auth.mode !== 'none' && route.upstream401 === 'explain'
}

/** FastAPI's own 401 in our words, so that it never starts a refresh loop; its `detail` is kept where it is a string. */
export function explain401(admission: Pick<Forwarded, 'principal'>, body: Buffer): Refusal {
  const detail = readDetail(body)
  const more = detail === null ? {} : { detail }
  if (admission.principal === null) return refuse('credential_missing', more)
  return refuse('upstream_unauthorized', { ...more, tokenPresented: true })
}

function readDetail(body: Buffer): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    const detail =
      typeof parsed === 'object' && parsed !== null && 'detail' in parsed ? parsed.detail : null
    return typeof detail === 'string' && detail !== '' ? detail.slice(0, 1000) : null
  } catch {
    return null
  }
}
