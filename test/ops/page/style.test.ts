import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { consolePage } from '../../../src/ops/console/page/html.ts'
import { consoleCsp } from '../../../src/ops/console/page/send.ts'
import { consoleStyle } from '../../../src/ops/console/page/style.ts'
import { tokens } from '../../../src/ops/console/page/style/tokens.ts'
import { coloursIn, contrast } from '../../pages/colours.ts'

/** What is written on what. */
const written = [
  ...['ink', 'soft'].flatMap((text) => ['card', 'field', 'paper'].map((ground) => [text, ground])),
  ['ink', 'glow'],
  ...['accent', 'accent-strong', 'danger', 'danger-strong'].map((text) => [text, 'card']),
  ['accent', 'field'],
  ['danger', 'field'],
  ['danger', 'glow'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-strong'],
  ['good', 'good-paper'],
  ['ink', 'good-paper'],
  ['soft', 'good-paper'],
  ['warn', 'warn-paper'],
  ['danger', 'danger-paper'],
] as const
/** What has to be seen: lines and bars of charts, and what has the focus (WCAG 2.2, 1.4.11). */
const drawn = [
  ...['ok', 'client', 'server', 'refused', 'left'],
  ...['one', 'two', 'three', 'four', 'five', 'six', 'rest', 'low', 'mid', 'high', 'accent'],
]

const [light = '', dark = ''] = tokens.split('prefers-color-scheme: dark')

for (const [scheme, colours] of [
  ['light', coloursIn(light)],
  ['dark', coloursIn(dark)],
] as const) {
  const pairOf = (one = '', other = ''): readonly [string, string] => [
    colours.get(one) ?? '',
    colours.get(other) ?? '',
  ]

  t.test(`what is written can be read, ${scheme} (WCAG AA: 4.5)`, async (t) => {
    for (const [text = '', ground = ''] of written) {
      const pair = pairOf(text, ground)
      t.not(pair.includes(''), true, `${text} and ${ground} are there`)
      t.ok(contrast(...pair) >= 4.5, `${text} on ${ground}: ${contrast(...pair).toFixed(2)}`)
    }
  })

  t.test(`what is drawn can be seen, ${scheme} (WCAG AA: 3)`, async (t) => {
    for (const colour of drawn) {
      const pair = pairOf(colour, 'card')
      t.not(pair.includes(''), true, `${colour} is there`)
      t.ok(contrast(...pair) >= 3, `${colour}: ${contrast(...pair).toFixed(2)}`)
    }
  })
}

t.test('the page asks nobody but the gateway for anything', async (t) => {
  for (const text of [consoleStyle, consolePage.replace(/xmlns=%22http:[^%]+%22/, '')]) {
    t.notMatch(text, /https?:|url\(|@import|\/\/[a-z]/)
  }
  t.notMatch(consolePage, /\son[a-z]+=|<style|style=|<script(?! type="module" src="app)/)
  t.notMatch(consoleCsp, /unsafe|https?:|\*/)
})

t.test('no module makes markup of text', async (t) => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'src', 'ops', 'console', 'browser')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const modules = files.filter((file) => file.endsWith('.js'))
  t.ok(modules.length > 10)
  for (const file of modules) {
    const text = readFileSync(join(folder, file), 'utf8')
    t.notMatch(
      text,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|localStorage/,
      file,
    )
  }
})
