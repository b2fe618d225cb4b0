import { Command, CommanderError, Option } from 'commander'
import type { UsersImportOptions } from './cli/accounts/users.ts'
import { ConfigError } from './config/problem.ts'
import { StartupError } from './errors/startup.ts'

/** The options of every command; each takes those that it was given a flag for. */
interface Options extends UsersImportOptions {
  readonly strict?: boolean
  readonly format: 'text' | 'json'
}

const exitCodes = `
Exit codes: 0 done, 1 found a problem, 2 wrong usage.`

interface CommandEntry {
  /** The command of which this is one. */
  readonly below?: string
  /** With its arguments, as commander writes them. */
  readonly name: string
  readonly description: string
  readonly options?: readonly Option[]
  readonly run: (options: Options, args: readonly string[]) => Promise<void>
}

const format = new Option('--format <format>', 'how to print')
  .choices(['text', 'json'])
  .default('text')

const usersImport: readonly Option[] = [
  new Option(
    '--from <place>',
    'postgres://user:password@host/database, sqlite:FILE or FILE.csv',
  ).makeOptionMandatory(),
  new Option('--table <name>', 'the table; default user, then users'),
  new Option('--preset <name>', 'whose table it is; default: columns by their usual names').choices(
    ['fastapi-template', 'fastapi-users'],
  ),
  new Option(
    '--map <pairs>',
    'which column holds what: id=id,email=email,passwordHash=hashed_password,name=full_name; nothing after = means that it is not read',
  ),
  new Option('--ids <what>', 'keep: as Better Auth ids; external: in externalId, under new ones')
    .choices(['keep', 'external'])
    .default('keep'),
  new Option(
    '--include-inactive',
    "without Better Auth's admin plugin, import who is not active without a password; default: leave them out",
  ),
  new Option('--dry-run', 'print what would come of it, and write nothing'),
  format,
]

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
    below: 'users',
    name: 'import',
    description:
      "Make the users of a FastAPI application's table users of Better Auth, with their ids and passwords. Only reads that table; changes no user that is there; can be repeated. Exit code 1 when a row was left out or came without its password: each is printed.",
    options: usersImport,
    run: async (options) => (await import('./cli/accounts/users.ts')).runUsersImport(options),
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
      .action((...given: unknown[]) => run(given.at(-2) as Options, given.slice(0, -2) as string[]))
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

process.exitCode = await main(process.argv.slice(2))
