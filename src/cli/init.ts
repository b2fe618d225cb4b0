import { randomBytes } from 'node:crypto'
import { readFile, writeFile, chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { configFile, type ConfigOption } from './config.ts'

/** The secrets of a gateway. 256 bits each, so that HS256 keys meet RFC 7518 §3.2. */
const secretNames = ['BETTER_AUTH_SECRET', 'JWT_SECRET', 'ADMIN_TOKEN'] as const

/**
 * Adds the secrets that `file` does not define yet, each from its own 32 random bytes. What is there stays byte for
 * byte; a name that is present but empty counts as missing. The file is made readable by its owner only.
 * Not checked: whether secrets that are there are any good (`loadConfig` does).
 * @returns the names that were written; empty when nothing was to do
 */
export async function ensureSecrets(options: {
  readonly file: string
}): Promise<{ readonly created: readonly string[] }> {
  const text = await readIfPresent(options.file)
  const present = parseEnv(text)
  const created = secretNames.filter((name) => !present[name] && !present[`${name}_FILE`])
  if (created.length === 0) return { created }
  const lines = created.map((name) => `${name}=${randomBytes(32).toString('base64url')}\n`)
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  await writeFile(options.file, text + separator + lines.join(''), { mode: 0o600 })
  await chmod(options.file, 0o600)
  return { created }
}

async function readIfPresent(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

const starter = `# yaml-language-server: $schema=./node_modules/sallyport/config/gateway.schema.json
version: 1

server:
  listen: 0.0.0.0:\${PORT:-8080}
  publicUrl: \${PUBLIC_URL:-http://localhost:8080} # the one origin browsers use

admin: { token: '\${ADMIN_TOKEN:-}' } # with it, the console on 127.0.0.1:9090 can end sessions

auth:
  signUp: open # open | closed | { domains: [example.com] }

upstreams:
  api: \${FASTAPI_URL:-http://127.0.0.1:8000}

routes:
  - { name: health, match: { path: /health, methods: [GET] }, upstream: api, auth: none }
  - { name: api, match: { path: /api/* }, upstream: api }
`

export interface InitOptions extends ConfigOption {
  /** A URL or a file with FastAPI's OpenAPI document, of which the configuration is made. */
  readonly openapi?: string
}

/**
 * `sallyport init`: secrets into `.env` beside the configuration, and a configuration where there is none. Exit code 1 when one was to
 * be made of OpenAPI and another is there. Throws `StartupError` where the document cannot be read.
 */
export async function runInit(options: InitOptions): Promise<void> {
  const file = configFile(options)
  const { openapi } = options
  // Before anything is written: a document that is none leaves no half of a start.
  const text =
    openapi === undefined ? starter : await (await import('./change/starter.ts')).starterOf(openapi)
  const env = join(dirname(file), '.env')
  const { created } = await ensureSecrets({ file: env })
  console.log(
    created.length === 0
      ? `${env}: every secret is there already`
      : `${env}: wrote ${created.join(', ')}; give FastAPI the same JWT_SECRET`,
  )
  try {
    await writeFile(file, text, { flag: 'wx' })
    console.log(
      `${file}: written; ${openapi === undefined ? 'name your FastAPI under upstreams' : 'read what it says of each route'}`,
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    console.log(`${file}: is there already and stays as it is`)
    if (openapi !== undefined) process.exitCode = 1
  }
}
