import { join, posix } from 'node:path'
import { compile } from 'svelte/compiler'
import { build, type Plugin } from 'vite'

const root = join(import.meta.dirname, '..', '..', '..')
/** Where the modules seem to be: packages are found from here, and nothing is on the disk. */
const folder = join(import.meta.dirname, 'pages')
const kit = join(root, 'src/client')

/** Text by path. Modules of one folder import each other as they would on a disk: `./gateway`. */
export type Modules = Readonly<Record<string, string>>

/**
 * Bundles modules for a browser as Vite does for production, `sallyport/client` among them, without a file on the disk.
 * @param entries names of the scripts with the paths of the modules that they begin with
 * @returns scripts by the path at which they import each other: `/assets/<name>.js`
 */
export async function bundle(
  modules: Modules,
  entries: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string>> {
  const input = Object.entries(entries).map(([name, path]) => [name, join(folder, path)] as const)
  const built = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    resolve: {
      alias: [
        { find: /^sallyport\/client$/, replacement: join(kit, 'index.ts') },
        { find: /^sallyport\/client\/core$/, replacement: join(kit, 'core.ts') },
      ],
    },
    plugins: [virtual(modules), svelte()],
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(input),
        // What a gateway serves.
        external: /^\/_gateway\//,
        output: { entryFileNames: 'assets/[name].js', chunkFileNames: 'assets/[name]-[hash].js' },
      },
    },
  })
  if (!('output' in built)) throw new Error('Vite watches instead of building')
  return new Map(
    built.output.flatMap((part) =>
      part.type === 'chunk' ? [[`/${part.fileName}`, part.code] as const] : [],
    ),
  )
}

function virtual(modules: Modules): Plugin {
  const endings = ['', '.ts', '.tsx', '.svelte']
  return {
    name: 'modules-in-memory',
    enforce: 'pre',
    resolveId(source, importer) {
      const isRelative = source.startsWith('.') && importer?.startsWith(folder) === true
      const path = isRelative ? posix.join(posix.dirname(importer), source) : source
      const found = endings.find((ending) => read(modules, path + ending) !== undefined)
      return found === undefined ? null : path + found
    },
    load(id) {
      return read(modules, id) ?? null
    },
  }
}

function read(modules: Modules, file: string): string | undefined {
  return file.startsWith(`${folder}/`) ? modules[file.slice(folder.length + 1)] : undefined
}

/** What a project has from Svelte's own plugin. */
function svelte(): Plugin {
  return {
    name: 'svelte-components',
    transform(code, id) {
      if (!id.endsWith('.svelte')) return null
      const { js } = compile(code, { filename: id, generate: 'client', css: 'injected' })
      return { code: js.code, map: null }
    },
  }
}
