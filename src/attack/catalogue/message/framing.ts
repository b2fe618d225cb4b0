import type { Draft, Expectation } from '../../case.ts'
import { describeAnswer, expectation, firstLineOf } from '../../expect.ts'
import { callerOf, type Probe } from '../../ground.ts'
import { idMark, write } from '../request.ts'
import { tell, type Told, type Words } from '../words.ts'

type Lines = readonly [id: string, title: string, lines: readonly string[], reference: string]

const two = 'CWE-444, RFC 9112 §6.3'
const grammar = 'CWE-444, RFC 9112 §5'

/** Heads that two readers read differently. */
const heads: readonly Lines[] = [
  ['cl-cl', 'two lengths', ['Content-Length: 3', 'Content-Length: 5'], two],
  ['cl-cl-same', 'the same length twice', ['Content-Length: 3', 'Content-Length: 3'], two],
  ['cl-list', 'a list of lengths', ['Content-Length: 3, 3'], two],
  ['cl-signed', 'a length with a sign', ['Content-Length: +3'], two],
  ['cl-negative', 'a negative length', ['Content-Length: -3'], two],
  ['cl-hex', 'a length in hexadecimal', ['Content-Length: 0x3'], two],
  ['cl-empty', 'an empty length', ['Content-Length: '], two],
  ['cl-huge', 'a length beyond all numbers', [`Content-Length: ${'9'.repeat(30)}`], 'CWE-190'],
  [
    'cl-te',
    'a length and chunks',
    ['Content-Length: 3', 'Transfer-Encoding: chunked'],
    'CWE-444, RFC 9112 §6.1',
  ],
  [
    'te-cl',
    'chunks and a length',
    ['Transfer-Encoding: chunked', 'Content-Length: 3'],
    'CWE-444, RFC 9112 §6.1',
  ],
  [
    'te-te',
    'chunked twice',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    'CWE-444',
  ],
  ['te-gzip', 'another coding', ['Transfer-Encoding: gzip'], 'RFC 9112 §6.1'],
  ['te-not-last', 'another coding after chunked', ['Transfer-Encoding: chunked, gzip'], 'CWE-444'],
  ['te-identity', 'identity after chunked', ['Transfer-Encoding: chunked, identity'], 'CWE-444'],
  ['te-nearly', 'a coding that is nearly chunked', ['Transfer-Encoding: xchunked'], 'CWE-444'],
  [
    'te-vertical-tab',
    'chunked behind a control character',
    ['Transfer-Encoding: \u000bchunked'],
    'CWE-444, CVE-2019-18277',
  ],
  [
    'te-space',
    'a blank before the colon',
    ['Transfer-Encoding : chunked'],
    'CWE-444, CVE-2019-16869',
  ],
  ['te-folded', 'chunked on a folded line', ['Transfer-Encoding:', ' chunked'], 'RFC 9112 §5.2'],
  ['cl-folded', 'a length on a folded line', ['X: y', ' Content-Length: 3'], 'RFC 9112 §5.2'],
  [
    'te-bare-cr',
    'chunked behind a bare CR',
    ['X: a\rTransfer-Encoding: chunked'],
    'CWE-93, RFC 9112 §2.2',
  ],
  ['nul-in-name', 'a NUL in a name', ['X\u0000: y'], grammar],
  ['nul-in-value', 'a NUL in a value', ['X: \u0000y'], grammar],
  ['no-colon', 'a line without a colon', ['Transfer-Encoding chunked'], grammar],
  ['no-name', 'a line without a name', [': chunked'], grammar],
]

const chunk = 'CWE-444, RFC 9112 §7.1'

/** Bodies in chunks that two readers read differently. */
const bodies: readonly (readonly [id: string, title: string, body: string, reference: string])[] = [
  ['chunk-no-size', 'a chunk size that is none', 'xyz\r\nabc\r\n0\r\n\r\n', chunk],
  ['chunk-prefix', 'a chunk size with 0x', '0x3\r\nabc\r\n0\r\n\r\n', chunk],
  ['chunk-signed', 'a chunk size with a sign', '+3\r\nabc\r\n0\r\n\r\n', chunk],
  [
    'chunk-huge',
    'a chunk size beyond all numbers',
    'fffffffffffffffff\r\nabc\r\n0\r\n\r\n',
    'CWE-190',
  ],
  ['chunk-no-end', 'a chunk without its end', '3\r\nabcXX0\r\n\r\n', chunk],
  ['chunk-bare-lf', 'a bare LF after a chunk size', '3\nabc\r\n0\r\n\r\n', chunk],
  [
    'chunk-extension-lf',
    'a bare LF in a chunk extension',
    '3;a\nxx\r\nabc\r\n0\r\n\r\n',
    'CWE-444, CVE-2025-55315',
  ],
  ['chunk-blank', 'a blank before a chunk size', ' 3\r\nabc\r\n0\r\n\r\n', chunk],
  [
    'chunk-trailer',
    'a trailer without a colon',
    '3\r\nabc\r\n0\r\nno colon\r\n\r\n',
    'RFC 9112 §7.1.2',
  ],
]

