import { randomBytes } from 'node:crypto'
import { readFile, writeFile, chmod } from 'node:fs/promises'
import { parseEnv } from 'node:util'

/** The secrets of a gateway. 256 bits each, so that HS256 keys meet RFC 7518 §3.2. */
const secretNames = ['BETTER_AUTH_SECRET', 'JWT_SECRET'] as const

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
