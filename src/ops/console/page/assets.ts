import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { consoleStyle } from './style.ts'

/** A file of the page, by its name below `/console/`. */
export interface ConsoleAsset {
  readonly type: string
  readonly body: string
}

/** The same folder for `src`, which a checkout runs, and for `dist`. */
const folder = fileURLToPath(new URL('../browser/', import.meta.url))

/** Reads the modules, which browsers run as they are, once. */
export function readAssets(): ReadonlyMap<string, ConsoleAsset> {
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => {
      const name = `app/${file.replaceAll('\\', '/')}`
      const body = readFileSync(join(folder, file), 'utf8')
      return [name, { type: 'text/javascript; charset=utf-8', body }] as const
    })
  return new Map([
    ...modules,
    ['style.css', { type: 'text/css; charset=utf-8', body: consoleStyle }],
  ])
}