/** What one connection must not carry, at a place of which whoever comes in is known. */
export function framingDrafts(probe: Probe): readonly Draft[] {
  if (probe.upstream === null) return []
  const caller = callerOf(probe)
  const lines = caller === null ? [] : [caller.line]
  const method = probe.unsafe ?? probe.method
  const hidden = write(probe, { target: '/attack-hidden', method: 'GET' })
  const faulty = heads.map(([id, title, more, reference]): Draft => ({
    id,
    title,
    story:
      'Where the body ends is read in two ways: what one takes for a body, the other takes for a request.',
    reference,
    shot: {
      bytes: write(probe, { method, lines: [...lines, ...more], body: `abc${hidden}`, keep: true }),
    },
    expect: nothingWhole,
    changes: true,
  }))
  const chunked = bodies.map(([id, title, body, reference]): Draft => ({
    id,
    title,
    story: 'Chunks of which one reader sees other borders than another.',
    reference,
    shot: {
      bytes: write(probe, {
        method,
        lines: [...lines, 'Transfer-Encoding: chunked'],
        body: `${body}${hidden}`,
        keep: true,
      }),
    },
    expect: nothingWhole,
    changes: true,
  }))
  return [...faulty, ...chunked, ...versions(probe, lines)]
}

/** Nothing of it arrives in a whole request, nor does what hides in it. */
const nothingWhole: Expectation = expectation(
  'answered with one refusal at most; no whole request arrives',
  ({ answers, arrivals }) => [
    ...(arrivals ?? [])
      .filter(({ isWhole, isFaulty }) => isWhole || isFaulty)
      .map((each) => `arrived at ${each.upstream}: ${firstLineOf(each)}`),
    ...answers
      .filter(({ status }) => status < 400 || status >= 500)
      .map((each) => `answered ${describeAnswer(each)}`),
    ...(answers.length > 1 ? [`answered ${String(answers.length)} times`] : []),
  ],
)

const versionWords: Words = {
  'http-0.9': ['HTTP/0.9', 'A line without a version is answered without a head.', 'CWE-444'],
  'http-2': [
    'the preface of HTTP/2',
    'A connection that is something else from its first byte on.',
    'RFC 9113 §3.4',
  ],
  'http-3.7': ['a version that nobody knows', "Its framing is anybody's guess.", 'RFC 9112 §2.3'],
  'te-1.0': ['chunks in HTTP/1.0', 'Chunks are no framing there.', 'CWE-444, RFC 9112 §6.1'],
  'bare-lf': [
    'lines that end with LF',
    'Some readers take them for lines, others for values.',
    'RFC 9112 §2.2',
  ],
  'not-http': ['no HTTP at all', 'Bytes of another protocol.', 'CWE-20'],
}

/** What is no HTTP/1.1, or wants to be something else soon. */
function versions(probe: Probe, lines: readonly string[]): readonly Draft[] {
  const whole = write(probe, { lines })
  const shots: readonly (readonly [about: Told, bytes: string])[] = [
    [tell(versionWords, 'http-0.9'), `GET ${probe.path}\r\n\r\n`],
    [tell(versionWords, 'http-2'), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [tell(versionWords, 'http-3.7'), whole.replace('HTTP/1.1', 'HTTP/3.7')],
    [
      tell(versionWords, 'te-1.0'),
      write(probe, { lines: [...lines, 'Transfer-Encoding: chunked'], body: '0\r\n\r\n' }).replace(
        'HTTP/1.1',
        'HTTP/1.0',
      ),
    ],
    [tell(versionWords, 'bare-lf'), whole.replaceAll('\r\n', '\n')],
    [tell(versionWords, 'not-http'), `\u0016\u0003\u0001 ${idMark}\r\n\r\n`],
  ]
  return shots.map(([about, bytes]) => ({
    ...about,
    shot: { bytes },
    expect: nothingWhole,
  }))
}
