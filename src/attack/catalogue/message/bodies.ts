import type { Draft } from '../../case.ts'
import { describeAnswer, expectation, firstLineOf } from '../../expect.ts'
import { callerOf, isProtected, type Probe } from '../../ground.ts'
import { write } from '../request.ts'
import { tell, type Words } from '../words.ts'

/** Bytes that are really sent; a larger limit is not tried out. */
const mostBytes = 2 * 1024 * 1024

const words: Words = {
  announced: [
    'a length above the limit',
    'A body that is larger than the route accepts, announced in Content-Length.',
    'CWE-770',
  ],
  chunked: [
    'chunks above the limit',
    'The same without a word: what is not announced has to be counted.',
    'CWE-770',
  ],
}

/** Bodies above the limit of a route, announced and not. */
export function bodyDrafts(probe: Probe): readonly Draft[] {
  const caller = callerOf(probe)
  if (probe.upstream === null || probe.unsafe === null) return []
  if (caller === null && isProtected(probe) && probe.route.observe === null) return []
  const method = probe.unsafe
  const lines = caller === null ? [] : [caller.line]
  const limit = probe.route.bodyLimitBytes
  const size = limit + 1024
  const isTooMuch = size > mostBytes
  const body = isTooMuch ? '' : `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`
  const announced = [...lines, `Content-Length: ${String(limit + 1)}`]
  const chunked = [...lines, 'Transfer-Encoding: chunked']
  return [
    {
      ...tell(words, 'announced'),
      shot: { bytes: write(probe, { method, lines: announced }) },
      expect: tooLarge,
      changes: true,
    },
    {
      ...tell(words, 'chunked'),
      shot: { bytes: write(probe, { method, lines: chunked, body }) },
      expect: tooLarge,
      changes: true,
      ...(isTooMuch ? { skip: `a limit of ${String(limit)} bytes is too much to send` } : {}),
    },
  ]
}

/** Where the client is cut off in the middle of its body, it may have no answer to read. */
const tooLarge = expectation(
  'refused with body_too_large; no whole request arrives',
  ({ answers, arrivals }) => [
    ...(arrivals ?? [])
      .filter(({ isWhole }) => isWhole)
      .map((each) => `arrived at ${each.upstream}: ${firstLineOf(each)}`),
    ...answers
      .filter(({ code }) => code !== 'body_too_large')
      .map((each) => `answered ${describeAnswer(each)}`),
  ],
)
