import type { Draft } from '../../case.ts'
import type { Probe } from '../../ground.ts'
import { evil, unwanted, type Written } from '../request.ts'
import { tell, type Told, type Words } from '../words.ts'

const words: Words = {
  unknown: [
    'an unknown Host',
    'A page of another name is pointed at this address (DNS rebinding), or links are written with it.',
    'CWE-350, CWE-644',
  ],
  none: ['no Host', 'Whoever guesses a host guesses a site.', 'RFC 9112 §3.2'],
  empty: ['an empty Host', 'The same with an empty one.', 'RFC 9112 §3.2'],
  twice: [
    'two Hosts',
    'One reader takes the first and another the last.',
    'CWE-436, RFC 9112 §3.2',
  ],
  'twice-reversed': ['two Hosts, the other way round', 'The same in the other order.', 'CWE-436'],
  prefixed: ['a Host that begins like ours', 'A comparison of beginnings finds it.', 'CWE-20'],
  suffixed: ['a Host that ends like ours', 'A comparison of ends finds it.', 'CWE-20'],
  userinfo: ['a Host with a user', 'Everything before the "@" is no host.', 'CWE-20'],
  list: ['two names in one Host', 'Whoever splits at the comma finds ours.', 'CWE-20'],
  url: [
    'ours in Host and another one in the target',
    'The target counts for one reader, and Host for another.',
    'CWE-436, RFC 9112 §3.2.2',
  ],
  forwarded: ['ours only in X-Forwarded-Host', 'A name that somebody else says.', 'CWE-348'],
}

/** Names under which this gateway is nobody's. */
export function hostDrafts(probe: Probe): readonly Draft[] {
  const { host, path } = probe
  const cases: readonly (readonly [told: Told, written: Written])[] = [
    [tell(words, 'unknown'), { host: evil }],
    [tell(words, 'none'), { host: null }],
    [tell(words, 'empty'), { host: '' }],
    [tell(words, 'twice'), { lines: [`Host: ${evil}`] }],
    [tell(words, 'twice-reversed'), { host: evil, lines: [`Host: ${host}`] }],
    [tell(words, 'prefixed'), { host: `${host}.${evil}` }],
    [tell(words, 'suffixed'), { host: `${evil}.${host}` }],
    [tell(words, 'userinfo'), { host: `${host}@${evil}` }],
    [tell(words, 'list'), { host: `${host}, ${evil}` }],
    [tell(words, 'url'), { target: `http://${evil}${path}` }],
    [tell(words, 'forwarded'), { host: evil, lines: [`X-Forwarded-Host: ${host}`] }],
  ]
  const codes = ['host_unknown', 'request_malformed', 'path_not_canonical']
  return cases.map(([told, written]) => unwanted(probe, [told, written, codes]))
}
