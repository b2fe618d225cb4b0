import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { GatewayConfig } from '../../config/types.ts'
import { toHead } from '../../explain/caller/head.ts'
import type { HeaderLine } from '../../explain/explanation.ts'
import type { RequestHead } from '../../head.ts'
import { sessionCookieNames } from '../../session/cookies.ts'
import { wrongUsage } from './usage.ts'

/** The flags that say what is sent. */
export interface RequestOptions {
  readonly cookie?: string
  readonly bearer?: string
  readonly apiKey?: string
  readonly header?: readonly string[]
  readonly from?: string
  readonly websocket?: boolean
  readonly navigation?: boolean
}

/** What stands for a fresh id, so that the same question has the same answer. */
const someRequestId = '00000000-0000-0000-0000-000000000000'

/** The id that a request keeps where it brings one (`src/front/arrival.ts`). */
export function requestIdIn({ rawHeaders }: RequestHead): string {
  const given = rawHeaders.filter((_, index) => {
    return index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'x-request-id'
  })
  const [id = ''] = given
  return given.length === 1 && /^[A-Za-z0-9._-]{8,64}$/.test(id) ? id : someRequestId
}

/** Whether a credential was given that has to be looked up. */
export function bringsCredential({ cookie, bearer, apiKey, header = [] }: RequestOptions): boolean {
  const inHeader = header.some((line) => /^(?:cookie|authorization|x-api-key):/i.test(line))
  return cookie !== undefined || bearer !== undefined || apiKey !== undefined || inHeader
}

/** The request that the arguments write down. Ends the command where they write none. */
export async function headOf(
  method: string,
  url: string,
  options: RequestOptions,
  made: readonly HeaderLine[],
  config: GatewayConfig,
): Promise<RequestHead> {
  if (!/^[A-Za-z]+$/.test(method)) wrongUsage(`${method} is no method`)
  if (!url.startsWith('/') && !/^https?:\/\//i.test(url)) {
    wrongUsage(`${url} is neither a path nor an http(s) URL`)
  }
  const headers = [
    ...made,
    ...(await credentialsOf(options, config)),
    ...(options.header ?? []).map(headerLine),
  ]
  return toHead(
    {
      ...{ method: method.toUpperCase(), url, headers, host: null },
      address: options.from ?? '127.0.0.1',
      navigation: options.navigation ?? false,
      websocket: options.websocket ?? false,
    },
    config,
  )
}

async function credentialsOf(
  { cookie, bearer, apiKey }: RequestOptions,
  config: GatewayConfig,
): Promise<HeaderLine[]> {
  const lines: HeaderLine[] = []
  if (cookie !== undefined) lines.push(['cookie', cookieLine(await secretOf(cookie), config)])
  if (bearer !== undefined) {
    const token = (await secretOf(bearer)).replace(/^bearer +/i, '')
    lines.push(['authorization', `Bearer ${token}`])
  }
  if (apiKey !== undefined) lines.push(['x-api-key', await secretOf(apiKey)])
  return lines
}

/** A whole `Cookie` header, pairs of it, or the value of the session cookie alone. */
function cookieLine(text: string, config: GatewayConfig): string {
  const value = text.replace(/^cookie: */i, '')
  return value.includes('=') && !/^[^;=]*=*$/.test(value)
    ? value
    : `${sessionCookieNames(config).token}=${value}`
}

/** `@FILE` and `@-` keep a secret out of the history of the shell and the list of processes. */
async function secretOf(given: string): Promise<string> {
  if (!given.startsWith('@')) return given
  try {
    const read = given === '@-' ? await text(process.stdin) : readFileSync(given.slice(1), 'utf8')
    return read.trim()
  } catch {
    return wrongUsage(`${given.slice(1)} cannot be read`)
  }
}

function headerLine(text: string): HeaderLine {
  const [, name, value] =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): *([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined) {
    return wrongUsage(`a header is written 'Name: value'`)
  }
  return [name, value.trimEnd()]
}
