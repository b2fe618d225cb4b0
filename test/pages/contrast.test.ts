import t from 'tap'
import { baseStyle } from '../../src/pages/style.ts'

/** The colours of a scheme by name, as the style declares them. */
function coloursIn(style: string): ReadonlyMap<string, string> {
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

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

/** What is written on what. */
const written = [
  ['ink', 'card'],
  ['ink', 'field'],
  ['ink', 'paper'],
  ['soft', 'card'],
  ['accent', 'card'],
  ['accent', 'field'],
  ['accent-strong', 'card'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['error', 'error-paper'],
  ['notice', 'notice-paper'],
] as const

const [light = '', dark = ''] = baseStyle.split('prefers-color-scheme: dark')

t.test('the measure is that of WCAG', async (t) => {
  t.equal(contrast('#000000', '#ffffff'), 21)
  t.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
})

for (const [scheme, colours] of [
  ['light', coloursIn(light)],
  ['dark', coloursIn(dark)],
] as const) {
  t.test(`what is written can be read, ${scheme} (WCAG AA: 4.5)`, async (t) => {
    for (const [text, ground] of written) {
      const pair = [colours.get(text) ?? '', colours.get(ground) ?? ''] as const
      t.not(pair.includes(''), true, `${text} and ${ground} are there`)
      t.ok(contrast(...pair) >= 4.5, `${text} on ${ground}: ${contrast(...pair).toFixed(2)}`)
    }
  })

  t.test(`what has the focus, or is wrong, can be seen, ${scheme} (WCAG AA: 3)`, async (t) => {
    for (const line of ['accent', 'error'])
      for (const ground of ['card', 'field', 'paper']) {
        const pair = [colours.get(line) ?? '', colours.get(ground) ?? ''] as const
        t.ok(contrast(...pair) >= 3, `${line} on ${ground}: ${contrast(...pair).toFixed(2)}`)
      }
  })
}
