/** The colours of a scheme by name, as the style declares them. */
export function coloursIn(style: string): ReadonlyMap<string, string> {
  const found = style.matchAll(/--([a-z-]+): (#[0-9a-f]{6})(?=[;\s])/g)
  return new Map([...found].map(([, name = '', colour = '']) => [name, colour]))
}

/** WCAG 2.2, relative luminance of an sRGB colour. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.2, contrast ratio of two colours. */
export function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}
