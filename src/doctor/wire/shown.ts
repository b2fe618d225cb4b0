const maxLength = 160

// Controls and whatever turns, hides or joins text on a terminal (Unicode categories Cc, Cf, Zl, Zp, Co, Cn, Cs).
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]+/gu

/** A text that somebody else has written, fit for a terminal and a log: one line, short, without controls. */
export function shown(text: string): string {
  const line = text.replace(unsafe, ' ').replace(/\s+/g, ' ').trim()
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line
}
