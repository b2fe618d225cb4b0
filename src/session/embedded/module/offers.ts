import type { Auth } from 'better-auth'
import type { GatewayConfig } from '../../../config/types.ts'
import type { Offers, SecondFactor } from '../../../pages/login/offers.ts'
import { toProvider } from '../../../pages/login/providers.ts'

type Context = Awaited<Auth['$context']>

const secondsPerDay = 86_400

/** What people can do on the sign-in page, as the user's options and the YAML together have it. Calls nothing of the user's. */
export function offersOf({ auth }: GatewayConfig, context: Context): Offers {
  const { emailAndPassword, emailVerification } = context.options
  return {
    email: auth.signIn.email,
    signUp: auth.signUp.kind,
    minPasswordLength: context.password.config.minPasswordLength,
    resets: auth.signIn.email && emailAndPassword?.sendResetPassword !== undefined,
    confirms: emailVerification?.sendVerificationEmail !== undefined,
    providers: context.socialProviders.map(({ id, name }) => toProvider(id, name)),
    secondFactor: secondFactorOf(context),
  }
}

/** Of Better Auth's two-factor plugin, what is looked at. */
interface TwoFactorOptions {
  readonly totpOptions?: { readonly disable?: boolean }
  readonly otpOptions?: { readonly sendOTP?: unknown }
  readonly trustDeviceMaxAge?: number
}

function secondFactorOf({ options }: Context): SecondFactor | null {
  const plugin = options.plugins?.find(({ id }) => id === 'two-factor')
  if (plugin === undefined) return null
  const { totpOptions, otpOptions, trustDeviceMaxAge }: TwoFactorOptions = plugin.options ?? {}
  const totp = totpOptions?.disable !== true
  return {
    totp,
    otp: otpOptions?.sendOTP !== undefined,
    // They are made together with the secret of an app, and with nothing else.
    backup: totp,
    trustDays: Math.max(1, Math.round((trustDeviceMaxAge ?? 30 * secondsPerDay) / secondsPerDay)),
  }
}
