/** What the sign-in page can show at one time. */
export type View = 'sign-in' | 'sign-up' | 'forgot' | 'reset' | 'verify' | 'totp' | 'otp' | 'backup'

/** What can be sent from it. */
export type FormName = View | 'send-code'

/** The fields of a form as a browser sends them: a box that is not ticked is missing. */
export type Fields = {
  readonly [Name in 'email' | 'password' | 'name' | 'remember' | 'token' | 'code' | 'trust']?:
    string | undefined
}

/** Where the page is, and what can be done there. */
export interface Place {
  /** Address of the page, without a query. */
  readonly page: string
  /** A safe path of this origin. */
  readonly returnTo: string
  /** A message can be sent that confirms an e-mail address. */
  readonly confirms: boolean
}

/** What is asked of Better Auth. */
export interface Call {
  /** Below its path. */
  readonly path: string
  /** JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

/** What Better Auth answers. */
export interface Answer {
  readonly status: number
  /** Seconds, as the header has them. */
  readonly retryAfter: string | null
  /** Its JSON; empty where it is none. */
  readonly body: AnswerBody
}

/** What of an answer is looked at, none of which has to be there. */
export interface AnswerBody {
  readonly code?: unknown
  readonly message?: unknown
  /** Of a refusal of the gateway. */
  readonly detail?: unknown
  /** null: nobody is signed in by this. */
  readonly token?: unknown
  readonly twoFactorRedirect?: unknown
  readonly twoFactorMethods?: unknown
  /** Of a provider. */
  readonly url?: unknown
}

/** What is shown after an answer. */
export interface Outcome {
  /** null: signed in, go on. */
  readonly view: View | null
  /** Plain text. */
  readonly text: string
  readonly tone: 'error' | 'notice'
  /** The field that has to change. */
  readonly wrong: 'email' | 'password' | 'code' | null
  /** The second factors that this account has, where they were told. */
  readonly methods: readonly string[] | null
}
