import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { findFreePort } from '../../deploy/demo/launch/ports.ts'
import { preparePython } from '../../deploy/demo/launch/venv.ts'
import { pythonWith, startFastApi } from './python.ts'

/**
 * The URL of an application of the test's own, or null where there is no Python for it: skipped as `startFastApi` skips.
 * @param script Python that serves on the port that is its argument, and ends when its standard input does
 * @param modules what it imports that the demo application does not
 */
export async function serveScript(
  t: Test,
  script: string,
  modules: readonly string[] = [],
): Promise<string | null> {
  const found = await preparePython()
  if (found.kind === 'missing') {
    // Says why, or fails where it has to be there.
    await startFastApi(t)
    return null
  }
  const python = modules.length === 0 ? found.python : await pythonWith(t, modules)
  if (python === null) return null
  const port = await findFreePort()
  const child = spawn(python, ['-c', script, String(port)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  t.teardown(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  })
  for (let tries = 0; !(await isListening(port)); tries += 1) {
    if (tries === 600) throw new Error('FastAPI did not start')
    await delay(50)
  }
  return `http://127.0.0.1:${port}`
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const isUp = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isUp
}
