/** Who did it. */
export const actors = {
  user: 'somebody for themselves; `actorId` is their user id',
  administrator:
    'somebody with rights over others, through an `/admin/…` endpoint of Better Auth or while acting as another user; `actorId` is their user id, or null where it is not known',
  operator: 'whoever may run `sallyport` commands or holds the token of the console',
  gateway: 'the gateway by itself',
  elsewhere: 'a Better Auth that runs elsewhere',
  unknown: 'nobody knows: whoever failed to sign in, for example',
} as const

/** Which way it was asked for. */
export const ways = {
  request: 'a request to the gateway',
  command: 'a command, such as `sallyport revoke`',
  console: 'the console on the admin port',
  push: 'what a Better Auth elsewhere has told (`auth.pushSecret`)',
  gateway: 'nobody asked',
} as const

/** How somebody signed in or up. */
export const methods = {
  password: 'a password, with e-mail address, user name or phone number',
  social: 'another provider, named in `provider`',
  second_factor: 'the second step after a password; which is in `factor`',
  magic_link: 'a link that was mailed',
  email_otp: 'a code that was mailed',
  email_verification: 'the link that verifies an e-mail address',
  phone: 'a code that was sent to a phone',
  passkey: 'a passkey',
  anonymous: 'nothing: an anonymous account',
  one_time_token: 'a token that another session made',
  device: 'approval on another device',
  wallet: 'a signature of an Ethereum wallet',
  other: 'another endpoint, named in `endpoint`',
} as const

/** Why something failed. */
export const reasons = {
  credentials_wrong:
    'the password is wrong, or there is no such account; which of the two is not said',
  code_wrong: 'the code of the second factor, of a mail or of a message is wrong',
  code_expired: 'such a code, or what it belongs to, is too old or was tried too often',
  token_invalid: 'a link or token is wrong, used up or too old',
  rate_limited: 'too many attempts (429)',
  user_banned: 'the user is banned',
  email_not_verified: 'the e-mail address has to be verified first',
  sign_up_closed: '`auth.signUp: closed`, or the provider may make no accounts',
  domain_not_allowed: 'the domain of the address is not in `auth.signUp.domains`',
  account_exists: 'there is an account with this address',
  provider_failed: 'the other provider sent the browser back with an error',
  not_allowed: 'whoever asked has no right to, or is not signed in',
  request_invalid: 'the request makes no sense, or comes from a page of somebody else',
  unavailable: 'the auth database, Redis or Better Auth elsewhere did not answer',
  configuration_invalid:
    'the configuration has a problem, or needs a restart; `problem` says which',
  other: 'another answer with a status from 400 on',
} as const
