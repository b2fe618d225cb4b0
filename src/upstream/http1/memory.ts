/**
 * Gives the memory of bytes back at once that nobody will look at again. Left to the garbage collector it is noticed as pressure from
 * outside the heap, and every 64 MB of body the whole heap is searched for it. Memory that is shared with other bytes is left alone.
 */
export function release(bytes: Buffer): void {
  const { buffer, length } = bytes
  const isAlone = length > 0 && buffer.byteLength === length
  if (isAlone && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
