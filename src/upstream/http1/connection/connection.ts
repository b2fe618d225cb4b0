import type { Socket } from 'node:net'
import type { Task } from '../turn.ts'
import { AnswerReader } from '../message/answer-reader.ts'
import type { OpenCall } from './call.ts'
import { ConnectFailed, ConnectionLost, FirstByteTimeout, IdleTimeout } from '../failure.ts'
import type { OpenSocket, SocketEvents } from './socket.ts'
import { RequestWriter } from './writer.ts'

/** Where connections come from and go back to. */
export interface Owner {
  /** How many milliseconds pass between two beats, by which connections measure time. */
  readonly beatMs: number
  readonly beats: number
  /** The connection may serve another request. */
  freed(connection: Connection): void
  /** The connection has something to send when everything that was read in this turn is known. */
  sends(connection: Connection): void
  /** Nothing of a request was sent, because its connection turned out to have ended: it needs another. */
  unsent(call: OpenCall, head: string): void
  gone(connection: Connection): void
}

/**
 * One connection to a target, with one request on it at a time. (RFC 9112 §9.3.2 allows more; an answer is then told apart by nothing
 * but its turn.) Bytes that belong to no request end it.
 */
export class Connection implements SocketEvents, Task {
  readonly #owner: Owner
  readonly #socket: Socket
  readonly writer: RequestWriter
  readonly #bornAt: number
  /** The beat at which something last moved. */
  #movedAt: number
  #keepAliveMs: number
  #isConnected = false
  /** Of no use to another request. */
  isGone = false
  #isPaused = false
  /** It has served a request: that it ends before the next is sent says nothing of the target. */
  #isUsed = false
  /** It closes after the request that is on it. */
  #isLast = false
  #call: OpenCall | null = null
  #answer: AnswerReader | null = null
  /** What is yet to be sent of the request. */
  #head: string | null = null

