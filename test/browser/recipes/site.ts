import type { ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { markedBlock } from '../../docs/pages.ts'
import { startBackend, type Answer, type Seen } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { openDoor } from '../site.ts'
import { bundle, type Modules } from './bundle.ts'

/** A block of docs/browser.md on a page. */
export interface Recipe {
  /** The comment above its block. Its pages are at `/<mark>-cookie` and `/<mark>-bearer`. */
  readonly mark: string
  /** Where its block says that it is kept. */
  readonly file: string
  /** The module that uses it, and gives the page a `call(path, body?)` that resolves with what the application answered. */
  readonly page: string
  /** What else the block imports, by path. */
  readonly modules?: Modules
}

export interface Site {
  readonly origin: string
  readonly gateway: Running
  /** What arrived at the application below `/api/`. */
  readonly calls: () => readonly Seen[]
}

export const modes = ['cookie', 'bearer'] as const
export type Mode = (typeof modes)[number]

export interface SiteOptions {
  /** YAML list items for the front of the routes: `api` is the upstream. */
  readonly routes?: string
  /** What the application answers to calls; default: what it was asked. */
  readonly answer?: Answer
  /** The `auth` section for a site at this origin, in flow style without braces. */
  readonly auth?: (origin: string) => Promise<string>
}

const routes = `
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: pages, match: { path: /* }, upstream: api, auth: none }`

/** A recipe as the modules of a page, by path. */
export function modulesOf({ mark, file, page, modules }: Recipe, mode: Mode): Modules {
  return {
    ...modules,
    'gateway.ts': markedBlock('docs/browser.md', mode),
    [file]: markedBlock('docs/browser.md', mark),
    'page.tsx': page,
  }
}

/** A gateway before an application that has two pages for every recipe. */
export async function startRecipes(
  t: Test,
  recipes: readonly Recipe[],
  options: SiteOptions = {},
): Promise<Site> {
  const pages = recipes.flatMap((recipe) =>
    modes.map((mode) => ({ name: `${recipe.mark}-${mode}`, modules: modulesOf(recipe, mode) })),
  )
  const byName = Object.fromEntries(pages.map(({ name, modules }) => [name, modules]))
  return startPages(t, byName, options)
}

/**
 * A gateway before an application whose pages are these modules, each beginning with its `page.tsx`, under the strictest policy that
 * the kit can live with.
 */
export async function startPages(
  t: Test,
  pages: Readonly<Record<string, Modules>>,
  options: SiteOptions = {},
): Promise<Site> {
  const { answer = echo } = options
  const scripts = await bundlePages(pages)
  const door = await openDoor(t)
  const backend = await startBackend(t, (request, response, body) => {
    const { url = '' } = request
    if (url.startsWith('/api/')) answer(request, response, body)
    else sendPage(url, scripts, response)
  })
  const gateway = await startGateway(t, {
    publicUrl: door.origin,
    upstream: backend.url,
    routes: (options.routes ?? '') + routes,
    ...(options.auth === undefined ? {} : { auth: await options.auth(door.origin) }),
  })
  door.leadTo(gateway.url)
  return {
    origin: door.origin,
    gateway,
    calls: () => backend.seen.filter(({ url }) => url.startsWith('/api/')),
  }
}

function bundlePages(
  pages: Readonly<Record<string, Modules>>,
): Promise<ReadonlyMap<string, string>> {
  const names = Object.keys(pages)
  const modules = Object.entries(pages).flatMap(([name, files]) =>
    Object.entries(files).map(([path, text]) => [`${name}/${path}`, text]),
  )
  return bundle(
    Object.fromEntries(modules) as Modules,
    Object.fromEntries(names.map((name) => [name, `${name}/page.tsx`])),
  )
}

/** Answers with what was asked. */
export const echo: Answer = ({ method, url, headers }, response, body) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ method, url, headers, body: body.toString() }))
}

function sendPage(
  url: string,
  scripts: ReadonlyMap<string, string>,
  response: ServerResponse,
): void {
  const script = scripts.get(url)
  const type = script === undefined ? 'text/html' : 'text/javascript'
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'",
  })
  const name = new URL(url, 'http://app.test').pathname.slice(1)
  response.end(
    script ??
      `<!doctype html><html lang="en"><title>${name}</title>
<div id="app"></div><script type="module" src="/assets/${name}.js"></script></html>`,
  )
}
