import type { Draft } from '../../case.ts'
import { arrivesOnce, hasOnly, refused } from '../../expect.ts'
import { isProtected, type Caller, type Ground, type Probe } from '../../ground.ts'
import { valuesOf } from '../../wire/message.ts'
import { write } from '../request.ts'

/** What must pass, so that a gateway which refuses everybody does not look safe; and that nobody passes where somebody must be. */
export function controlDrafts(ground: Ground, probe: Probe): readonly Draft[] {
  return [...passing(ground, probe), ...nobody(probe)]
}

const kinds = { session: 'a session', bearer: 'a token', apiKey: 'an API key' } as const

function passing(ground: Ground, probe: Probe): readonly Draft[] {
  if (probe.upstream === null || ground.isRunning || probe.route.observe !== null) return []
  const { mode } = probe.route.auth
  if (mode === 'none') return [openDraft(probe)]
  if (probe.callers.length === 0) {
    const skip = `no made-up caller passes here: ${probe.closed ?? 'unknown'}`
    return [{ ...vouchedDraft(ground, probe, null), skip }]
  }
  return probe.callers.map((caller) => vouchedDraft(ground, probe, caller))
}

function openDraft(probe: Probe): Draft {
  const target = `${probe.path}?q=%2e%2e%2F&q=a+b`
  return {
    id: 'open-to-anybody',
    title: "an open route is forwarded byte for byte, in nobody's name",
    story:
      'A plain request of nobody. If it does not arrive, nothing that is refused here proves anything.',
    reference: 'RFC 3986 §6',
    shot: { bytes: write(probe, { target }) },
    expect: arrivesOnce(
      'arrives once, with the query byte for byte and without X-User-Id',
      (arrival) => [
        ...hasOnly(arrival, 'X-User-Id', null),
        ...(valuesOf(arrival.fields, 'x-forwarded-for').length === 1
          ? []
          : ['arrived without X-Forwarded-For']),
        ...(arrival.target.endsWith('?q=%2e%2e%2F&q=a+b') ? [] : [`arrived as ${arrival.target}`]),
      ],
    ),
  }
}

function vouchedDraft(ground: Ground, probe: Probe, caller: Caller | null): Draft {
  const via = caller?.via ?? 'session'
  const { token } = ground.config.identity
  return {
    id: `vouched-${via}`,
    title: `who comes with ${kinds[via]} arrives under their own name`,
    story:
      'A caller who may come in. If they do not arrive, nothing that is refused here proves anything.',
    reference: 'CWE-287',
    shot: { bytes: write(probe, { lines: caller === null ? [] : [caller.line] }) },
    expect: arrivesOnce(
      "arrives once with the caller's X-User-Id, a token and no session cookie",
      (arrival) => {
        const tokens = valuesOf(arrival.fields, 'authorization')
        const wanted = token !== null || caller?.via === 'bearer' ? 1 : 0
        return [
          ...hasOnly(arrival, 'X-User-Id', caller?.userId ?? ''),
          ...(tokens.length === wanted
            ? []
            : [`arrived with ${String(tokens.length)} Authorization headers`]),
          ...valuesOf(arrival.fields, 'cookie')
            .filter((value) => value.includes(ground.cookieName))
            .map(() => 'the session cookie arrived'),
        ]
      },
    ),
  }
}

function nobody(probe: Probe): readonly Draft[] {
  if (!isProtected(probe)) return []
  return [
    {
      id: 'nobody',
      title: 'nobody comes in',
      story: 'A plain request without any credential at a route that needs one.',
      reference: 'CWE-306',
      shot: { bytes: write(probe) },
      expect: refused('credential_missing'),
    },
    {
      id: 'nobody-page',
      title: 'nobody comes in who opens the page in a browser',
      story: 'The same as a navigation, which is led to the login page.',
      reference: 'CWE-306',
      shot: { bytes: write(probe, { lines: ['Accept: text/html', 'Sec-Fetch-Mode: navigate'] }) },
      expect: refused('credential_missing'),
    },
  ]
}
