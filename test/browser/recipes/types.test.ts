import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { clients, query, views } from './recipes.ts'
import { modes, modulesOf } from './site.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const folder = join(import.meta.dirname, 'pages')
const kit = join(root, 'src/client')

/** As strict as a new project of Vite's, and stricter. */
const options: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  noUnusedLocals: true,
  skipLibCheck: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: [],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.ReactJSX,
  paths: {
    'sallyport/client': [join(kit, 'index.ts')],
    'sallyport/client/core': [join(kit, 'core.ts')],
  },
}

/** What the compiler says of modules that are nowhere on the disk; not of the kit, which is checked with the rest. */
function complaintsAbout(modules: ReadonlyMap<string, string>): readonly string[] {
  const [host, disk] = [ts.createCompilerHost(options), ts.createCompilerHost(options)]
  host.readFile = (file) => modules.get(file) ?? disk.readFile(file)
  host.fileExists = (file) => modules.has(file) || disk.fileExists(file)
  host.directoryExists = (path) => path.startsWith(folder) || disk.directoryExists?.(path) === true
  const program = ts.createProgram([...modules.keys()], options, host)
  return [...modules.keys()].flatMap((name) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)).map(({ messageText }) => {
      const path = name.replace(`${folder}/`, '')
      return `${path}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    }),
  )
}

/** Recipes in TypeScript; a component of Svelte is none. */
const recipes = [...clients, ...views, query].filter(({ file }) => /\.tsx?$/.test(file))

t.test('every recipe is right to a strict compiler, in both modes', async (t) => {
  const modules = recipes.flatMap((recipe) =>
    modes.flatMap((mode) =>
      Object.entries(modulesOf(recipe, mode)).map(
        ([name, text]) => [join(folder, `${recipe.mark}-${mode}`, name), text] as const,
      ),
    ),
  )
  t.ok(modules.length > recipes.length * 4)
  t.strictSame(complaintsAbout(new Map(modules)), [])
})

t.test('a recipe that is wrong is noticed', async (t) => {
  const wrong =
    "import { gw } from './gateway'\nexport const id: number = gw.session.current?.user.id\n"
  const [recipe] = recipes
  const modules = { ...modulesOf({ ...recipe!, page: wrong }, 'cookie') }
  const files = Object.entries(modules).map(
    ([name, text]) => [join(folder, 'wrong', name), text] as const,
  )
  t.match(complaintsAbout(new Map(files)), [/wrong\/page.tsx: .*not assignable to type 'number'/])
})
