import type { GatewayConfig } from '../../config/types.ts'
import { ok, problem, skipped, warning, type Finding } from '../check.ts'
import type { DoctorContext } from '../context.ts'
import { createAsker, type Heard } from '../wire/ask.ts'
import { reasonOf } from '../wire/failure.ts'
import { reach } from '../wire/reach.ts'

/** Whether a gateway runs here, and what it says of itself on its admin listener. */
export async function checkGateway({ config, clock, options }: DoctorContext): Promise<Finding> {
  const { admin } = config
  if (admin === null) return skipped('admin is none: there is no listener to ask')
  const origin = originOf(admin.listen)
  const asker = createAsker(origin, null, { clock, stepMs: options.stepMs })
  try {
    const ready = await asker.ask({ path: '/readyz', headers: {}, bodyLimit: 1000 })
    if (ready.status !== 200) {
      return problem(
        `the gateway at ${origin} runs and is not ready`,
        'Look at the other checks, and at what it logs: a part that it needs does not answer.',
      )
    }
    const metrics = await asker.ask({ path: '/metrics', headers: {}, bodyLimit: 5_000_000 })
    return judgeMetrics(metrics.body, config, origin)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED')
      return skipped(`no gateway runs here: nothing listens at ${origin}`)
    return problem(
      `the admin listener at ${origin} does not answer: ${reasonOf(error)}`,
      'Restart the gateway; what it logged last says more.',
    )
  } finally {
    await asker.close()
  }
}

function originOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Revocations that are not heard are the one thing that a ready gateway may lack. */
function judgeMetrics(text: string, { auth }: GatewayConfig, origin: string): Finding {
  const isDown = /^sallyport_revocation_bus_up(?:\{[^}]*\})? 0$/m.test(text)
  if (!isDown) return ok(`the gateway at ${origin} runs and is ready`)
  const seen = `the gateway at ${origin} does not hear of revocations: sessions are remembered for 5 s at most`
  return auth.remote === null
    ? warning(seen, 'See that Redis or the database answers the gateway too.')
    : warning(
        seen,
        'Add the plugin sallyport({ gateways, secret }) to the remote Better Auth, with the origin of this gateway.',
      )
}

/** Whether browsers find this gateway where `server.publicUrl` says. */
export async function checkPublicUrl({ config, clock, options }: DoctorContext): Promise<Finding> {
  const { publicUrl } = config.server
  if (!options.isPublic)
    return skipped(`--public asks at ${publicUrl}, through everything in front`)
  const words = {
    advice: `See that ${new URL(publicUrl).host} leads to the gateway, also from here.`,
    certificateAdvice: 'Give what ends TLS a certificate for this name, with its whole chain.',
  }
  const { stepMs } = options
  const reached = await reach(publicUrl, null, words, { stepMs, nowMs: clock.now() })
  if (!reached.isOpen) {
    return { ...reached.finding, seen: `${publicUrl}: ${reached.finding.seen}` }
  }
  const asker = createAsker(publicUrl, null, { clock, stepMs })
  try {
    const path = '/_gateway/session'
    const answer = judgePublic(publicUrl, await asker.ask({ path, headers: {}, bodyLimit: 10_000 }))
    return answer.verdict === 'ok' && reached.finding.verdict === 'warning'
      ? reached.finding
      : answer
  } catch (error) {
    return problem(`${publicUrl} does not answer: ${reasonOf(error)}`, words.advice)
  } finally {
    await asker.close()
  }
}

function judgePublic(publicUrl: string, { status, body, headers }: Heard): Finding {
  if (status === 200 && isSessionView(body)) {
    const cookies = publicUrl.startsWith('https:') ? '; cookies are Secure' : ''
    return ok(`a Sallyport answers at ${publicUrl}${cookies}`)
  }
  if (headers['x-sallyport-code'] !== undefined || status === 503) {
    return problem(
      `the gateway at ${publicUrl} cannot say who is signed in (status ${status})`,
      'Look at the checks of the auth database and of Better Auth.',
    )
  }
  return problem(
    `what answers at ${publicUrl} is not this gateway (status ${status})`,
    'See that what is in front passes every path on, `/_gateway/*` too.',
  )
}

function isSessionView(text: string): boolean {
  try {
    const { authenticated } = JSON.parse(text) as { readonly authenticated?: unknown }
    return typeof authenticated === 'boolean'
  } catch {
    return false
  }
}
