import { createLogger } from '../../ops/log.ts'
import { RemoteClient } from '../../session/remote/client/client.ts'
import { reasonOf } from '../../session/remote/client/failure.ts'
import { ok, problem, warning, type Check, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'

/** Better Auth, where it runs elsewhere. */
export function remoteChecks(context: DoctorContext): readonly Check[] {
  const { remote } = context.config.auth
  return remote === null ? [] : [{ name: 'better auth', run: () => checkRemote(context) }]
}

/** Asks about nobody, as the gateway does when it starts. */
async function checkRemote({ config, clock, options }: DoctorContext): Promise<Finding> {
  const { remote, path } = config.auth
  if (remote === null) throw new Error('Better Auth is not remote')
  const { stepMs } = options
  const client = new RemoteClient({
    url: remote.url,
    publicUrl: config.server.publicUrl,
    clock,
    logger: createLogger('silent'),
    deadlines: { connectMs: stepMs, answerMs: stepMs },
  })
  const question = {
    method: 'GET',
    path: `${path}/get-session`,
    cookie: null,
    address: '',
  } as const
  try {
    const { status, text } = await client.ask(question, (answer) => answer)
    return judgeRemote(status, text, `${remote.url}${path}`, remote.pushSecret !== null)
  } catch (error) {
    return problem(
      `Better Auth at ${remote.url} cannot be asked: ${reasonOf(error)}`,
      'See that it runs, and that auth.url is its address.',
    )
  } finally {
    await client.close()
  }
}

/** @param text its answer to the question who nobody is; it should be `null` */
export function judgeRemote(status: number, text: string, url: string, isTold: boolean): Finding {
  if (status === 404) {
    return problem(
      `nothing answers at ${url}`,
      'Set auth.path to the basePath of that Better Auth, and auth.url without it.',
    )
  }
  if (status !== 200 || text.trim() !== 'null') {
    return problem(
      `what answers at ${url} is no Better Auth (status ${status})`,
      'See that auth.url and auth.path lead to it.',
    )
  }
  if (isTold) return ok(`Better Auth answers at ${url}`)
  return warning(
    `Better Auth answers at ${url}, and does not tell of revocations: sessions are remembered for 5 s`,
    'Set auth.pushSecret, and add the plugin sallyport({ gateways, secret }) there.',
  )
}
