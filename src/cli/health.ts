import { request } from 'undici'
import { adminOrigin } from './admin.ts'
import { loadFor, type ConfigOption } from './config.ts'

const timeoutMs = 3000

/** `sallyport health`: asks the admin listener's `/readyz`; exit code 1 when it does not say yes. */
export async function runHealth(options: ConfigOption): Promise<void> {
  const { admin } = loadFor(options).config
  if (admin === null) {
    console.error('admin is none: there is no listener to ask')
    process.exitCode = 1
    return
  }
  const url = `${adminOrigin(admin)}/readyz`
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(timeoutMs) })
    console.log((await body.text()).trim())
    process.exitCode = statusCode === 200 ? 0 : 1
  } catch {
    console.error(`nothing answers at ${url}`)
    process.exitCode = 1
  }
}
