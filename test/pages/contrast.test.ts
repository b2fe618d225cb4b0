import t from 'tap'
import { baseStyle } from '../../src/pages/style.ts'
import { coloursIn, contrast } from './colours.ts'

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
