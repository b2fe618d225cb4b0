import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runPython } from '../../../deploy/demo/launch/process.ts'
import { findPython } from '../../../deploy/demo/python.ts'
import { toEndpoints, type Table } from './tables.ts'
import type { Ask } from './targets.ts'

/** The name of the endpoint that a request reached and the path parameters that it got, or the status of Starlette's answer. */
export type Reached = readonly [name: string, parameters: Readonly<Record<string, string>>] | number

export interface Oracle {
  /** Where uvicorn and Starlette lead these requests, one by one. */
  readonly ask: (table: Table, requests: readonly Ask[]) => Promise<readonly Reached[]>
  readonly stop: () => void
}

const script = join(import.meta.dirname, 'oracle.py')

/** Starts the Python process that has the last word, or null where there is no Python with Starlette and uvicorn. */
export async function startOracle(): Promise<Oracle | null> {
  const python = await pythonWithStarlette()
  return python === null ? null : speakWith(spawn(python, [script]))
}

async function pythonWithStarlette(): Promise<string | null> {
  const found = await findPython()
  const candidates = [...(found.kind === 'found' ? [found.python] : []), 'python3']
  for (const python of candidates) {
    const { code } = await runPython(python, ['-c', 'import starlette, uvicorn, h11'])
    if (code === 0) return python
  }
  return null
}

function speakWith(child: ChildProcess): Oracle {
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes')
  const answers = createInterface(stdout)[Symbol.asyncIterator]()
  let complaint = ''
  stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  stdin.on('error', () => undefined)
  return {
    async ask(table, requests) {
      const line = `${JSON.stringify({ routes: toEndpoints(table), requests })}\n`
      if (!stdin.write(line)) await Promise.race([once(stdin, 'drain'), once(child, 'exit')])
      const answer = await answers.next()
      if (answer.done === true) throw new Error(`the oracle died: ${complaint}`)
      return JSON.parse(answer.value) as readonly Reached[]
    },
    stop: () => child.kill(),
  }
}
