import type { Result } from '../case.ts'
import { describeAnswer } from '../expect.ts'
import type { Masks } from '../stage/masks.ts'

/** What a broken case is shown with: nothing in it is a credential. */
export interface Evidence {
  readonly sent: readonly string[]
  readonly answered: readonly string[]
  readonly arrived: readonly { readonly upstream: string; readonly lines: readonly string[] }[]
}

const mostLines = 24
const longestLine = 160

/** @param masks hides what was made up and what was signed with a secret */
export function evidenceOf({ case: each, seen }: Result, masks: Masks): Evidence {
  const lines = (text: string): readonly string[] => printable(masks.hide(text))
  return {
    sent: lines(each.shot.bytes),
    answered: (seen?.answers ?? []).flatMap((answer) => [
      describeAnswer(answer),
      ...answer.fields
        .filter(([name]) => !/^(?:date|x-request-id|content-length)$/i.test(name))
        .flatMap(([name, value]) => lines(`${name}: ${value}`)),
    ]),
    arrived: (seen?.arrivals ?? []).map(({ upstream, head, body, trailers }) => {
      const late = trailers.map(([name, value]) => `${name}: ${value} (trailer)`)
      return {
        upstream,
        lines: lines([head, ...late, ...(body === '' ? [] : ['', body])].join('\r\n')),
      }
    }),
  }
}

/** Lines as they can be shown: what is not visible ASCII is escaped, what is endless is cut. */
function printable(text: string): readonly string[] {
  const lines = text
    .replace(/(?:\r\n)+$/, '')
    .split('\r\n')
    .map((line) => {
      const shown = line.replaceAll(
        /[^\x20-\x7e]/g,
        (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
      )
      const more = shown.length - longestLine
      return more <= 0 ? shown : `${shown.slice(0, longestLine)}… (${String(more)} more)`
    })
  const more = lines.length - mostLines
  return more <= 0 ? lines : [...lines.slice(0, mostLines), `… (${String(more)} more lines)`]
}
