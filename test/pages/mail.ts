import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A message that a module has been asked to send. */
export interface Mail {
  readonly kind: 'reset' | 'confirm' | 'code'
  readonly to: string
  /** A link, or a code. */
  readonly text: string
}

/** What a module with mail may have besides. */
export interface MailOptions {
  /** Addresses must be confirmed before anybody signs in. */
  readonly mustConfirm?: boolean
  /** Of Better Auth's two-factor plugin, as text; left out: there is no second factor. */
  readonly twoFactor?: string
}

/** The text of an `auth.module` that keeps its messages in a file of its folder, for `mailsIn`. */
export function mailModule({ mustConfirm = false, twoFactor }: MailOptions = {}): string {
  const plugin = twoFactor === undefined ? '' : `twoFactor(${twoFactor})`
  return `import { appendFileSync } from 'node:fs'
import { twoFactor } from 'better-auth/plugins'
const file = new URL('mails.jsonl', import.meta.url)
const send = (kind, to, text) => {
  appendFileSync(file, JSON.stringify({ kind, to, text }) + '\\n')
  return Promise.resolve()
}
const sendOTP = ({ user, otp }) => send('code', user.email, otp)
export default {
  emailAndPassword: {
    requireEmailVerification: ${mustConfirm},
    sendResetPassword: ({ user, url }) => send('reset', user.email, url),
  },
  emailVerification: {
    sendVerificationEmail: ({ user, url }) => send('confirm', user.email, url),
  },
  plugins: [${plugin}],
}
`
}

/** The messages so far. */
export function mailsIn({ folder }: { readonly folder: string }): readonly Mail[] {
  try {
    const lines = readFileSync(join(folder, 'mails.jsonl'), 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as Mail)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
