import type { IncomingMessage } from 'node:http'

/** So many bytes in so much time at least. */
export interface Pace {
  readonly bytes: number
  readonly windowMs: number
}

/** 500 bytes a second, judged every ten seconds: slower than any network, faster than whoever wants to hold connections. */
export const slowestPace: Pace = { bytes: 5000, windowMs: 10_000 }

/**
 * Calls `onSlow` when the body of a request comes slower than the pace, once. A window in which we did not read all the time
 * (backpressure, or nobody has begun) does not count. Watches the socket's count of bytes, not the stream, which is not ours
 * to set flowing. Ends with the request.
 */
export function watchPace(request: IncomingMessage, onSlow: () => void, pace = slowestPace): void {
  let before = request.socket.bytesRead
  let wasHeldUp = request.readableFlowing !== true
  const onPause = (): void => {
    wasHeldUp = true
  }
  const timer = setInterval(() => {
    const { bytesRead } = request.socket
    if (request.complete) clearInterval(timer)
    else if (!wasHeldUp && bytesRead - before < pace.bytes) {
      clearInterval(timer)
      onSlow()
    }
    before = bytesRead
    wasHeldUp = request.readableFlowing !== true
  }, pace.windowMs)
  timer.unref()
  request.on('pause', onPause).once('close', () => {
    clearInterval(timer)
  })
}
