import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { ok, problem, type Finding } from '../check.ts'
import type { UpstreamTls } from '../../upstream/tls.ts'
import { judgeDates } from './certificate.ts'
import { reasonOf } from './failure.ts'

/** How far one gets at an origin before HTTP. Not `ok`: that is as far as it goes. */
export interface Reached {
  readonly finding: Finding
  readonly isOpen: boolean
}

/** What the messages call the origin, and what to do where it cannot be reached. */
export interface Words {
  readonly advice: string
  readonly certificateAdvice: string
}

type TlsOptions = Partial<Omit<UpstreamTls['options'], 'rejectUnauthorized'>>

/**
 * Looks a name up, connects, and where it is https looks at the certificate. Nothing is sent.
 * @param tls what connections there are opened with; null: as the system has it
 */
export async function reach(
  origin: string,
  tls: TlsOptions | null,
  words: Words,
  { stepMs, nowMs }: { readonly stepMs: number; readonly nowMs: number },
): Promise<Reached> {
  const { hostname, port, protocol } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isTls = protocol === 'https:'
  const at = { host, port: Number(port === '' ? (isTls ? 443 : 80) : port) }
  try {
    await inTime(lookup(host), stepMs)
    await open(connectTcp(at), 'connect', stepMs)
    if (!isTls) return { finding: ok(''), isOpen: true }
    const seen = await lookAtTls({ ...at, ...(tls ?? nameOf(host)) }, words, { stepMs, nowMs })
    return { finding: seen, isOpen: seen.verdict !== 'problem' }
  } catch (error) {
    return { finding: problem(reasonOf(error), words.advice), isOpen: false }
  }
}

/** RFC 6066 §3: an address is no server name. */
function nameOf(host: string): { readonly servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host }
}

interface TlsPlace extends TlsOptions {
  readonly host: string
  readonly port: number
}

async function lookAtTls(
  place: TlsPlace,
  words: Words,
  { stepMs, nowMs }: { readonly stepMs: number; readonly nowMs: number },
): Promise<Finding> {
  // Whatever is wrong with the certificate is to be seen, and nothing is sent.
  const socket = connectTls({ ...place, rejectUnauthorized: false })
  try {
    await settled(socket, 'secureConnect', stepMs)
    const { valid_from: from, valid_to: to } = socket.getPeerCertificate()
    const dates = judgeDates(
      'its certificate',
      { fromMs: Date.parse(from), toMs: Date.parse(to) },
      nowMs,
    )
    if (dates.verdict === 'problem' || socket.authorized) return dates
    const reason = reasonOf({ code: codeOf(socket) })
    return problem(reason, words.certificateAdvice)
  } finally {
    socket.destroy()
  }
}

/** Node says the code where its types have an error. */
function codeOf({ authorizationError }: TLSSocket): string {
  const said: unknown = authorizationError
  return said instanceof Error
    ? ((said as NodeJS.ErrnoException).code ?? said.message)
    : String(said)
}

async function open(socket: Socket, event: string, stepMs: number): Promise<void> {
  try {
    await settled(socket, event, stepMs)
  } finally {
    socket.destroy()
  }
}

async function settled(socket: Socket, event: string, stepMs: number): Promise<void> {
  // One that is let go of may still fail.
  socket.on('error', () => undefined)
  try {
    await once(socket, event, { signal: AbortSignal.timeout(stepMs) })
  } catch (error) {
    throw (error as Error).name === 'AbortError'
      ? Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })
      : error
  }
}

async function inTime<T>(work: Promise<T>, stepMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error('no name in time'), { code: 'EAI_AGAIN' }))
    }, stepMs)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
