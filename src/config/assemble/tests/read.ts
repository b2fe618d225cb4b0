import { z } from 'zod'
import { judgeCaller, type MisplacedPart } from '../../../explain/caller/caller.ts'
import { testSchema } from '../../schema/tests/test.ts'
import type { GatewayConfig } from '../../types.ts'
import type { Expectation, HeaderExpectation, TestCaller, TestConfig } from '../../types/test.ts'
import type { Path } from '../../yaml/places.ts'
import { suggest } from '../../yaml/suggest.ts'
import type { DocumentReader } from '../reader.ts'

type Written = z.output<typeof testSchema>

/**
 * The `tests` of a file. What they name has to be there, and their callers have to be possible.
 * @param config null where something else of the file is wrong: then only what a test says by itself is judged
 */
export function readTests(
  reader: DocumentReader,
  config: Pick<GatewayConfig, 'routes' | 'upstreams' | 'bearer' | 'auth'> | null,
): readonly TestConfig[] {
  const items = reader.read(z.array(z.unknown()).prefault([]), ['tests']) ?? []
  return items.flatMap((_, index): TestConfig[] => {
    const path = ['tests', index]
    const written = reader.read(testSchema, path)
    if (written === null) return []
    const test = toTest(written, reader.lineOf(path))
    if (Object.keys(test.expect).length === 0) {
      reader.error([...path, 'expect'], 'nothing is expected')
    }
    judgeHeaders(reader, [...path, 'expect', 'headers'], written)
    if (config === null) return [test]
    const routes = config.routes.map(({ name }) => name)
    judgeName(reader, [...path, 'expect', 'route'], test.expect.route, routes, 'route')
    const upstreams = Object.keys(config.upstreams)
    judgeName(reader, [...path, 'expect', 'upstream'], test.expect.upstream, upstreams, 'upstream')
    if (test.as !== null) judgeAs(reader, [...path, 'as'], test.as, config)
    return [test]
  })
}

function toTest(written: Written, line: number): TestConfig {
  const { request, as, expect } = written
  const caller = as === 'anonymous' ? null : toCaller(as)
  const full = {
    ...{ headers: {}, host: null, from: '127.0.0.1', navigation: false, websocket: false },
    ...request,
  }
  const { method, path } = request
  const name = `${method} ${path}${caller === null ? '' : ` as ${caller.userId}`}`
  return {
    name: written.name ?? name,
    line,
    request: { ...full, host: full.host ?? null, headers: Object.entries(full.headers) },
    as: caller,
    expect: toExpectation(expect),
  }
}

function toCaller(as: Exclude<Written['as'], 'anonymous'>): TestCaller {
  const { user, sessionAge, ...rest } = as
  return { ...rest, userId: user, sessionAgeMs: sessionAge }
}

function toExpectation({ headers, ...rest }: Written['expect']): Expectation {
  const given = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  ) as Expectation
  if (headers === undefined) return given
  const lines = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), toHeader(value)] as const,
  )
  return { ...given, headers: lines }
}

function toHeader(value: string): HeaderExpectation {
  return value === 'present' || value === 'absent' ? { kind: value } : { kind: 'value', value }
}

/** What could be a credential is not shown, and so cannot be compared. */
function judgeHeaders(reader: DocumentReader, path: Path, { expect }: Written): void {
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    if (!/^(?:authorization|cookie|x-api-key)$/i.test(name)) continue
    if (toHeader(value).kind === 'value') {
      reader.error([...path, name], 'expected "present" or "absent": credentials are not compared')
    }
  }
}

function judgeName(
  reader: DocumentReader,
  path: Path,
  name: string | null | undefined,
  known: readonly string[],
  what: string,
): void {
  if (name === undefined || name === null || known.includes(name)) return
  reader.error(path, `there is no such ${what}${suggest(name, known)}`)
}

function judgeAs(
  reader: DocumentReader,
  path: Path,
  caller: TestCaller,
  config: Pick<GatewayConfig, 'bearer' | 'auth'>,
): void {
  const keys: Readonly<Record<MisplacedPart['part'], string>> = {
    roles: 'roles',
    scopes: 'scopes',
    organization: 'organization',
    via: 'via',
    sessionAge: 'sessionAge',
  }
  for (const { part, message } of judgeCaller(caller, config)) {
    reader.error([...path, keys[part]], message)
  }
}
