import { z } from 'zod'
import { upstreamSchema } from '../schema/upstreams.ts'
import type { BreakerConfig, HealthConfig, UpstreamConfig, UpstreamTlsConfig } from '../types.ts'
import { parseName } from '../values/names.ts'
import type { Path } from '../yaml/places.ts'
import type { DocumentReader } from './reader.ts'

type Written = z.output<typeof upstreamSchema>
type ResolvePath = (path: string) => string

/** `resolvePath` makes a path of the file absolute. */
export function readUpstreams(
  reader: DocumentReader,
  resolvePath: ResolvePath,
): Record<string, UpstreamConfig> {
  const upstreams: Record<string, UpstreamConfig> = {}
  const written = reader.read(z.record(z.string(), z.unknown()), ['upstreams'])
  if (written === null) return upstreams
  const names = Object.keys(written)
  if (names.length === 0) reader.error(['upstreams'], 'at least one upstream is needed')
  for (const name of names) {
    const path = ['upstreams', name]
    const parsed = parseName(name)
    if ('problem' in parsed) reader.error(path, parsed.problem, 'key')
    const value = reader.read(upstreamSchema, path)
    if (value !== null) upstreams[name] = toUpstream(reader, { name, path, value, resolvePath })
  }
  return upstreams
}

function toUpstream(
  reader: DocumentReader,
  from: { name: string; path: Path; value: Written; resolvePath: ResolvePath },
): UpstreamConfig {
  const { name, path, value, resolvePath } = from
  const { balance, timeout, retry, maxInFlight, sessionCookie } = value
  checkSessionCookie(reader, path, sessionCookie)
  const targets = readTargets(reader, path, value)
  return {
    name,
    targets,
    balance,
    health: toHealth(value.health),
    timeout: {
      connectMs: timeout.connect,
      firstByteMs: timeout.firstByte,
      idleMs: timeout.idle,
      streamIdleMs: timeout.stream,
    },
    retry,
    breaker: toBreaker(value.breaker),
    maxInFlight,
    sessionCookie,
    tls: toTls(reader, { path, targets, tls: value.tls, resolvePath }),
  }
}

/** A Better Auth of our own has no application that could need its cookie. */
function checkSessionCookie(
  reader: DocumentReader,
  path: Path,
  written: Written['sessionCookie'],
): void {
  if (written === 'strip' || reader.valueAt(['auth', 'mode']) === 'remote') return
  const message =
    'only possible with `auth.mode: remote`: it is for the application that Better Auth runs in'
  reader.error([...path, 'sessionCookie'], message)
}

/** One way to say where FastAPI is, one scheme, no target twice. */
function readTargets(reader: DocumentReader, path: Path, value: Written): readonly string[] {
  const { url, targets = [] } = value
  if (url !== undefined && targets.length > 0) {
    reader.error([...path, 'targets'], 'write `url` or `targets`, not both')
  }
  if (url !== undefined) return [url]
  const [first] = targets
  if (first === undefined) reader.error(path, 'an upstream needs `url` or `targets`')
  for (const [index, target] of targets.entries()) {
    const item = [...path, 'targets', index]
    if (targets.indexOf(target) !== index) {
      reader.error(item, 'this target is already in the list')
    } else if (first !== undefined && schemeOf(target) !== schemeOf(first)) {
      reader.error(item, 'all targets of an upstream have the same scheme')
    }
  }
  return targets
}

function schemeOf(origin: string): string {
  return origin.slice(0, origin.indexOf(':'))
}

function toHealth(health: Written['health']): HealthConfig | null {
  if (health === null) return null
  const { interval, timeout, ...rest } = health
  return { ...rest, intervalMs: interval, timeoutMs: timeout }
}

function toBreaker(breaker: Written['breaker']): BreakerConfig | null {
  if (breaker === 'none') return null
  const { errors, window, minimum, open } = breaker
  return { errors, windowMs: window, minimum, openMs: open }
}

function toTls(
  reader: DocumentReader,
  from: {
    readonly path: Path
    readonly targets: readonly string[]
    readonly tls: Written['tls']
    readonly resolvePath: ResolvePath
  },
): UpstreamTlsConfig | null {
  const { tls, targets, resolvePath } = from
  if (tls === undefined) return null
  const path = [...from.path, 'tls']
  if (targets.some((target) => schemeOf(target) === 'http')) {
    reader.error(path, 'only possible with https targets')
  }
  const { ca, cert, key, serverName } = tls
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'cert' : 'key'
    reader.error(path, `\`cert\` and \`key\` belong together: \`${missing}\` is missing`)
  }
  return {
    caFile: ca === undefined ? null : resolvePath(ca),
    clientCert:
      cert === undefined || key === undefined
        ? null
        : { certFile: resolvePath(cert), keyFile: resolvePath(key) },
    serverName: serverName ?? null,
  }
}
