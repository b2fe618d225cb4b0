import type { Draft } from '../../case.ts'
import { arrived, expectation, refused } from '../../expect.ts'
import { isProtected, type Ground, type Probe } from '../../ground.ts'
import { type Written, evil, handshake, unwanted, write } from '../request.ts'
import { tell, type Words } from '../words.ts'

type Spelling = readonly [
  id: string,
  title: string,
  target: (path: string, open: string) => string,
  reference: string,
]

const traversal = 'CWE-22'
const encoding = 'CWE-177, RFC 3986 §6.2.2'

/** Every spelling that one server or another reads as the path. */
const spellings: readonly Spelling[] = [
  ['dots', 'dot segments out of an open path', (path, open) => `${open}/..${path}`, traversal],
  ['dot', 'a dot segment', (path) => `/.${path}`, traversal],
  ['dot-at-the-end', 'a dot segment at the end', (path) => `${path}/.`, traversal],
  ['dots-encoded', 'encoded dot segments', (path, open) => `${open}/%2e%2e${path}`, encoding],
  [
    'dots-half-encoded',
    'half-encoded dot segments',
    (path, open) => `${open}/.%2E${path}`,
    encoding,
  ],
  [
    'dots-and-slash-encoded',
    'an encoded "../"',
    (path, open) => `${open}/%2e%2e%2f${path.slice(1)}`,
    encoding,
  ],
  [
    'dots-with-parameter',
    'dot segments with a parameter',
    (path, open) => `${open}/..;x${path}`,
    'CWE-22, CVE-2020-1938',
  ],
  [
    'dots-and-backslash',
    'an encoded "..\\"',
    (path, open) => `${open}/..%5c${path.slice(1)}`,
    encoding,
  ],
  ['slashes', 'two slashes in front', (path) => `/${path}`, 'CWE-180'],
  ['slashes-inside', 'two slashes inside', (path) => doubled(path), 'CWE-180'],
  ['slash-encoded', 'an encoded slash', (path) => lastSlash(path, '%2F'), encoding],
  [
    'slash-encoded-twice',
    'a slash that is encoded twice',
    (path) => lastSlash(path, '%252F'),
    'CWE-174',
  ],
  ['backslash', 'a backslash', (path) => lastSlash(path, '\\'), 'CWE-180'],
  ['backslash-encoded', 'an encoded backslash', (path) => lastSlash(path, '%5C'), encoding],
  ['letter-encoded', 'an encoded letter', (path) => withEncodedLetter(path), encoding],
  ['parameter', 'a matrix parameter', (path) => `${path};x=y`, 'CWE-180'],
  ['parameter-encoded', 'an encoded semicolon', (path) => `${path}%3Bx`, encoding],
  ['nul', 'an encoded NUL', (path) => `${path}%00`, 'CWE-158'],
  ['line-feed', 'an encoded line feed', (path) => `${path}%0a`, 'CWE-93'],
  [
    'overlong',
    'overlong UTF-8 for a dot',
    (path, open) => `${open}/%c0%ae%c0%ae${path}`,
    'CWE-176, RFC 3629 §3',
  ],
  ['broken-utf-8', 'broken UTF-8', (path) => `${path}%ff`, 'CWE-176'],
  ['broken-escape', 'a broken escape', (path) => `${path}%u002e`, encoding],
  ['half-an-escape', 'half an escape', (path) => `${path}%2`, encoding],
  ['fragment', 'a fragment', (path) => `${path}#/x`, 'RFC 9112 §3.2'],
  ['no-slash', 'no slash in front', (path) => path.slice(1), 'RFC 9112 §3.2.1'],
  [
    'another-host',
    'the URL of another host',
    (path) => `http://${evil}${path}`,
    'CWE-441, RFC 9112 §3.2.2',
  ],
  ['another-scheme', 'a URL of another scheme', (path) => `ftp://${evil}${path}`, 'CWE-441'],
]

function doubled(path: string): string {
  const at = path.lastIndexOf('/')
  return at === 0 ? `/x/${path}` : `${path.slice(0, at)}/${path.slice(at)}`
}

