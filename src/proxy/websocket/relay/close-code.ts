import { entryOf } from '../../../errors/catalogue.ts'
import type { Refusal } from '../../../errors/refusal.ts'

/** Close codes that we say ourselves: RFC 6455 §7.4.1, and the IANA registry of close codes for 3000 and above. */
export const closeCode = {
  goingAway: 1001,
  internalError: 1011,
  tryAgainLater: 1013,
  unauthorized: 3000,
  forbidden: 3003,
  timeout: 3008,
} as const

/** The close code of a refusal. Its reason is always the refusal's code, which is short enough (RFC 6455 §5.5: 123 bytes). */
export function closeCodeOf({ code }: Refusal): number {
  if (code === 'shutting_down') return closeCode.goingAway
  switch (entryOf(code).status) {
    case 401:
      return closeCode.unauthorized
    case 403:
      return closeCode.forbidden
    case 429:
    case 503:
      return closeCode.tryAgainLater
    case 504:
      return closeCode.timeout
    default:
      return closeCode.internalError
  }
}
