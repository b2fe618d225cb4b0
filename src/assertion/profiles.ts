import type { TokenDialect, TokenProfile } from '../config/types.ts'

/** What PyJWT and python-jose accept as they are: both refuse an `aud` that nobody asked them for. */
const standard: TokenDialect = {
  scheme: 'Bearer',
  subjectClaim: 'sub',
  issuer: null,
  audience: null,
  standardClaims: ['iat', 'sid'],
  constants: {},
}

/** The dialects by name. `custom` begins where `default` does. */
export const profiles: Readonly<Record<TokenProfile, TokenDialect>> = {
  default: standard,
  // The `token_audience` that its JWTStrategy has unless told otherwise; a token without it is refused.
  'fastapi-users': { ...standard, audience: ['fastapi-users:auth'] },
  // Applications after the RealWorld example keep the user in `username`, and in `sub` what the token is for.
  realworld: {
    ...standard,
    scheme: 'Token',
    subjectClaim: 'username',
    constants: { sub: 'access' },
  },
  custom: standard,
}
