import { Command, CommanderError } from 'commander'
import { accountCommands } from './cli/commands/accounts.ts'
import { changeCommands } from './cli/commands/change.ts'
import { configurationCommands } from './cli/commands/configuration.ts'
import { doctorCommands } from './cli/commands/doctor.ts'
import { proofCommands } from './cli/commands/proof.ts'
import { servingCommands } from './cli/commands/serving.ts'
import type { ConfigOption } from './cli/config.ts'
import { ConfigError } from './config/problem.ts'
import { StartupError } from './errors/startup.ts'

const exitCodes = `
Exit codes: 0 done, 1 found a problem, 2 wrong usage.`

/** In the order in which `--help` lists them. */
const commands = [
  ...servingCommands,
  ...configurationCommands,
  ...proofCommands,
  ...changeCommands,
  ...accountCommands,
  ...doctorCommands,
]

function createProgram(): Command {
  const program = new Command('sallyport')
    .description('A gateway that enforces authentication before an unchanged FastAPI application.')
    .addHelpText('after', exitCodes)
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
  for (const { below, name, description, options = [], run } of commands) {
    const command = (below === undefined ? program : groupOf(program, below))
      .command(name)
      .description(description)
      .option(
        '-c, --config <file>',
        'the configuration; default $SALLYPORT_CONFIG, then gateway.config.yaml',
      )
      .addHelpText('after', exitCodes)
      .exitOverride()
      .action((...given: unknown[]) =>
        run(given.at(-2) as ConfigOption, given.slice(0, -2) as string[]),
      )
    for (const option of options) command.addOption(option)
  }
  return program
}

/** The command that others are below; by itself it only says which. */
function groupOf(program: Command, name: string): Command {
  const known = program.commands.find((command) => command.name() === name)
  return known ?? program.command(name).description(`See sallyport ${name} --help.`).exitOverride()
}

/** Runs one command line. Returns the exit code: 0 done, 1 found a problem, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof ConfigError || error instanceof StartupError) {
      console.error(error.message)
      return 1
    }
    throw error
  }
}

// `sallyport schema | head`: whoever reads no further wants no more, and that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await main(process.argv.slice(2))