function lastSlash(path: string, by: string): string {
  const at = path.lastIndexOf('/')
  return at === 0 ? `/x${by}${path.slice(1)}` : `${path.slice(0, at)}${by}${path.slice(at + 1)}`
}

function withEncodedLetter(path: string): string {
  return path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)
}

/** What Node's parser refuses before anybody looks at a path, or we do. */
const notCanonical = ['path_not_canonical', 'request_malformed', 'host_unknown'] as const

/** Spellings of a protected path by which a server behind the gateway would find it, and the gateway something else. */
export function pathDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  if (!isProtected(probe)) return []
  const open = ground.probes.find(({ route }) => route.auth.mode === 'none')?.path ?? '/x'
  const drafts = spellings.map(([id, title, target, reference]) => {
    const written = target(probe.path, open)
    return {
      id,
      title,
      story: `A server that repairs ${written} finds ${probe.path}, whatever the gateway has taken it for.`,
      reference,
      shot: { bytes: write(probe, { target: written }) },
      ...decided(ground, probe, written),
    }
  })
  return [...drafts, ...whole(ground, probe), ...handshakes(ground, probe, open)]
}

/** An escape that a route allows leads where it is decoded to, and is decided like that. */
function decided(ground: Ground, probe: Probe, target: string): Pick<Draft, 'expect' | 'skip'> {
  const lead = ground.leadsTo(probe.method, target, probe.host)
  if (lead === 'refusal') return { expect: refused(...notCanonical) }
  const expect = refused('credential_missing', ...notCanonical)
  return lead === 'closed' ? { expect } : { expect, skip: `${target} is served by an open route` }
}

const words: Words = {
  case: [
    'another case',
    'Paths are told apart by case here; an application that does not would be reached past its route.',
    'CWE-178',
  ],
  'url-of-ours': [
    'the path as a URL of this host',
    'The absolute form is decided like the path in it, and not passed over.',
    'RFC 9112 §3.2.2',
  ],
  asterisk: ['the target "*"', 'A target that is no path, which no route has.', 'RFC 9112 §3.2.4'],
  'too-long': [
    'a target longer than is looked at',
    'What is cut off before it is compared must not be forwarded whole.',
    'CWE-130',
  ],
  blank: [
    'a blank in the target',
    'The rest of the line may be taken for a version, or for the path.',
    'CWE-444, RFC 9112 §3',
  ],
}

/** Targets as a whole. */
function whole(ground: Ground, probe: Probe): readonly Draft[] {
  const { path, host, method } = probe
  const other = path.toUpperCase() === path ? path.toLowerCase() : path.toUpperCase()
  const isElsewhere = ground.leadsTo(method, other, host) === 'open'
  const none = ['path_not_canonical', 'request_malformed', 'method_not_allowed']
  const aimed = (id: string, written: Written, codes: readonly string[]): Draft =>
    unwanted(probe, [tell(words, id), written, codes])
  return [
    {
      ...aimed('case', { target: other }, []),
      expect: expectation('answered without the application', arrived),
      ...(isElsewhere ? { skip: `${other} is served by an open route` } : {}),
    },
    aimed('url-of-ours', { target: `http://${host}${path}` }, ['credential_missing']),
    aimed('asterisk', { method: 'OPTIONS', target: '*' }, none),
    aimed('too-long', { target: `${path}?${'x'.repeat(9000)}` }, [
      'uri_too_long',
      'headers_too_large',
    ]),
    aimed('blank', { target: `${path} x` }, ['request_malformed']),
  ]
}

/** The same as targets of handshakes, which reach a gateway by another way. */
function handshakes(ground: Ground, probe: Probe, open: string): readonly Draft[] {
  if (probe.route.websocket === null) return []
  const few = spellings.filter(([id]) =>
    ['dots', 'dots-encoded', 'slashes', 'slash-encoded', 'backslash', 'nul'].includes(id),
  )
  return few.map(([id, title, target, reference]) => {
    const written = target(probe.path, open)
    return {
      id: `${id}-websocket`,
      title: `${title}, as a WebSocket handshake`,
      story: `The target ${written} of an upgrade, which does not come by the way of other requests.`,
      reference,
      shot: { bytes: write(probe, { method: 'GET', target: written, lines: handshake }) },
      ...decided(ground, probe, written),
    }
  })
}
