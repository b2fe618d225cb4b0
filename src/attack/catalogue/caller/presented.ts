import type { Draft } from '../../case.ts'
import { callerOf, isProtected, type Ground, type Probe } from '../../ground.ts'
import { unwanted, type Unwanted, type Written } from '../request.ts'
import { unauthorized } from './bearer.ts'
import { tell, told, type Words } from '../words.ts'

const nobody = ['credential_missing', 'token_not_accepted'] as const

/** Credentials in places where none is looked for, and more of them than one. */
export function presentedDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  if (!isProtected(probe)) return []
  const { forge } = ground
  const good = forge.token('token: good')
  const bad = forge.token('token: forged', { secret: 'x' })
  const all = [
    ...inOtherPlaces(probe, good),
    ...oddly(good),
    ...several(good, bad),
    ...withCookie(probe, bad),
  ]
  return all.map((each) => {
    const draft = unwanted(probe, each)
    return { ...draft, id: `presented-${draft.id}`, isSigned: true }
  })
}

const words: Words = {
  query: [
    'a token in the query',
    'It would stand in every log on its way.',
    'CWE-598, RFC 9700 §4.3.2',
  ],
  form: ['a token in a form', 'A form of any other page can send one.', 'RFC 6750 §2.2'],
  'proxy-authorization': [
    'a token for a proxy',
    'The credential of another hop is none of ours.',
    'RFC 9110 §11.7.2',
  ],
  'x-authorization': [
    'a token in X-Authorization',
    'A name that frameworks were taught to read instead.',
    'CWE-287',
  ],
}

function inOtherPlaces({ path, unsafe }: Probe, good: string): readonly Unwanted[] {
  const form: Written = {
    ...(unsafe === null ? {} : { method: unsafe }),
    lines: ['Content-Type: application/x-www-form-urlencoded'],
    body: `access_token=${good}`,
  }
  return [
    [tell(words, 'query'), { target: `${path}?access_token=${good}` }, nobody],
    [tell(words, 'form'), form, nobody],
    [
      tell(words, 'proxy-authorization'),
      { lines: [`Proxy-Authorization: Bearer ${good}`] },
      nobody,
    ],
    [
      tell(words, 'x-authorization'),
      { lines: [`X-Authorization: Bearer ${good}`, `X-Access-Token: ${good}`] },
      nobody,
    ],
  ]
}

/** A good token that is written so that two readers see two things. */
function oddly(good: string): readonly Unwanted[] {
  const scheme = 'RFC 6750 §2.1'
  const odd = (id: string, title: string, value: string): Unwanted => [
    told(id, title, 'What is no bearer token to one reader is one to another.', scheme),
    { lines: [`Authorization: ${value}`] },
    unauthorized,
  ]
  return [
    odd('two-words', 'a token and another word', `Bearer ${good} x`),
    odd('tab', 'a tab before the token', `Bearer\t${good}`),
    odd('no-blank', 'no blank before the token', `Bearer${good}`),
    odd('no-scheme', 'no scheme', good),
    odd('basic', 'scheme Basic', `Basic ${good}`),
    odd('quoted', 'a token in quotes', `Bearer "${good}"`),
    odd('no-token', 'a scheme without a token', 'Bearer'),
    odd('parameter', 'a token with a parameter', `Bearer ${good}, realm="x"`),
  ]
}

function several(good: string, bad: string): readonly Unwanted[] {
  const story = 'One reader takes the first and another the last.'
  return [
    [
      told('twice', 'two Authorization headers', story, 'CWE-436, RFC 9110 §5.3'),
      { lines: [`Authorization: Bearer ${bad}`, `Authorization: Bearer ${good}`] },
      unauthorized,
    ],
    [
      told('twice-other-case', 'two Authorization headers, in two cases', story, 'CWE-436'),
      { lines: [`Authorization: Bearer ${good}`, `authorization: Bearer ${bad}`] },
      unauthorized,
    ],
    [
      told('list', 'two tokens in one Authorization', story, 'CWE-436'),
      { lines: [`Authorization: Bearer ${bad}, Bearer ${good}`] },
      unauthorized,
    ],
  ]
}

/** An invalid credential never falls through to another one. */
function withCookie(probe: Probe, bad: string): readonly Unwanted[] {
  const session = callerOf(probe, 'session')
  if (session === null) return []
  const story =
    'Whoever brings a token means it: a bad one is not made good by a cookie that came along.'
  return [
    [
      told('forged-and-cookie', 'a forged token beside a good session cookie', story, 'CWE-287'),
      { lines: [session.line, `Authorization: Bearer ${bad}`] },
      unauthorized,
    ],
    [
      told('basic-and-cookie', 'Basic beside a good session cookie', story, 'CWE-287'),
      { lines: ['Authorization: Basic eDp5', session.line] },
      unauthorized,
    ],
    [
      told(
        'empty-and-cookie',
        'an empty Authorization beside a good session cookie',
        story,
        'CWE-287',
      ),
      { lines: ['Authorization: ', session.line] },
      unauthorized,
    ],
  ]
}
