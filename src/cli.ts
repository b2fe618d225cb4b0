import { Command, CommanderError, Option } from 'commander'
import { ConfigError } from './config/problem.ts'
import { StartupError } from './errors/startup.ts'

/** The options of every command; each takes those that it was given a flag for. */
interface Options {
  readonly config?: string
  readonly strict?: boolean
  readonly dryRun?: boolean
  readonly format: 'text' | 'json'
}

const exitCodes = `
Exit codes: 0 done, 1 found a problem, 2 wrong usage.`

interface CommandEntry {
  /** With its arguments, as commander writes them. */
  readonly name: string
  readonly description: string
  readonly options?: readonly Option[]
  readonly run: (options: Options, args: readonly string[]) => Promise<void>
}

const format = new Option('--format <format>', 'how to print')
  .choices(['text', 'json'])
  .default('text')

/** Each command is a function of its own in `cli/`, loaded only when asked for: `check` need not wait for what `start` needs. */
const commands: readonly CommandEntry[] = [
  {
    name: 'start',
    description: 'Run the gateway until SIGTERM or SIGINT.',
    run: async (options) => (await import('./cli/start.ts')).runStart(options),
  },
  {
    name: 'dev',
    description:
      'Run it for development: loopback hosts, debug log, restart when the configuration changes.',
    run: async (options) => (await import('./cli/start.ts')).runDev(options),
  },
  {
    name: 'init',
    description:
      'Write missing secrets to .env, and a configuration to start from. Overwrites nothing.',
    run: async (options) => (await import('./cli/init.ts')).runInit(options),
  },
  {
    name: 'check',
    description: 'Say every problem of the configuration, with its place.',
    options: [new Option('--strict', 'warnings are problems too'), format],
    run: async (options) => {
      ;(await import('./cli/check.ts')).runCheck(options)
    },
  },
  {
    name: 'routes',
    description: 'Print the route table in the order in which paths are matched.',
    options: [format],
    run: async (options) => {
      ;(await import('./cli/routes.ts')).runRoutes(options)
    },
  },
  {
    name: 'migrate',
    description: 'Bring the schema of the auth database up to date.',
    options: [new Option('--dry-run', 'print what would be done, as SQL, and do nothing')],
    run: async (options) => (await import('./cli/accounts/migrate.ts')).runMigrate(options),
  },
  {
    name: 'revoke <user|session> <id>',
    description:
      'End every session of a user (id or e-mail address), or one session by its id, on all gateways.',
    run: async (options, [what = '', id = '']) =>
      (await import('./cli/accounts/revoke.ts')).runRevoke(what, id, options),
  },
  {
    name: 'schema',
    description: 'Print the JSON Schema of the configuration.',
    run: async () => {
      ;(await import('./cli/schema.ts')).runSchema()
    },
  },
  {
    name: 'health',
    description: 'Ask the running gateway whether it is ready; for container health checks.',
    run: async (options) => (await import('./cli/health.ts')).runHealth(options),
  },
]

function createProgram(): Command {
  const program = new Command('sallyport')
    .description('A gateway that enforces authentication before an unchanged FastAPI application.')
    .addHelpText('after', exitCodes)
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
  for (const { name, description, options = [], run } of commands) {
    const command = program
      .command(name)
      .description(description)
      .option(
        '-c, --config <file>',
        'the configuration; default $SALLYPORT_CONFIG, then gateway.config.yaml',
      )
      .addHelpText('after', exitCodes)
      .exitOverride()
      .action((...given: unknown[]) => run(given.at(-2) as Options, given.slice(0, -2) as string[]))
    for (const option of options) command.addOption(option)
  }
  return program
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

process.exitCode = await main(process.argv.slice(2))
