import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startFastApi as start } from '../../deploy/demo/launch/fastapi.ts'
import { findFreePort } from '../../deploy/demo/launch/ports.ts'
import { runPython } from '../../deploy/demo/launch/process.ts'
import { preparePython } from '../../deploy/demo/launch/venv.ts'
import { findPython } from '../../deploy/demo/python.ts'
import { jwtSecret } from '../helper/token.ts'

export interface RunningFastApi {
  readonly url: string
  /** Ends the application before the test does. Safe to call twice. */
  readonly stop: () => Promise<void>
}

/**
 * The demo application on a free port with an empty database, ended with the test, or null where there is no Python for it:
 * the test is then skipped aloud, or fails when `CI=true`. The first call on a machine may install the packages.
 * @param secret what it verifies tokens with; `jwtSecret` of the token helper when absent
 */
export async function startFastApi(t: Test, secret = jwtSecret): Promise<RunningFastApi | null> {
  const found = await preparePython({
    onProgress: (line) => {
      t.comment(line)
    },
  })
  if (found.kind === 'missing') return skip(t, `no Python with FastAPI: ${found.reason}`)
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-fastapi-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const app = await start({
    python: found.python,
    port: await findFreePort(),
    jwtSecret: secret,
    database: join(folder, 'todos.db'),
    onLine: (line) => {
      t.comment(line)
    },
  })
  t.teardown(() => app.stop())
  return { url: app.url, stop: () => app.stop() }
}

/**
 * Runs a Python script that reads `input` from its standard input, with an interpreter that has all `modules`.
 * @returns what it printed, without the last newline; null where no interpreter has the modules: skipped as above
 */
export async function pythonEval(
  t: Test,
  options: {
    readonly script: string
    readonly input?: string
    readonly modules: readonly string[]
  },
): Promise<string | null> {
  const { script, input = '', modules } = options
  const python = await pythonWith(t, modules)
  if (python === null) return null
  const { code, stdout, stderr } = await runPython(python, ['-c', script], { input })
  if (code !== 0) throw new Error(`the Python script failed: ${stderr}`)
  return stdout.trimEnd()
}

/** An interpreter that has all `modules`; null where none has: skipped as above. */
export async function pythonWith(t: Test, modules: readonly string[]): Promise<string | null> {
  const found = await findPython()
  const candidates = [
    ...(found.kind === 'found' ? [found.python] : []),
    'python3',
    '/usr/bin/python3',
  ]
  const imports = modules.map((name) => `import ${name}`).join('\n')
  for (const python of candidates) {
    if ((await runPython(python, ['-c', imports])).code === 0) return python
  }
  return skip(t, `no Python with ${modules.join(' and ')}`)
}

function skip(t: Test, reason: string): null {
  const message = `SKIPPED: ${reason}`
  if (process.env['CI'] === 'true') t.fail(message)
  else {
    // On standard error too: a reporter may hide what was skipped.
    console.error(message)
    t.pass(message, { skip: reason })
  }
  return null
}
