/** Why a remote Better Auth could not tell what was asked. Never a "no", and never shown to a client. */
export class RemoteFailure extends Error {
  override readonly name = 'RemoteFailure'
  /** It answered, and has too much to do: that is no sign of an outage. */
  readonly isBusy: boolean

  constructor(
    reason: string,
    options: { readonly cause?: unknown; readonly isBusy?: boolean } = {},
  ) {
    super(reason, { cause: options.cause })
    this.isBusy = options.isBusy === true
  }
}

/** What went wrong on the wire, in one phrase without addresses. */
export function reasonOf(error: unknown): string {
  if (error instanceof RemoteFailure) return error.message
  const { code, name, message } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'it refuses connections',
    ECONNRESET: 'the connection broke',
    UND_ERR_SOCKET: 'the connection broke',
    ENOTFOUND: 'its name does not resolve',
    EAI_AGAIN: 'its name does not resolve at the moment',
    UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
    UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
    UND_ERR_BODY_TIMEOUT: 'no complete answer in time',
    UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is too large',
    CERT_HAS_EXPIRED: 'its certificate has expired',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
    ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  }
  return reasons[code ?? ''] ?? (name === 'TimeoutError' ? 'no answer in time' : message)
}
