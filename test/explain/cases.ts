import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { proofCommands } from '../../src/cli/commands/proof.ts'
import { root, secrets } from '../cli/run.ts'

/** What commands are run with where nobody says otherwise. */
export const folder = join(root, 'test/explain/golden')

/** A command with what it prints. */
export interface Case {
  readonly file: string
  readonly args: readonly string[]
  readonly code: number
  readonly out: string
}

/** Words of a command line; `'…'` keeps blanks together. */
export function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** `$ sallyport …`, what comes out, and `exit N`. */
export function readCases(): readonly Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => {
      const [first = '', ...lines] = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n')
      const [, , ...args] = wordsOf(first)
      const code = Number(/^exit (\d)$/.exec(lines.at(-1) ?? '')?.[1])
      return { file, args, code, out: lines.slice(0, -1).join('\n') }
    })
}

/** What a command printed: all of it, and what of it is no complaint. */
export interface Printed {
  readonly code: number
  readonly out: string
  readonly json: string
}

/**
 * Everything that a command prints, and its exit code. In this process, because there are many of them and a process takes its time: the
 * working directory and the environment are the command's meanwhile.
 */
export async function outputOf(args: readonly string[], cwd = folder): Promise<Printed> {
  const lines: string[] = []
  const errors: string[] = []
  const { log, error } = console
  console.log = (line: string) => lines.push(line)
  console.error = (line: string) => errors.push(line)
  const printed = (code: number): Printed => ({
    code,
    out: withoutRoot([...lines, ...errors]),
    json: withoutRoot(lines),
  })
  const before = process.cwd()
  process.chdir(cwd)
  Object.assign(process.env, secrets)
  try {
    await program().parseAsync(args, { from: 'user' })
    return printed(Number(process.exitCode ?? 0))
  } catch (thrown) {
    if (thrown instanceof CommanderError) return printed(2)
    throw thrown
  } finally {
    Object.assign(console, { log, error })
    process.chdir(before)
    process.exitCode = 0
  }
}

/** The commands as `src/cli.ts` registers them. */
function program(): Command {
  const all = new Command().exitOverride()
  for (const { name, options = [], run } of proofCommands) {
    const command = all.command(name).option('-c, --config <file>').exitOverride()
    command.action((...given: unknown[]) =>
      run(given.at(-2) as Record<string, never>, given.slice(0, -2) as string[]),
    )
    for (const option of options) command.addOption(option)
  }
  return all
}

/** Where the checkout lies differs. */
function withoutRoot(lines: readonly string[]): string {
  return lines.join('\n').replaceAll(root, '/checkout')
}

/** Writes the cases anew: `node test/explain/cases.ts`; look at the difference before believing it. */
async function update(): Promise<void> {
  for (const { file, args } of readCases()) {
    const { code, out } = await outputOf(args)
    const words = args.map((word) => (/[\s&?{}]/.test(word) ? `'${word}'` : word))
    const text = [`$ sallyport ${words.join(' ')}`, out, `exit ${String(code)}`, ''].join('\n')
    writeFileSync(join(folder, file), text)
  }
}

if (import.meta.main) await update()
