import type { Draft } from '../../case.ts'
import { describeAnswer, expectation, firstLineOf } from '../../expect.ts'
import { callerOf, isProtected, type Probe } from '../../ground.ts'
import { valuesOf } from '../../wire/message.ts'
import { handshake, write } from '../request.ts'

/** Several requests on one connection: each is judged on its own. */
export function sequenceDrafts(probe: Probe): readonly Draft[] {
  if (!isProtected(probe) || probe.route.observe !== null) return []
  const caller = callerOf(probe)
  return [
    ...behindRefused(probe),
    upgradeDraft(
      probe,
      'h2c',
      'an upgrade to HTTP/2',
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
      'CWE-444, RFC 9113 §3.1',
    ),
    upgradeDraft(
      probe,
      'upgrade',
      'an upgrade to a protocol that nobody speaks',
      ['Connection: Upgrade', 'Upgrade: attack/1'],
      'CWE-444, RFC 9110 §7.8',
    ),
    ...(caller === null || probe.upstream === null ? [] : [afterCaller(probe, caller.line)]),
    ...(probe.route.websocket === null ? [websocketDraft(probe)] : []),
  ]
}

function behindRefused(probe: Probe): readonly Draft[] {
  const refusedFirst = write(probe, { keep: true })
  const hidden = write(probe, { target: '/attack-hidden', method: 'GET' })
  const method = probe.unsafe ?? probe.method
  return [
    {
      id: 'pipelined',
      title: 'a second request behind a refused one',
      story: 'What was said about the first request must not be said about the second.',
      reference: 'CWE-444, RFC 9112 §9.3.2',
      shot: { bytes: `${refusedFirst}${write(probe)}` },
      expect: eachRefused(2),
    },
    {
      id: 'body-of-refused',
      title: 'a request in the body of a refused one',
      story: 'A body that nobody reads stays on the connection, and is the next request.',
      reference: 'CWE-444',
      shot: { bytes: write(probe, { method, body: hidden, keep: true }) },
      expect: eachRefused(1),
      changes: true,
    },
  ]
}

function eachRefused(most: number) {
  return expectation(
    'refused each; nothing arrives',
    ({ answers, arrivals }) => [
      ...(arrivals ?? []).map((each) => `arrived at ${each.upstream}: ${firstLineOf(each)}`),
      ...(answers.length === 0 ? ['there was no answer'] : []),
      ...(answers.length > most ? [`answered ${String(answers.length)} times`] : []),
      ...answers
        .filter(({ code }) => code !== 'credential_missing')
        .map((each) => `answered ${describeAnswer(each)}`),
    ],
    true,
  )
}

function afterCaller(probe: Probe, line: string): Draft {
  return {
    id: 'after-a-caller',
    title: 'a request of nobody behind one of a caller',
    story: 'Who came first on a connection is not who comes second.',
    reference: 'CWE-613, CWE-488',
    shot: { bytes: `${write(probe, { lines: [line], keep: true })}${write(probe)}` },
    expect: expectation(
      'the second is refused, only the first arrives',
      ({ answers, arrivals }) => {
        const second = answers[1]
        return [
          ...(arrivals?.length === 1
            ? []
            : [`${String(arrivals?.length ?? 0)} requests arrived instead of one`]),
          ...(second?.code === 'credential_missing'
            ? []
            : [
                `the second was answered ${second === undefined ? 'nothing' : describeAnswer(second)}`,
              ]),
        ]
      },
    ),
  }
}

/** Another protocol may be ignored, and is: the request is decided as it stands, and nothing is tunnelled. */
function upgradeDraft(
  probe: Probe,
  id: string,
  title: string,
  lines: readonly string[],
  reference: string,
): Draft {
  return {
    id,
    title,
    story: 'What follows on a connection that has become a tunnel is judged by nobody.',
    reference,
    shot: { bytes: write(probe, { lines }) },
    expect: expectation(
      'refused like the same request without it; nothing arrives',
      ({ answers, arrivals }) => [
        ...(arrivals ?? []).map(
          (each) =>
            `arrived at ${each.upstream}: ${firstLineOf(each)}${valuesOf(each.fields, 'upgrade').join(', ')}`,
        ),
        ...answers
          .filter(({ code }) => code !== 'credential_missing')
          .map((each) => `answered ${describeAnswer(each)}`),
        ...(answers.length === 0 ? ['there was no answer'] : []),
      ],
      true,
    ),
  }
}

function websocketDraft(probe: Probe): Draft {
  return {
    id: 'websocket-where-none-is',
    title: 'a WebSocket handshake at a route that takes none',
    story: 'An upgrade that reaches an application by a route whose rules are for requests.',
    reference: 'CWE-444, RFC 6455 §4.2',
    shot: { bytes: write(probe, { method: 'GET', lines: handshake }) },
    expect: expectation(
      'refused; nothing arrives',
      ({ answers, arrivals }) => [
        ...(arrivals ?? []).map((each) => `arrived at ${each.upstream}: ${firstLineOf(each)}`),
        ...answers
          .filter(({ status }) => status < 400)
          .map((each) => `answered ${describeAnswer(each)}`),
      ],
      true,
    ),
  }
}
