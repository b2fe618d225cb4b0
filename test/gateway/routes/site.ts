import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Running, type StartOptions } from '../../helper/gateway.ts'

export interface Site extends Running {
  /** Writes a file below `web`, the folder of the static routes. */
  readonly write: (file: string, content: string | Buffer) => void
}

/** A build as bundlers leave it. */
const build: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><title>app</title>',
  'assets/index-BkU7nDqN.js': 'export const app = 1\n',
  'logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

/** A gateway with a folder `web` that holds a single-page app, and an upstream that says what it saw. */
export async function startSite(
  t: Test,
  options: Omit<StartOptions, 'upstream'> = {},
): Promise<Site> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes: `
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: app, match: { path: /* }, static: { dir: ./web, fallback: index.html }, auth: none }`,
    ...options,
  })
  const write: Site['write'] = (file, content) => {
    const path = join(gateway.folder, 'web', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  for (const [file, content] of Object.entries(build)) write(file, content)
  return { ...gateway, write }
}

/** What a browser says of itself when a person opens a page. */
export const navigation = { 'sec-fetch-mode': 'navigate', accept: 'text/html,*/*;q=0.8' }
