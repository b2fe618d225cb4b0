/** WebSocket frames (RFC 6455 §5.2) of short messages, no more than a bench needs. */

const payload = Buffer.alloc(64, 'x')
const isFinal = 0x80
const isMasked = 0x80
const textOpcode = 1

/** A text message of 64 bytes in one frame. Masked with zeros: it must look like a client's, and costs nothing. */
export function textFrame(masked: boolean): Buffer {
  const head = [isFinal | textOpcode, (masked ? isMasked : 0) | payload.length]
  return Buffer.concat([Buffer.from(masked ? [...head, 0, 0, 0, 0] : head), payload])
}

/**
 * Makes a reader that calls `onFrame` with the opcode of each frame once it is complete, however the bytes are cut. Payloads
 * of 126 bytes and more are not understood, and end in an error.
 */
export function createFrameReader(onFrame: (opcode: number) => void): (chunk: Buffer) => void {
  let rest: Buffer | null = null
  return (chunk) => {
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk])
    let offset = 0
    while (offset + 2 <= bytes.length) {
      const size = frameSize(bytes[offset + 1] ?? 0)
      if (offset + size > bytes.length) break
      const opcode = (bytes[offset] ?? 0) & 0x0f
      offset += size
      onFrame(opcode)
    }
    rest = offset === bytes.length ? null : Buffer.from(bytes.subarray(offset))
  }
}

function frameSize(second: number): number {
  const length = second & 0x7f
  if (length > 125) throw new Error('a frame of more than 125 bytes')
  return 2 + ((second & isMasked) === 0 ? 0 : 4) + length
}
