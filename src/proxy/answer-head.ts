import type { Dispatcher } from 'undici'

/** The header pairs of an answer as undici has them, flat, as text. */
export function toStrings(raw: Dispatcher.DispatchController['rawHeaders']): readonly string[] {
  if (!Array.isArray(raw)) return []
  const strings: string[] = new Array<string>(raw.length)
  for (let index = 0; index < raw.length; index += 1) {
    const item = raw[index] as Buffer | string
    // RFC 9110 §5.5: bytes above ASCII are opaque; latin1 carries them through unchanged.
    strings[index] = typeof item === 'string' ? item : item.toString('latin1')
  }
  return strings
}

/**
 * RFC 9112 §6.1: whether an answer has a transfer coding besides `chunked`. It would have to be undone, or the client would get
 * it without its name.
 */
export function isCoded(headers: readonly string[]): boolean {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (name.length !== 17 || name.toLowerCase() !== 'transfer-encoding') continue
    if (headers[index + 1]?.trim().toLowerCase() !== 'chunked') return true
  }
  return false
}

/** The headers for the client, as far as they depend on the status. RFC 9110 §8.6: a 204 has no `Content-Length`. */
export function toFinal(status: number, headers: readonly string[]): string[] {
  if (status !== 204) return headers as string[]
  return headers.filter((_item, index) => headers[index - (index % 2)] !== 'content-length')
}