  constructor(owner: Owner, open: OpenSocket, keepAliveMs: number) {
    this.#owner = owner
    this.#bornAt = owner.beats
    this.#movedAt = owner.beats
    this.#keepAliveMs = keepAliveMs
    this.#socket = open(this)
    this.writer = new RequestWriter(this.#socket)
  }

  /** Whether it is as old as `ms`, as far as beats can tell. */
  isOlderThan(ms: number): boolean {
    return (this.#owner.beats - this.#bornAt) * this.#owner.beatMs >= ms
  }

  get isIdle(): boolean {
    return this.#call === null
  }

  /**
   * @param head of the request, as it is written
   * @param isLast the head says that the connection closes after the answer
   */
  serve(call: OpenCall, head: string, isLast: boolean): void {
    this.touch()
    this.#isLast = isLast
    this.#call = call
    this.#answer = new AnswerReader(call.request.method, call.handler)
    call.connection = this
    this.#head = head
    if (this.#isConnected) this.#owner.sends(this)
  }

  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.touch()
    this.#isPaused = false
    this.#socket.resume()
  }

  /** Time begins anew. */
  touch(): void {
    this.#movedAt = this.#owner.beats
  }

  /** Ends the connection, and with it the request that is on it. @param error for its handler, unless that wants to hear nothing */
  giveUp(error: Error | null): void {
    this.isGone = true
    this.#socket.destroy()
    const call = this.#call
    if (call === null) return
    this.#letGo(call)
    call.failed(error)
  }

  #letGo(call: OpenCall): void {
    this.#answer?.stop()
    this.#answer = null
    this.#call = null
    this.#head = null
    call.connection = null
  }

  /** It has ended by itself. A request of which nothing was sent is not lost with it; but only once, or it would go round for ever. */
  #fail(error: Error): void {
    const call = this.#call
    const head = this.#head
    if (call === null || head === null) this.giveUp(error)
    else if (!this.#isUsed)
      this.giveUp(error instanceof ConnectFailed ? error : new ConnectFailed(error))
    else {
      this.#letGo(call)
      this.giveUp(null)
      this.#owner.unsent(call, head)
    }
  }

  /** For the owner: time has passed. */
  onBeat(): void {
    const call = this.#call
    if (call === null) {
      if (this.#isStillFor(this.#keepAliveMs)) this.giveUp(null)
    } else if (!this.#isConnected) return
    else if (this.#answer?.head != null) this.#watchAnswer(call, this.#answer)
    else if (call.sent !== 'all' && !this.writer.isFull) {
      // The client has the turn, and is watched elsewhere.
      this.touch()
    } else if (this.#isStillFor(call.request.firstByteMs)) {
      this.giveUp(new FirstByteTimeout('no answer began in time'))
    }
  }

  #watchAnswer(call: OpenCall, answer: AnswerReader): void {
    if (answer.isAlone && this.#isStillFor(1)) {
      answer.isAlone = false
      try {
        call.handler.onQuiet()
      } catch (error) {
        this.giveUp(error as Error)
      }
    }
    if (this.#call !== call) return
    if (this.#isStillFor(call.idleMs)) this.giveUp(new IdleTimeout('the answer stopped'))
  }

  /** Never too early: the beat at which something moved had begun before it did. */
  #isStillFor(ms: number): boolean {
    const { beats, beatMs } = this.#owner
    return ms > 0 && (beats - this.#movedAt - 1) * beatMs >= ms
  }

  onConnected(): void {
    this.#isConnected = true
    if (this.#call !== null) this.#owner.sends(this)
  }

  atEndOfTurn(): void {
    const call = this.#call
    const head = this.#head
    // It may have been given up in the meantime.
    if (call === null || head === null) return
    this.#head = null
    this.touch()
    this.writer.writeHead(head)
    call.sendBody()
  }

  onDrain(): void {
    this.writer.drained()
    this.touch()
    this.#call?.resumeBody()
  }

  onBytes(bytes: Buffer): void {
    const call = this.#call
    const answer = this.#answer
    if (call === null || answer === null || this.#head !== null) {
      // An answer to nothing that was asked must not become that to what will be.
      this.#fail(new ConnectionLost('bytes that nobody asked for'))
      return
    }
    const reading = answer.read(bytes)
    // A head that trickles has no more time than one that does not come.
    if (answer.head !== null) this.touch()
    // Whoever hears of a piece may have given the request up.
    if (this.#call !== call || reading === 'more') return
    if (reading instanceof Error) this.giveUp(reading)
    else this.#finish(call, answer, reading === 'surplus')
  }

  onEnd(): void {
    const call = this.#call
    const answer = this.#answer
    if (call !== null && answer?.end() === true) this.#finish(call, answer, false)
    else this.#fail(new ConnectionLost('closed before the answer was complete'))
  }

  onError(error: Error): void {
    const isTold = error instanceof ConnectFailed
    this.#fail(isTold ? error : new ConnectionLost(error.message, { cause: error }))
  }

  onClosed(): void {
    this.#fail(new ConnectionLost('closed'))
    this.#owner.gone(this)
  }

  /** @param hasMore bytes have come behind the answer, which belong to nobody */
  #finish(call: OpenCall, { head, last }: AnswerReader, hasMore: boolean): void {
    this.#letGo(call)
    this.#isUsed = true
    // Whoever paused it waits for nothing more of this answer, but the next one must be read.
    if (this.#isPaused) this.resume()
    const isSent = call.sent === 'all' && this.writer.isEmpty
    const isClean = isSent && !hasMore && !this.#isLast
    if (isClean && head?.persists === true && this.#mayRest(head.keepAliveMs)) {
      this.touch()
      this.#owner.freed(this)
    } else this.giveUp(null)
    call.answered(last)
  }

  /** Whether the peer keeps it for long enough. In the last second of its time it is too late to send. */
  #mayRest(keepAliveMs: number | null): boolean {
    if (keepAliveMs !== null) this.#keepAliveMs = Math.min(this.#keepAliveMs, keepAliveMs - 1000)
    return this.#keepAliveMs > 0
  }
}
