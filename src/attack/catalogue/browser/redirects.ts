import type { Draft, Expectation } from '../../case.ts'
import { arrived, expectation } from '../../expect.ts'
import { isProtected, type Ground, type Probe } from '../../ground.ts'
import type { Answer } from '../../wire/answers.ts'
import { valuesOf } from '../../wire/message.ts'
import { evil, write } from '../request.ts'

/** Every way to write another origin into a parameter that says where to go afterwards. */
const places: readonly (readonly [id: string, title: string, value: string])[] = [
  ['url', 'a URL', `https://${evil}/x`],
  ['network-path', 'a network-path reference', `//${evil}/x`],
  ['three-slashes', 'three slashes', `///${evil}/x`],
  ['backslash', 'a backslash', `/\\${evil}/x`],
  ['backslashes', 'two backslashes', `\\\\${evil}/x`],
  ['tab', 'a tab between the slashes', `/\t/${evil}/x`],
  ['line-break', 'a line break between the slashes', `/\n/${evil}/x`],
  ['split', 'a line break and a header', `/x\r\nX-Attack: ${evil}`],
  ['blank', 'a blank in front', ` //${evil}/x`],
  ['dot-segment', 'a dot segment before two slashes', `/.//${evil}/x`],
  ['dots', 'dot segments before two slashes', `/x/..//${evil}/x`],
  ['script', 'a script', `javascript:alert('${evil}')`],
  ['data', 'a data URL', `data:text/html,${evil}`],
  ['userinfo', 'our host as the user of another', `https://localhost@${evil}/x`],
  ['markup', 'markup', `/x"><script src=//${evil}></script>`],
]

const reference = 'CWE-601'

/** Where people are sent after they have signed in. */
export function loginDrafts(ground: Ground): readonly Draft[] {
  const at = { method: 'GET', host: ground.host, path: '/_gateway/login' } as const
  const pages = places.map(([id, title, value]): Draft => ({
    id: `login-${id}`,
    title: `return_to: ${title}`,
    story:
      'A link to the real login page leads to another site afterwards, which asks for the password again.',
    reference: id === 'split' ? 'CWE-113' : id === 'markup' ? 'CWE-79' : reference,
    shot: { bytes: write(at, { target: `${at.path}?return_to=${encodeURIComponent(value)}` }) },
    expect: id === 'markup' ? staysText : leadsNowhere,
  }))
  const twice: Draft = {
    id: 'login-twice',
    title: 'return_to twice',
    story: 'One reader checks the first and another follows the last.',
    reference: 'CWE-235, CWE-601',
    shot: {
      bytes: write(at, {
        target: `${at.path}?return_to=%2Fx&return_to=${encodeURIComponent(`https://${evil}/x`)}`,
      }),
    },
    expect: leadsNowhere,
  }
  return [...pages, twice]
}

/** What the login page is told by a refusal: the path of the page that was asked for, or of the page that asked. */
export function returnDrafts(probe: Probe): readonly Draft[] {
  // Whoever is let through is led nowhere.
  if (!isProtected(probe) || probe.method !== 'GET' || probe.route.observe !== null) return []
  const page = ['Accept: text/html', 'Sec-Fetch-Mode: navigate']
  return [
    {
      id: 'return-query',
      title: 'a page whose query names another origin',
      story: 'The page that was asked for comes back as return_to, and nothing else of it may.',
      reference,
      shot: {
        bytes: write(probe, { target: `${probe.path}?return_to=https://${evil}`, lines: page }),
      },
      expect: staysHere,
    },
    {
      id: 'return-referer',
      title: 'a Referer of another site',
      story: 'Where a call of another site came from is nowhere to send people to.',
      reference,
      shot: { bytes: write(probe, { lines: [`Referer: https://${evil}/x`] }) },
      expect: leadsNowhere,
    },
  ]
}

/** The other origin is in no header and in nothing that a browser would follow or run. */
const leadsNowhere: Expectation = expectation(
  'answered without the other origin, in headers and body',
  (seen) => [
    ...arrived(seen),
    ...(seen.answers.length === 0 ? ['there was no answer'] : []),
    ...(seen.text.includes(evil) ? [`the answer names ${evil}`] : []),
  ],
  true,
)

/** A path of ours, however odd: it may come back, as text of a page or in the address of another one. */
const staysText: Expectation = expectation(
  'answered with a page or an address, without markup of the query',
  (seen) => [
    ...arrived(seen),
    ...(seen.answers.some(isPage) ? [] : ['the answer is no page']),
    ...(/"><script src=\/\//i.test(seen.text) ? ['the answer holds the markup'] : []),
  ],
  true,
)

function isPage({ status, fields }: Answer): boolean {
  const [type = ''] = valuesOf(fields, 'content-type')
  return (status >= 300 && status < 400) || type.startsWith('text/html')
}

/** Led to a page of ours, where the address that was asked for is one parameter of the path. */
const staysHere: Expectation = expectation(
  'led to the login page, with the path as one parameter',
  (seen) => [
    ...arrived(seen),
    ...(seen.answers.length === 0 ? ['there was no answer'] : []),
    ...seen.answers.flatMap(({ status, fields }) => {
      const [location = ''] = valuesOf(fields, 'location')
      const query = location.split('?')[1] ?? ''
      const returned = new URLSearchParams(query).getAll('return_to')
      const isPath =
        returned.length === 1 &&
        returned[0]?.startsWith('/') === true &&
        !returned[0].startsWith('//')
      return status === 302 && isPath
        ? []
        : [`answered ${String(status)} with Location: ${location || 'none'}`]
    }),
  ],
  true,
)
