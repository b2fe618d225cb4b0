import { STATUS_CODES } from 'node:http'
import type { CallerView, Decision, Explanation, HeaderLine } from '../explanation.ts'
import { aboutRoute } from './route.ts'
import { aboutService } from './service.ts'

/** A line of the text: what it is about, and what is said. */
export type Line = readonly [label: string, text: string]

const labelWidth = 12

/** An explanation for people: the same in every run for the same question. Ends without a newline. */
export function renderExplanation(explanation: Explanation): string {
  const { request, decision, upstream, answerHeaders } = explanation
  const lines: readonly Line[] = [
    ...aboutDecision(explanation),
    ...aboutRoute(explanation.route),
    ...aboutCredential(explanation),
    ...aboutService(explanation),
    ...explanation.notes.map((note): Line => ['note', note]),
  ]
  const { method, target, host, address } = request
  const kind = request.websocket ? ' (WebSocket)' : request.navigation ? ' (navigation)' : ''
  const blocks = [
    `${method} ${target}${kind}\nto ${host ?? 'no host'}, from ${address}`,
    lines.map(toText).join('\n'),
  ]
  if (upstream !== null) {
    const { token } = upstream
    const told = token === null ? [] : [`token ${JSON.stringify(token.header)}`]
    const claims = token === null ? [] : [`      ${JSON.stringify(token.claims)}`]
    const head = `${method} ${upstream.target} HTTP/1.1`
    blocks.push(block('FastAPI gets', [head, ...headerTexts(upstream.headers)]))
    if (token !== null) blocks.push(block('Its token says', [...told, ...claims]))
  }
  const { answer } = decision
  if (answer !== null) blocks.push(aboutAnswer(answer, decision))
  else if (answerHeaders.length > 0) {
    blocks.push(block('The answer also gets', headerTexts(answerHeaders)))
  }
  return blocks.join('\n\n')
}

/** A line as it is printed. */
export function toText([label, text]: Line): string {
  return `${label.padEnd(labelWidth)}${text}`
}

function block(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line}`)].join('\n')
}

function headerTexts(headers: readonly HeaderLine[]): readonly string[] {
  return headers.map(([name, value]) => `${name}: ${value}`)
}

function aboutDecision({ decision, upstream, file, route }: Explanation): readonly Line[] {
  const { observed } = decision
  return [
    ['decision', decisionText(decision, upstream?.name ?? null, file?.file ?? null, route)],
    ...(decision.detail === null ? [] : [['', decision.detail] as const]),
    ...(decision.close === null
      ? []
      : [['', `accepted, and closed: ${decision.close.code} ${decision.close.reason}`] as const]),
    ...(observed === null
      ? []
      : [['observed', `would be refused: ${observed.code}: ${observed.detail}`] as const]),
  ]
}

function decisionText(
  { kind, status, code, action }: Decision,
  upstream: string | null,
  file: string | null,
  { chosen }: Explanation['route'],
): string {
  switch (kind) {
    case 'forward':
      return `forward to ${upstream ?? ''}`
    case 'static':
      return `static: ${String(status)} ${file ?? `${code ?? ''}: there is no such file`}`
    case 'endpoint':
      return `endpoint of the gateway: ${chosen?.name ?? ''}`
    case 'preflight':
      return `preflight: ${String(status)}`
    case 'refuse':
      return `refuse: ${String(status)} ${code ?? ''} (action: ${action ?? ''})`
  }
}

const credentials: Readonly<Record<string, string>> = {
  session: 'session cookie',
  bearer: 'Authorization',
  apiKey: 'x-api-key',
  ticket: 'ticket',
}

function aboutCredential({ credential }: Explanation): readonly Line[] {
  const { kind, verdict, reason, caller, ignored } = credential
  const name = kind === null ? 'none' : (credentials[kind] ?? kind)
  const verdicts = { not_read: ', not read', absent: '', accepted: '', rejected: ', rejected' }
  const why = reason === null ? '' : `: ${reason}`
  return [
    ['credential', `${name}${verdicts[verdict]}${why}`],
    ...(caller === null ? [] : [['caller', callerText(caller)] as const]),
    ...ignored.map((each): Line => [
      'ignored',
      `${credentials[each.kind] ?? each.kind}: ${each.reason}`,
    ]),
  ]
}

function callerText(caller: CallerView): string {
  const { email, emailVerified, roles, scopes, organization, sessionAgeMs } = caller
  const verified = emailVerified ? 'verified' : 'not verified'
  const parts = [
    `${caller.userId}${caller.madeUp ? ' (made up)' : ''}`,
    ...(email === null ? [] : [`${email} (${verified})`]),
    ...(roles.length === 0 ? [] : [`roles ${roles.join(' ')}`]),
    ...(scopes.length === 0 ? [] : [`scopes ${scopes.join(' ')}`]),
    ...(organization === null ? [] : [`organization ${organization.id} as ${organization.role}`]),
    ...(sessionAgeMs === null ? [] : [`signed in ${Math.floor(sessionAgeMs / 1000)}s ago`]),
    ...(caller.impersonatedBy === null ? [] : [`impersonated by ${caller.impersonatedBy}`]),
    ...(caller.banned ? ['banned'] : []),
  ]
  return parts.join(', ')
}

function aboutAnswer(
  { status, headers, body }: NonNullable<Decision['answer']>,
  { close }: Decision,
): string {
  const title = close === null ? 'The client gets' : 'A client without Origin gets'
  const text = /html/.test(headers.find(([name]) => name === 'content-type')?.[1] ?? '')
    ? `(a page, ${body.length} characters)`
    : body
  return block(title, [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headerTexts(headers),
    ...(text === '' ? [] : ['', text]),
  ]).replaceAll(/^ +$/gm, '')
}
