import type { UpstreamConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { createUpstreamTls, type UpstreamTls } from '../../upstream/tls.ts'
import { problem, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { createAsker, type Asker, type Heard } from '../wire/ask.ts'
import { reasonOf } from '../wire/failure.ts'
import { reach } from '../wire/reach.ts'
import { judgeAnswer } from './answer.ts'
import { readOffered, type Offered } from './openapi.ts'

/** One address of an upstream, and what was found there. */
export interface Examined {
  readonly finding: Finding
  /** null: it does not answer, and nothing else can be asked. */
  readonly target: AnsweringTarget | null
}

export interface AnsweringTarget {
  readonly upstream: UpstreamConfig
  readonly asker: Asker
  /** What every request of the gateway's has. */
  readonly headers: Readonly<Record<string, string>>
  readonly first: Heard
  /** null: it does not describe itself. */
  readonly offered: Offered | null
}

const descriptionLimit = 5_000_000
const usualDescriptions = ['/openapi.json', '/api/v1/openapi.json', '/api/openapi.json']

/** Goes as far as one gets: name, connection, certificate, an answer. What was opened stays open for the checks that follow. */
export async function examineTarget(
  upstream: UpstreamConfig,
  origin: string,
  context: DoctorContext,
): Promise<Examined> {
  const place = `upstreams.${upstream.name}`
  const { stepMs } = context.options
  let tls: UpstreamTls | null
  try {
    tls = createUpstreamTls(upstream)(origin)
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    const advice = 'Name files that are there, and that belong together.'
    return { finding: problem(error.message, advice), target: null }
  }
  const words = {
    advice: `See that FastAPI runs, and that ${place} is its address: ${origin}.`,
    certificateAdvice: `Name the CA in ${place}.tls.ca, or the name in the certificate in ${place}.tls.serverName.`,
  }
  const times = { stepMs, nowMs: context.clock.now() }
  const reached = await reach(origin, tls?.options ?? null, words, times)
  if (!reached.isOpen) return { finding: reached.finding, target: null }
  const asker = createAsker(origin, tls?.options ?? null, { clock: context.clock, stepMs })
  const headers = forwardingHeaders(context.config.server.publicUrl)
  const described = await describe(asker, headers, descriptionsOf(upstream.name, context))
  if (described instanceof Error) {
    await asker.close()
    return { finding: judgeSilence(described, origin, place), target: null }
  }
  const finding = worse(
    reached.finding,
    judgeAnswer(described, upstream, context.slow.applicationMs),
  )
  return { finding, target: { upstream, asker, headers, ...described } }
}

/** What the gateway tells FastAPI of the request it had. */
function forwardingHeaders(publicUrl: string): Readonly<Record<string, string>> {
  const { host, protocol } = new URL(publicUrl)
  return {
    host,
    'x-forwarded-proto': protocol.slice(0, -1),
    'x-forwarded-host': host,
    accept: 'application/json',
  }
}

/** Where the application may describe itself: where a route says so, then where it usually does. */
function descriptionsOf(name: string, { config }: DoctorContext): readonly string[] {
  const routed = config.routes.flatMap(({ serve, match }) => {
    if (serve.kind !== 'upstream' || serve.upstream !== name) return []
    const { stripPrefix } = serve
    return match.paths
      .filter((path) => path.endsWith('/openapi.json'))
      .map((path) => (stripPrefix === null ? path : path.slice(stripPrefix.length)))
  })
  return [...new Set([...routed, ...usualDescriptions])]
}

/** Asks until one of the paths has a description. The first answer is what everything else is told by. */
async function describe(
  asker: Asker,
  headers: Readonly<Record<string, string>>,
  paths: readonly string[],
): Promise<Pick<AnsweringTarget, 'first' | 'offered'> | Error> {
  let first: Heard | null = null
  for (const path of paths) {
    try {
      const heard = await asker.ask({ path, headers, bodyLimit: descriptionLimit })
      first ??= heard
      const offered = heard.status === 200 ? readOffered(parse(heard.body)) : null
      if (offered !== null) return { first: heard, offered }
    } catch (error) {
      if (first === null) return error as Error
    }
  }
  return first === null ? new Error('nothing was asked') : { first, offered: null }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function judgeSilence(error: Error, origin: string, place: string): Finding {
  const reason = reasonOf(error)
  if (reason === 'no answer in time' || reason === 'no complete answer in time') {
    return problem(
      `it takes connections at ${origin} and does not answer: ${reason}`,
      'Look at what FastAPI is doing: a blocking call in an async handler holds up all others.',
    )
  }
  return problem(
    `it takes connections at ${origin}, and then: ${reason}`,
    `See that ${place} names the port on which uvicorn listens, with the right one of http and https.`,
  )
}

function worse(certificate: Finding, answer: Finding): Finding {
  if (certificate.verdict === 'warning') return certificate
  return certificate.seen === ''
    ? answer
    : { ...answer, seen: `${answer.seen}; ${certificate.seen}` }
}
