/** What a client can do about a refusal. */
export type Action = 'none' | 'login' | 'refresh' | 'retry'

interface Entry {
  readonly status: number
  readonly title: string
  readonly action: Action
  /** Used when the place that refuses has nothing more exact to say. */
  readonly detail: string
  /** RFC 6750 §3.1 `error` of the challenge, where a token was presented. */
  readonly challenge?: 'invalid_token' | 'insufficient_scope'
}

/**
 * Every refusal the gateway can give: the one table from which bodies, headers, documentation and the client's types
 * derive. Codes are public interface: added, never renamed.
 */
export const catalogue = {
  path_not_canonical: {
    status: 400,
    title: 'Path not canonical',
    action: 'none',
    detail: 'The request path is not written in its canonical form.',
  },
  host_unknown: {
    status: 400,
    title: 'Unknown host',
    action: 'none',
    detail: 'The Host header does not name this gateway.',
  },
  request_malformed: {
    status: 400,
    title: 'Malformed request',
    action: 'none',
    detail: 'The request could not be understood.',
  },
  upgrade_not_allowed: {
    status: 400,
    title: 'Upgrade not allowed',
    action: 'none',
    detail: 'This route does not accept WebSocket connections.',
  },
  credential_missing: {
    status: 401,
    title: 'Credential missing',
    action: 'login',
    detail: 'This resource needs a signed-in user.',
  },
  session_expired: {
    status: 401,
    title: 'Session expired',
    action: 'login',
    detail: 'Your session has ended. Sign in again.',
  },
  session_revoked: {
    status: 401,
    title: 'Session revoked',
    action: 'login',
    detail: 'Your session was ended. Sign in again.',
  },
  session_invalid: {
    status: 401,
    title: 'Session invalid',
    action: 'login',
    detail: 'The session cookie is not valid. Sign in again.',
  },
  token_expired: {
    status: 401,
    title: 'Token expired',
    action: 'refresh',
    detail: 'The access token has expired.',
    challenge: 'invalid_token',
  },
  token_invalid: {
    status: 401,
    title: 'Token invalid',
    action: 'login',
    detail: 'The access token is not valid.',
    challenge: 'invalid_token',
  },
  token_not_accepted: {
    status: 401,
    title: 'Token not accepted',
    action: 'none',
    detail: 'This resource does not accept that kind of credential.',
    challenge: 'invalid_token',
  },
  api_key_invalid: {
    status: 401,
    title: 'API key invalid',
    action: 'none',
    detail: 'The API key is not valid.',
  },
  upstream_unauthorized: {
    status: 401,
    title: 'Refused by the application',
    action: 'none',
    detail: 'The application did not accept the identity that the gateway vouched for.',
    challenge: 'invalid_token',
  },
  user_banned: {
    status: 403,
    title: 'User banned',
    action: 'none',
    detail: 'This account has been suspended.',
  },
  role_missing: {
    status: 403,
    title: 'Role missing',
    action: 'none',
    detail: 'This resource needs a role that you do not have.',
  },
  scope_missing: {
    status: 403,
    title: 'Scope missing',
    action: 'none',
    detail: 'This resource needs a scope that the credential does not have.',
    challenge: 'insufficient_scope',
  },
  organization_missing: {
    status: 403,
    title: 'Organisation missing',
    action: 'none',
    detail: 'This resource needs an active organisation of which you are a member.',
  },
  not_owner: {
    status: 403,
    title: 'Not the owner',
    action: 'none',
    detail: 'This resource belongs to another user.',
  },
  email_not_verified: {
    status: 403,
    title: 'E-mail address not verified',
    action: 'none',
    detail: 'This resource needs a verified e-mail address. Confirm yours first.',
  },
  subject_missing: {
    status: 403,
    title: 'Account not linked',
    action: 'none',
    detail: 'The application knows its users by a name that this account does not have.',
  },
  session_not_fresh: {
    status: 403,
    title: 'Sign-in too long ago',
    action: 'login',
    detail: 'This resource needs a recent sign-in. Sign in again.',
  },
  origin_rejected: {
    status: 403,
    title: 'Origin rejected',
    action: 'none',
    detail: 'A cookie may not decide a request that comes from another site.',
  },
  route_not_found: {
    status: 404,
    title: 'Not found',
    action: 'none',
    detail: 'No route matches this path.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    action: 'none',
    detail: 'This path does not accept that method.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    action: 'none',
    detail: 'The request body is larger than this route accepts.',
  },
  uri_too_long: {
    status: 414,
    title: 'URI too long',
    action: 'none',
    detail: 'The request target is too long.',
  },
  headers_too_large: {
    status: 431,
    title: 'Headers too large',
    action: 'none',
    detail: 'The request headers are too large.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    action: 'retry',
    detail: 'Too many requests in a short time. Wait before you try again.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    action: 'none',
    detail: 'The gateway failed to handle this request. It has been logged.',
  },
  upstream_unreachable: {
    status: 502,
    title: 'Application unreachable',
    action: 'retry',
    detail: 'The application cannot be reached.',
  },
  upstream_invalid: {
    status: 502,
    title: 'Invalid answer from the application',
    action: 'retry',
    detail: 'The application gave an answer that is not valid HTTP.',
  },
  session_store_unavailable: {
    status: 503,
    title: 'Session store unavailable',
    action: 'retry',
    detail: 'It cannot be known at the moment who is calling. You have not been signed out.',
  },
  upstream_unavailable: {
    status: 503,
    title: 'Application unavailable',
    action: 'retry',
    detail: 'The application has failed too often and is given a moment to recover.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    action: 'retry',
    detail: 'Too many requests are under way. Try again in a moment.',
  },
  shutting_down: {
    status: 503,
    title: 'Shutting down',
    action: 'retry',
    detail: 'The gateway is shutting down.',
  },
  upstream_timeout: {
    status: 504,
    title: 'Application timed out',
    action: 'retry',
    detail: 'The application did not answer in time.',
  },
} as const satisfies Record<string, Entry>

export type Code = keyof typeof catalogue

/** The entry of a code with its optional fields typed. */
export function entryOf(code: Code): Entry {
  return catalogue[code]
}
