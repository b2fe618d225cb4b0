/** Control and format characters, line separators, halves of pairs: what could end a line, hide text or turn its direction. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** A text from outside as it may stand in a log: bounded, each character that a terminal could obey replaced. @param max UTF-16 code units */
export function cleanText(text: string, max: number): string {
  return text.slice(0, max).replaceAll(unprintable, '\ufffd')
}

const maxAddress = 254
const address = /^[!-?A-~]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}$/i

/**
 * What was typed where an e-mail address belongs, if it looks like one: in lower case. Null for anything else, because people type passwords there. One
 * that looks like an address is taken for one.
 */
export function toAddress(text: string): string | null {
  const trimmed = text.length > 2 * maxAddress ? '' : text.trim()
  return trimmed.length <= maxAddress && address.test(trimmed) ? trimmed.toLowerCase() : null
}
