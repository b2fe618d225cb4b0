/** No connection could be had, or its certificate was wrong: no byte of a request has been sent to anybody. */
export class ConnectFailed extends Error {
  override readonly name = 'ConnectFailed'
  /** That of the cause. */
  readonly code: string | undefined

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause })
    this.code = cause.code
  }
}

/** The target did not accept a connection, or did not finish the TLS handshake, within the time it has for that. */
export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout'
  readonly code = 'ETIMEDOUT'
}

/** The connection ended before the answer did. The request may have been served. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** No answer began in time. */
export class FirstByteTimeout extends Error {
  override readonly name = 'FirstByteTimeout'
}

/** An answer had begun, and no byte moved for as long as one may take. */
export class IdleTimeout extends Error {
  override readonly name = 'IdleTimeout'
}

/** What came is no HTTP, could be read in two ways, or is no answer to what was asked. */
export class InvalidAnswer extends Error {
  override readonly name = 'InvalidAnswer'
}

/** The request cannot be written without becoming another one. Nothing was sent. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
}
