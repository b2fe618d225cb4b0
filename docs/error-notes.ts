import type { Code } from '../src/errors/catalogue.ts'

/** What docs/errors.md says of a code besides what the catalogue says: when it occurs, and what whoever runs the gateway can do. */
interface Note {
  readonly when: string
  readonly remedy: string
}

/** One note for each code; a code without one does not compile. */
export const notes: Readonly<Record<Code, Note>> = {
  path_not_canonical: {
    when: 'The path has a second spelling: `//`, `\\`, a dot segment, an encoded separator, an encoded unreserved character, a control character, `#`, invalid UTF-8, or an escape that the route does not allow.',
    remedy: 'Send the path as RFC 3986 normalises it, or allow the escape with `match.allow`.',
  },
  host_unknown: {
    when: '`Host` is missing, repeated, or not one of ours.',
    remedy: 'List the name in `server.hosts`, or correct `server.publicUrl`.',
  },
  request_malformed: {
    when: 'The bytes are not HTTP, or a header that may occur once occurs twice; the body for `/_gateway/ticket` is not JSON with `path` alone; or the question of a proxy at `/_gateway/verify` does not say what it asks about, once.',
    remedy: 'Correct the client, or the proxy ([forward-auth.md](forward-auth.md)).',
  },
  upgrade_not_allowed: {
    when: 'The request asks for a WebSocket and its route does not accept them; or for another protocol beside it.',
    remedy: 'Give the route `websocket: true`, if FastAPI serves WebSockets there.',
  },
  credential_missing: {
    when: 'The route needs a user and the request names none; or FastAPI answered 401 on a route with `auth: optional` to a request without a user.',
    remedy: 'Sign in, or give the route `auth: optional` or `auth: none`.',
  },
  session_expired: {
    when: 'The session has ended and no revocation of it is remembered. Cookies are cleared where a cookie was presented.',
    remedy: 'Sign in again. `auth.session.lifetime` says how long sessions live.',
  },
  session_revoked: {
    when: 'The session was ended: sign-out, revocation, deletion of the user. Cookies are cleared where a cookie was presented.',
    remedy: 'Sign in again.',
  },
  session_invalid: {
    when: 'The session cookie is forged, malformed, sent twice, or signed with another `auth.secret`. Cookies are cleared.',
    remedy: 'Sign in again. Everybody gets it at once: `auth.secret` has changed.',
  },
  token_expired: {
    when: 'The bearer token has passed its `exp`.',
    remedy: 'Get a new one from `POST /_gateway/token` and repeat the request once.',
  },
  token_invalid: {
    when: 'The bearer token has a wrong signature or algorithm, a claim that is missing or out of bounds, or a type that is not accepted; its issuer or its key is not one of `bearer.jwks`; with `bearer.requireUser`, it names a user who does not exist; or `Authorization` occurs twice, or together with an `x-api-key` that is read. Or a ticket is unknown, used, older than 30 s, for another path, host or page, repeated, or beside another credential ([credentials.md](credentials.md#tickets)).',
    remedy:
      'Compare the secret, `bearer.userClaim`, `issuer`, `audience` and `maxLifetime` with who issues the token.',
  },
  token_not_accepted: {
    when: '`Authorization` has another scheme than `Bearer`; or was sent to `/_gateway/token` or `/_gateway/events`, which take the session cookie alone; or the route does not list this kind of credential in `auth.accept`. The session cookie is a credential too: where a route does not accept sessions and nothing else came along, it is refused, on `optional` as well.',
    remedy:
      'Send what the route accepts. `Authorization` and `x-api-key` decide before the cookie, and never give way to it. For Basic, use `Bearer`; for an endpoint with a login of its own, `auth: { mode: none, forwardAuthorization: true }`.',
  },
  api_key_invalid: {
    when: '`bearer.apiKeys` is on, and `x-api-key` is unknown, disabled, expired, of an owner who is gone or who is an organisation; or it occurs twice.',
    remedy:
      'Make another key with `POST /api/auth/api-key/create`. A key that was used up by its own `remaining` is gone as well.',
  },
  upstream_unauthorized: {
    when: 'FastAPI answered 401 to a caller whom the gateway had authenticated. Its `detail` is kept.',
    remedy:
      'Compare `JWT_SECRET` on both sides, the clocks, and how FastAPI looks its users up; the log has a line with the same `requestId`. `upstream401: pass` leaves the answer as it is.',
  },
  user_banned: {
    when: "The user is banned (Better Auth's admin plugin). A ban that was written into the database behind Better Auth's back counts after `auth.session.cache` at the latest.",
    remedy: 'Lift the ban.',
  },
  role_missing: {
    when: "The user has none of the roles that `auth.roles` of the route lists, or in the active organisation none of `auth.organization.roles`. A foreign bearer token has the roles that it says, where `bearer` lets them count, never its user's.",
    remedy:
      "Give the user the role (Better Auth's admin or organization plugin); it counts on the next request.",
  },
  scope_missing: {
    when: 'The token or the API key lacks one of the scopes that `auth.scopes` of the route lists. A session has no scopes: it passes only where `auth.accept` of the route names `session`.',
    remedy:
      "Give the API key the permission (`items:write` is the action `write` on `items`), or the token the scope. The challenge's `scope` names all that are needed.",
  },
  organization_missing: {
    when: 'The route has `auth.organization`, and the session has no active organisation, or one of which the user is no longer a member; or the credential is a token or an API key without a session.',
    remedy: "Let the user choose an organisation (Better Auth's `organization.setActive`).",
  },
  not_owner: {
    when: 'The parameter of the path that `auth.owner` of the route names is not the id of the user. It is compared character by character: another spelling of the same id is refused too.',
    remedy: 'Ask for the path with the id that `GET /_gateway/session` tells.',
  },
  email_not_verified: {
    when: 'The route has `auth.emailVerified: true`, and the e-mail address of the user is not verified, or no user is known behind the credential; or `identity.token.subject` is `user.email`, and the address is not verified.',
    remedy: "Send the verification mail again (Better Auth's `sendVerificationEmail`).",
  },
  subject_missing: {
    when: '`identity.token.subject` names a field of the user, and this one has none: an account that `sallyport users import` did not bring, for example, or a credential without an account here. It is refused on `optional` too; FastAPI is never told another name instead. A user whose e-mail address only lacks its confirmation gets `email_not_verified`.',
    remedy:
      'Give the account that field (`detail` says which), or name another in `identity.token.subject`. `user.id` is there for everybody.',
  },
  session_not_fresh: {
    when: 'The route has `auth.fresh`, and the user signed in longer ago than that; or the credential has no session behind it; or an administrator is acting in the name of the user. `login` has `reauth=1`: the built-in page then asks whoever is signed in to sign in again.',
    remedy: 'Sign in again.',
  },
  origin_rejected: {
    when: 'A cookie would decide a request with an unsafe method, and the browser says that another site sent it.',
    remedy: 'List the origin in `auth.trustedOrigins`, if it is yours.',
  },
  route_not_found: {
    when: 'No route matches the path, or it is a reserved path without an endpoint. Nothing was forwarded. Also where a ticket is asked for a path that no route serves by `GET`, and at `/_gateway/verify` for whoever may not ask, and for paths of the gateway itself; and at `/_gateway/client.js` where the kit has not been built.',
    remedy: 'Add a route; `sallyport routes` prints the table.',
  },
  method_not_allowed: {
    when: 'The most specific route for the path does not list the method. `Allow` says which it lists.',
    remedy: 'Add the method to that route.',
  },
  body_too_large: {
    when: 'The body is larger than `bodyLimit` of the route, announced or counted while it passes.',
    remedy: 'Raise `bodyLimit` of the route.',
  },
  uri_too_long: {
    when: 'The request target is longer than 8192 characters.',
    remedy: 'Send long input in a body.',
  },
  headers_too_large: {
    when: "The request's header section is larger than Node's limit (16 KiB).",
    remedy: 'Usually too many cookies: remove those that nobody needs.',
  },
  rate_limited: {
    when: 'The caller has sent more requests than `rateLimit` of the route allows. `Retry-After` says in how many seconds it may send the next; `RateLimit-Limit`, `-Remaining` and `-Reset` say where it stands. Or the API key has a limit of its own, which has been reached.',
    remedy:
      'Slow the client down, raise `rateLimit`, or give the route a `bucket` of its own. Many callers behind one address: count `by: user`, and list your load balancer in `server.trustedProxies`.',
  },
  internal_error: {
    when: 'A bug of the gateway. Nothing about it is told to the client.',
    remedy: 'Find the log line with the same `requestId` and report it.',
  },
  upstream_unreachable: {
    when: 'No connection to FastAPI could be opened, it was lost before an answer began, or its certificate does not verify.',
    remedy: 'Start FastAPI; compare `upstreams`. The log has the reason.',
  },
  upstream_invalid: {
    when: 'What FastAPI sent is not HTTP.',
    remedy: 'Look at what listens at the address of the upstream.',
  },
  session_store_unavailable: {
    when: "Better Auth's database does not answer. Nobody is signed out and no cookie is cleared. Or what tickets are kept in does not. Also where an issuer of `bearer.jwks` does not answer and its keys are not known.",
    remedy:
      'Bring the database back; `sallyport_session_store_up` says when it is. `/readyz` stays 200, so that clients get this answer and not one of a load balancer. Of an issuer the log says why.',
  },
  upstream_unavailable: {
    when: 'Requests to the upstream have failed so often that its circuit breaker is open: FastAPI is not asked for the moment. `Retry-After` says how long.',
    remedy:
      'Look for the failures before it in the log (`upstream_unreachable`, `upstream_timeout`). `upstreams.<name>.breaker` says when it opens and for how long.',
  },
  overloaded: {
    when: 'Too much is under way at once: requests of this client (`server.limits.requestsPerClient`), its WebSocket connections and event streams (`streamsPerClient`), or requests to this upstream (`upstreams.<name>.maxInFlight`). Nothing waits in a queue.',
    remedy:
      'Raise the limit if FastAPI can do more, or add targets. Every client has the same address: list your load balancer in `server.trustedProxies`.',
  },
  shutting_down: {
    when: 'The gateway is about to stop. WebSocket connections are closed with 1001, event streams with a last event; a handshake that comes too late gets it as HTTP. Requests under way are answered.',
    remedy: 'Try again: another process answers.',
  },
  upstream_timeout: {
    when: 'FastAPI did not begin its answer within `timeout.firstByte`. An answer that stalls later is cut off instead.',
    remedy: 'Raise `upstreams.<name>.timeout.firstByte`, or make the endpoint faster.',
  },
}
