import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { contextOf } from './context.ts'
import { fillIn, parseDockerfile, type Instruction, type Stage } from './dockerfile.ts'

/** What a builder would have made, as a folder, with what it would know of it. */
export interface Image {
  readonly folder: string
  readonly env: ReadonlyMap<string, string>
  readonly folderOfWork: string
  readonly user: string
  readonly volumes: readonly string[]
  readonly health: readonly string[]
  readonly command: readonly string[]
}

interface Built {
  readonly folder: string
  readonly env: Map<string, string>
  folderOfWork: string
  readonly said: Map<string, Instruction>
}

/**
 * Follows the Dockerfile of a checkout, in its own words. The stages that begin with the image of Node begin with this machine's own
 * file system instead, as a layer that nothing is written through, with the Node that runs this. Needs root, `mount` and `unshare`.
 * @param folder empty; on a file system that can be a layer. What is mounted in it ends with the mount namespace.
 */
export function build(root: string, folder: string): Image {
  const { stages } = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))
  const built = new Map<string, Built>()
  let last: Built | null = null
  for (const [index, stage] of stages.entries()) {
    const name = stage.name ?? String(index)
    last = follow(stage, root, join(folder, name), built)
    built.set(name, last)
  }
  if (last === null) throw new Error('the Dockerfile has no stage')
  const words = (name: string): readonly string[] => last.said.get(name)?.words ?? []
  const health = words('HEALTHCHECK')
  return {
    folder: last.folder,
    env: last.env,
    folderOfWork: last.folderOfWork,
    user: words('USER')[0] ?? 'root',
    volumes: words('VOLUME'),
    health,
    command: [...words('ENTRYPOINT'), ...words('CMD')],
  }
}

function follow(
  stage: Stage,
  root: string,
  folder: string,
  built: ReadonlyMap<string, Built>,
): Built {
  const isEmpty = stage.base === 'scratch'
  mkdirSync(folder, { recursive: true })
  const self: Built = {
    folder: isEmpty ? folder : layOver(folder),
    env: new Map(isEmpty ? [] : [['PATH', '/usr/local/bin:/usr/bin:/bin']]),
    folderOfWork: '/',
    said: new Map(),
  }
  for (const instruction of stage.instructions) obey(instruction, self, root, built)
  return self
}

function obey(
  instruction: Instruction,
  self: Built,
  root: string,
  built: ReadonlyMap<string, Built>,
): void {
  const { name, text } = instruction
  if (name === 'WORKDIR') {
    self.folderOfWork = join(self.folderOfWork, text)
    mkdirSync(join(self.folder, self.folderOfWork), { recursive: true })
  } else if (name === 'ENV') {
    for (const [, key = '', value = ''] of text.matchAll(/(\w+)=(\S+)/g))
      self.env.set(key, fillIn(value, self.env))
  } else if (name === 'COPY') copy(instruction, self, root, built)
  else if (name === 'RUN') run(text, self)
  else self.said.set(name, instruction)
}

/** The machine's own file system, above which a folder takes what is written. */
function layOver(folder: string): string {
  const [upper, work, merged] = ['upper', 'work', 'merged'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const each of [upper, work, merged]) mkdirSync(each)
  const options = `lowerdir=/,upperdir=${upper},workdir=${work}`
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, merged])
  for (const each of ['proc', 'dev'])
    execFileSync('mount', ['--bind', `/${each}`, join(merged, each)])
  mkdirSync(join(merged, 'usr/local/bin'), { recursive: true })
  cpSync(process.execPath, join(merged, 'usr/local/bin/node'), { dereference: true })
  return merged
}

function run(script: string, { folder, folderOfWork, env }: Built): void {
  // Nothing of the npm that runs this: it would tell the one in there where it is.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD$|NODE)/i.test(name),
  )
  const given = Object.fromEntries([...kept, ...env])
  const args = ['--root', folder, '--wd', folderOfWork, '/bin/sh', '-c', script]
  execFileSync('unshare', args, { env: given, stdio: 'inherit' })
}

/** A folder is copied as what is in it; a folder that is not there comes into being, and belongs to whom `--chown` names. */
function copy(
  { flags, words }: Instruction,
  self: Built,
  root: string,
  built: ReadonlyMap<string, Built>,
): void {
  const sources = words.slice(0, -1)
  const target = join(self.folder, resolve('/', self.folderOfWork, words.at(-1) ?? ''))
  const from = flags.get('from')
  const base = from === undefined ? root : built.get(from)?.folder
  if (base === undefined) throw new Error(`COPY --from=${from ?? ''}: there is no such stage`)
  const sent = from === undefined ? new Set(contextOf(root)) : null
  const isFolder = (words.at(-1) ?? '').endsWith('/')
  for (const source of sources) {
    const found = globSync(join(base, source).replace(/\/$/, ''))
    if (found.length === 0) throw new Error(`COPY ${source}: there is no such file`)
    for (const path of found) {
      const place =
        statSync(path).isDirectory() || !isFolder ? target : join(target, basename(path))
      mkdirSync(dirname(place), { recursive: true })
      const filter = (file: string): boolean => {
        const name = file.slice(base.length + 1)
        return (
          sent === null || sent.has(name) || [...sent].some((each) => each.startsWith(`${name}/`))
        )
      }
      cpSync(path, place, { recursive: true, filter, verbatimSymlinks: true })
    }
  }
  const owner = flags.get('chown')
  if (owner !== undefined) execFileSync('chown', ['-R', owner, target])
}

/** What an engine adds to every image: the names that everybody knows, and where the kernel shows itself. */
export function furnish({ folder }: Pick<Image, 'folder'>): void {
  for (const each of ['proc', 'dev']) mkdirSync(join(folder, each), { recursive: true })
  writeFileSync(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n')
}
