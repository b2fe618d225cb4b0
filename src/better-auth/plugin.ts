import { createHash } from 'node:crypto'
import type { BetterAuthPlugin, DBAdapter, SecondaryStorage } from 'better-auth'
import { watchWrites } from '../session/embedded/writes.ts'
import { sessionHooks, userHooks } from '../session/hooks.ts'
import { createRevocationListener } from '../session/revocation/listener.ts'
import { addOrganization, asksForSession } from './organization.ts'
import { senderFor, type Sender } from './sender.ts'
import { watchStorage } from './storage.ts'

export interface SallyportOptions {
  /** Origins of the gateways, as this application reaches them: `http://gateway:8080`. Empty: nothing is told, in a build or a test for example. */
  readonly gateways: readonly string[]
  /** `auth.pushSecret` of the gateways; at least 32 bytes. */
  readonly secret: string | undefined
}

/** How long an answer of Better Auth waits until the gateways have heard what it changed, milliseconds. */
const waitMs = 1000

/**
 * The plugin for a Better Auth that runs behind Sallyport with `auth.mode: remote`: tells the gateways what ends or changes sessions, users and memberships, so
 * that they need not wait until they ask again.
 *
 * ```ts
 * import { sallyport } from 'sallyport/better-auth'
 *
 * plugins: [sallyport({ gateways: ['http://gateway:8080'], secret: process.env.SALLYPORT_PUSH_SECRET })]
 * ```
 *
 * An answer of Better Auth waits at most 1 s for the gateways; a gateway that cannot be reached keeps nobody waiting and is told later. Throws for a
 * secret that is too short. Not told: what is written behind Better Auth's back.
 */
export function sallyport(options: SallyportOptions): BetterAuthPlugin {
  const { gateways, secret = '' } = options
  const origins = gateways.map(originOf)
  if (origins.length > 0 && Buffer.byteLength(secret) < 32) {
    throw new TypeError('sallyport: the secret needs at least 32 bytes')
  }
  let sender: Sender | null = null
  return {
    id: 'sallyport',
    init: (context) => {
      const { adapter, logger, options: own } = context
      const log = (level: 'warn' | 'info', message: string): void => {
        logger[level](`[sallyport] ${message}`)
      }
      if (origins.length > 0) sender = senderFor({ gateways: origins, secret, log })
      return sender === null ? {} : watch(adapter, sender, own.secondaryStorage)
    },
    hooks: {
      after: [
        hookOn(asksForSession, addOrganization),
        hookOn(
          () => sender !== null,
          async () => {
            await sender?.flushed(waitMs)
          },
        ),
      ],
    },
    // Gateways ask for sessions in the name of many.
    rateLimit: [{ pathMatcher: (path) => path === '/get-session', window: 10, max: 1000 }],
  }
}

function originOf(gateway: string): string {
  if (!/^https?:\/\//.test(gateway) || !URL.canParse(gateway)) {
    throw new TypeError('sallyport: a gateway is an origin such as http://gateway:8080')
  }
  return new URL(gateway).origin
}

type Init = NonNullable<BetterAuthPlugin['init']>
type InitResult = Extract<Awaited<ReturnType<Init>>, object>

function watch(
  adapter: DBAdapter,
  sender: Sender,
  storage: SecondaryStorage | undefined,
): InitResult {
  const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
  const listener = createRevocationListener(sender, digest, Date.now)
  if (storage) watchStorage(storage, listener)
  return {
    context: { adapter: watchWrites(adapter, listener) },
    options: {
      databaseHooks: { session: sessionHooks(listener, Date.now), user: userHooks(listener) },
    },
  }
}

type Hook = NonNullable<NonNullable<BetterAuthPlugin['hooks']>['after']>[number]

/**
 * A hook as Better Auth's own helper would make it. The helper would bring a Better Auth of ours along, beside the application's.
 * @param work what it returns becomes the answer; undefined leaves it as it is
 */
function hookOn(
  matcher: Hook['matcher'],
  work: (context: Parameters<Hook['matcher']>[0]) => Promise<unknown>,
): Hook {
  const handler = async (context: Parameters<Hook['matcher']>[0]): Promise<object> => ({
    response: await work(context),
  })
  return { matcher, handler: handler as unknown as Hook['handler'] }
}
