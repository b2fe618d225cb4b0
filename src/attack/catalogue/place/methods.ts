import type { Draft } from '../../case.ts'
import { isProtected, type Probe } from '../../ground.ts'
import { allMethods } from '../../../routing/compile.ts'
import { evil, unwanted, type Unwanted } from '../request.ts'
import { tell, told, type Words } from '../words.ts'

const unknown = ['method_not_allowed', 'request_malformed'] as const

/** Methods that nobody serves, and methods that are said elsewhere than in the request line. */
export function methodDrafts(probe: Probe): readonly Draft[] {
  if (!isProtected(probe)) return []
  return [...odd(probe), ...overrides(probe), ...unlisted(probe)].map((each) =>
    unwanted(probe, each),
  )
}

const words: Words = {
  head: [
    'HEAD instead of GET',
    'A HEAD is a GET without an answer: as much is asked for.',
    'CWE-650',
  ],
  preflight: [
    'a preflight at a route without CORS',
    'OPTIONS is let through because preflights bring no credentials.',
    'CWE-942',
  ],
  trace: [
    'TRACE',
    'It shows whoever asks what arrived, credentials of proxies included.',
    'CWE-693, RFC 9110 §9.3.8',
  ],
  track: ['TRACK', 'The same under its other name.', 'CWE-693'],
  connect: ['CONNECT', 'A tunnel to anywhere.', 'CWE-441, RFC 9110 §9.3.6'],
  unknown: [
    'a method that nobody knows',
    'Rules by method have nothing to say about it.',
    'CWE-650',
  ],
  propfind: ['PROPFIND', 'A method of another protocol over HTTP.', 'CWE-650'],
  'lower-case': [
    'a method in lower case',
    'Methods are told apart by case; some frameworks do not.',
    'CWE-178, RFC 9110 §9.1',
  ],
}

function odd({ host }: Probe): readonly Unwanted[] {
  return [
    [tell(words, 'trace'), { method: 'TRACE' }, unknown],
    [tell(words, 'track'), { method: 'TRACK' }, unknown],
    [tell(words, 'connect'), { method: 'CONNECT', target: `${evil}:443`, host }, unknown],
    [tell(words, 'unknown'), { method: 'ATTACK' }, unknown],
    [tell(words, 'propfind'), { method: 'PROPFIND' }, unknown],
    [tell(words, 'lower-case'), { method: 'get' }, unknown],
  ]
}

const nobody = ['credential_missing'] as const

function overrides(probe: Probe): readonly Unwanted[] {
  const names = ['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method']
  const story =
    'The method of the request line is decided about, and another one would be carried out.'
  const cases = names.map((name): Unwanted => [
    told(`override-${name.toLowerCase()}`, `${name}: OPTIONS`, story, 'CWE-650'),
    { lines: [`${name}: OPTIONS`] },
    nobody,
  ])
  return [...cases, ...harmless(probe)]
}

/** Methods that look as if nothing came of them. */
function harmless({ route, method }: Probe): readonly Unwanted[] {
  const cases: Unwanted[] = []
  if (method === 'GET') cases.push([tell(words, 'head'), { method: 'HEAD' }, nobody])
  const servesOptions = route.match.methods?.includes('OPTIONS') ?? true
  if (servesOptions && route.cors === null) {
    const lines = [`Origin: https://${evil}`, 'Access-Control-Request-Method: DELETE']
    cases.push([tell(words, 'preflight'), { method: 'OPTIONS', lines }, nobody])
  }
  return cases
}

/** The path chooses first: no other route serves what this one does not list. */
function unlisted({ route }: Probe): readonly Unwanted[] {
  const other = allMethods.find(
    (each) => route.match.methods?.includes(each) === false && each !== 'OPTIONS',
  )
  if (other === undefined) return []
  return [
    [
      told(
        'unlisted',
        `${other}, which the route does not list`,
        'A less specific route, which may be open, would serve it.',
        'CWE-650',
      ),
      { method: other },
      ['method_not_allowed'],
    ],
  ]
}
