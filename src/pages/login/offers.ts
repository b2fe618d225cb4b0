/** What people can do on the sign-in page, as far as it is known when the gateway starts. */
export interface Offers {
  /** Sign in with e-mail and password. */
  readonly email: boolean
  /** Who may create an account; `closed` hides the form, which is no protection by itself. */
  readonly signUp: 'open' | 'closed' | 'domains'
  /** Only said as a hint; Better Auth decides. null: not known. */
  readonly minPasswordLength: number | null
  /** A message with a link can be sent to whoever has forgotten their password. */
  readonly resets: boolean
  /** A message can be sent that confirms an e-mail address. */
  readonly confirms: boolean
  /** In the order of their buttons. */
  readonly providers: readonly Provider[]
  /** null: nobody is ever asked for one. */
  readonly secondFactor: SecondFactor | null
}

/** A provider of accounts elsewhere. */
export interface Provider {
  /** Better Auth's. */
  readonly id: string
  /** As people know it. */
  readonly name: string
}

/** What a second factor may be. Which of them an account has is told after the password. */
export interface SecondFactor {
  /** Codes of an authenticator app. */
  readonly totp: boolean
  /** Codes that are sent. */
  readonly otp: boolean
  /** Codes that were written down. */
  readonly backup: boolean
  /** For how many days a device can be trusted; null: not known. */
  readonly trustDays: number | null
}
