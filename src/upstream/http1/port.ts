/** A request to a target, with what may take how long. */
export interface UpstreamRequest {
  readonly method: string
  /** Path and query, sent byte for byte. */
  readonly path: string
  /** Flat, names lower case; framing is added, nothing else is. */
  readonly headers: readonly string[]
  readonly body: RequestBody | null
  /** From the request to the head of the answer, milliseconds; 0 for ever. */
  readonly firstByteMs: number
  /** Between two pieces of the answer, milliseconds; 0 for ever. */
  readonly idleMs: number
}

/** What follows the head of a request. It is pulled by nobody: it comes when the client sends it. */
export interface RequestBody {
  /** Its end is marked by framing of ours, because its length was not announced. */
  readonly chunked: boolean
  /** The head has been sent, and the body may follow. Called at most once. */
  sendTo(sink: BodySink): void
  /** The sink takes more, after it had said that it does not. */
  resume(): void
  /** Nobody takes the rest. `failed`: and nobody will answer. */
  stop(failed: boolean): void
}

/** Takes the pieces of a request body. */
export interface BodySink {
  /** Returns whether it takes more at once; if not, `resume` will say when. The chunk is the sink's from now on. */
  write(chunk: Buffer): boolean
  end(): void
  /** The rest will never come: the request is given up, and whoever waits for its answer is told why. */
  fail(error: Error): void
}

/**
 * Hears an answer as it arrives. Nothing is called before `send` has returned, nor after `abort`, `onEnd` or `onError`, of which
 * the last two exclude each other. Chunks are the connection's memory and are overwritten by the next read: what is kept must be copied.
 */
export interface AnswerHandler {
  /** @param headers flat, names lower case, bytes above ASCII as latin1 (RFC 9110 §5.5) */
  onHead(status: number, headers: readonly string[]): void
  /** The head has been alone for a while: the body will take its time. Not called for every such answer. */
  onQuiet(): void
  onData(chunk: Buffer): void
  /** The answer is complete. @param last its last bytes, where they came together with its end */
  onEnd(last: Buffer | null): void
  /** There is no answer, or it cannot be completed. */
  onError(error: Error): void
}

/** A request that is under way. After its end nothing here does anything. */
export interface Call {
  /** The answer may arrive in pieces again. */
  resume(): void
  /** No further piece of the answer is read until `resume`. */
  pause(): void
  /** From now on so many milliseconds may pass between two pieces of the answer; 0 for ever. */
  allowIdle(ms: number): void
  /** Closes the connection. The handler hears nothing any more. */
  abort(): void
}

/** Connections to one target. Any number of them: a stream keeps one for as long as it lives, and must not keep others waiting. */
export interface Connections {
  send(request: UpstreamRequest, handler: AnswerHandler): Call
  /** The same over a connection of its own, which closes afterwards: that one can be opened is part of the answer. */
  probe(request: UpstreamRequest, handler: AnswerHandler): Call
  /**
   * Lets what is under way end, and resolves when every connection is closed. A request that comes later is still served, over a
   * connection that closes afterwards.
   */
  close(): Promise<void>
  /** Cuts what is under way. */
  destroy(): void
}
