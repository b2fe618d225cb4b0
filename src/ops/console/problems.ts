/** What the console refuses with, as RFC 9457 has it. Its codes are its own: FastAPI's clients never see them. */
const problems = {
  token_required: [
    401,
    'Admin token required',
    'Sign in with admin.token, or send it as a bearer token.',
  ],
  token_wrong: [401, 'Admin token wrong', 'That is not the admin token.'],
  controls_off: [
    403,
    'Controls are off',
    'There is no admin.token in the configuration: what changes something is off.',
  ],
  not_from_here: [
    403,
    'Only from this machine',
    'Without admin.token the console answers on a loopback address only, to a loopback Host, and to no proxy.',
  ],
  cross_site: [403, 'From another page', 'The request was made by a page that is not the console.'],
  throttled: [
    429,
    'Too many attempts',
    'Too many wrong tokens came from this address. Wait a minute.',
  ],
  not_found: [404, 'Not found', 'There is nothing at this address.'],
  refusal_unknown: [
    404,
    'Refusal not known',
    'It is not among the last refusals that this gateway remembers.',
  ],
  nobody: [404, 'Nothing to end', 'There is no such user or session.'],
  revoked_elsewhere: [
    409,
    'Sessions are kept elsewhere',
    'auth.mode is remote: revoke at the Better Auth that runs elsewhere.',
  ],
  method_not_allowed: [405, 'Method not allowed', 'This address does not take that method.'],
  request_malformed: [400, 'Malformed request', 'The request could not be understood.'],
  store_unavailable: [
    503,
    'Session store unavailable',
    'It is not known what came of it: the session store did not answer.',
  ],
  failed: [500, 'Failed', 'The console could not answer; the log says why.'],
  too_many_streams: [503, 'Too many viewers', 'Too many consoles are watching this gateway.'],
} as const satisfies Readonly<Record<string, readonly [number, string, string]>>

export type Problem = keyof typeof problems

/** Status and body of a problem. */
export function problemOf(code: Problem): {
  readonly status: number
  readonly body: Readonly<Record<string, string | number>>
} {
  const [status, title, detail] = problems[code]
  return { status, body: { title, status, detail, code } }
}
