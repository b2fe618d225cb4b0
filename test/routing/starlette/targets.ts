import fc from 'fast-check'
import type { Table } from './tables.ts'

/** A request line without its version. */
export type Ask = readonly [method: string, target: string]

const names = ['7', 'new', 'admin', 'api', 'a', 'b', 'v1', 'private', 'drafts', 'x.y', '.b', '...']
const encodedNames = ['caf%C3%A9', '%C3%A9', 'a%20b', '%F0%9F%98%80', '%7Bx%7D', '%3Fq', '%23', '']
const name = fc.constantFrom(...names, ...encodedNames)

/** What has led servers to read one path as two. */
const pieces = [
  ...['/', '//', '/.', '/..', '/./', '/../', '.', '..', '...', '\\', '\\..\\', '%5c', '%5C..%5C'],
  ...['%2f', '%2F', '%2e', '%2E%2e', '.%2e', '%2e.', '%2f%2e%2e%2f', '%252f', '%252e%252e', '%25'],
  ...[';', ';/', ';x=1', '..;', '/..;/', '%3b', '#', '#/', '?', '??', '?/..', '%3f', '%23'],
  ...['%00', '%0a', '%0d', '%0d%0a', '%09', '%20', '%7f', '%', '%2', '%zz', '%u002f', '%c0%af'],
  ...[
    '%c0%ae%c0%ae',
    '%e0%80%af',
    '%ef%bc%8f',
    '%e2%88%95',
    '%ef%bc%8e',
    '%ff',
    '%ed%a0%80',
    '%85',
  ],
  ...[
    '%61',
    '%41',
    '%7e',
    '%2d',
    '%c3%a9',
    'e%cc%81',
    '+',
    '*',
    '{',
    '}',
    '{x}',
    ':',
    '@',
    '|',
    '^',
  ],
]
const fronts = ['http://app.test', 'HTTP://APP.TEST', 'http://evil.test', '//app.test', '/.', '.']

type Change = (target: string) => string

function at(target: string, position: number): number {
  return position % (target.length + 1)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

const change: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...pieces), fc.nat({ max: 60 }), fc.nat({ max: 9 }))
  .map(([piece, position, kind]) => (target) => {
    const index = at(target, position)
    const [before, here, after] = [
      target.slice(0, index),
      target.charAt(index),
      target.slice(index + 1),
    ]
    switch (kind) {
      case 0:
        return here === '' ? target : before + percent(here) + after
      case 1:
        return here === '' ? target : before + percent(here).replace('%', '%25') + after
      case 2:
        return (
          before + (here === here.toUpperCase() ? here.toLowerCase() : here.toUpperCase()) + after
        )
      case 3:
        return before + after
      case 4:
        return target + piece
      case 5:
        return `${fronts[position % fronts.length] ?? ''}${target}`
      case 6:
        return `${target}${target}`
      default:
        return before + piece + here + after
    }
  })

/** Targets close to the patterns of a table, most of them spelled in a way that somebody might read differently. */
export function targetsFor(table: Table): fc.Arbitrary<Ask> {
  const base = fc.constantFrom(...table).chain(({ path }) => {
    const segments = path.slice(1).split('/')
    return fc.tuple(...segments.map(segmentFor)).map((chosen) => `/${chosen.join('/')}`)
  })
  const changes = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 6, arbitrary: fc.array(change, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(change, { minLength: 3, maxLength: 6 }) },
  )
  const method = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD', 'DELETE', 'TRACE', 'get')
  return fc
    .tuple(method, base, changes)
    .map(([verb, target, list]) => [verb, list.reduce((text, apply) => apply(text), target)])
}

function segmentFor(segment: string): fc.Arbitrary<string> {
  if (segment === '*') {
    return fc.array(name, { maxLength: 3 }).map((tail) => tail.join('/'))
  }
  return segment.startsWith('{') ? name : fc.constant(encodeURI(segment))
}
