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

/**
 * The command line. Each command is a function of its own in `cli/`, loaded only when it is asked for: `check` need not wait
 * for everything that `start` needs.
 */
function createProgram(): Command {
  const program = new Command('sallyport')
    .description('A gateway that enforces authentication before an unchanged FastAPI application.')
    .addHelpText('after', exitCodes)
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
  const command = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option(
        '-c, --config <file>',
        'the configuration; default $SALLYPORT_CONFIG, then gateway.config.yaml',
      )
      .addHelpText('after', exitCodes)
      .exitOverride()

  command('start', 'Run the gateway until SIGTERM or SIGINT.').action(async (options: Options) => {
    const { runStart } = await import('./cli/start.ts')
    await runStart(options)
  })
  command(
    'dev',
    'Run it for development: loopback hosts, debug log, restart when the configuration changes.',
  ).action(async (options: Options) => {
    const { runDev } = await import('./cli/start.ts')
    await runDev(options)
  })
  command(
    'init',
    'Write missing secrets to .env, and a configuration to start from. Overwrites nothing.',
  ).action(async (options: Options) => {
    const { runInit } = await import('./cli/init.ts')
    await runInit(options)
  })
  command('check', 'Say every problem of the configuration, with its place.')
    .option('--strict', 'warnings are problems too')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .action(async (options: Options) => {
      const { runCheck } = await import('./cli/check.ts')
      runCheck(options)
    })
  command('routes', 'Print the route table in the order in which paths are matched.')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .action(async (options: Options) => {
      const { runRoutes } = await import('./cli/routes.ts')
      runRoutes(options)
    })
  command('migrate', 'Bring the schema of the auth database up to date.')
    .option('--dry-run', 'print what would be done, as SQL, and do nothing')
    .action(async (options: Options) => {
      const { runMigrate } = await import('./cli/migrate.ts')
      await runMigrate(options)
    })
  program
    .command('schema')
    .description('Print the JSON Schema of the configuration.')
    .addHelpText('after', exitCodes)
    .exitOverride()
    .action(async () => {
      const { runSchema } = await import('./cli/schema.ts')
      runSchema()
    })
  command(
    'health',
    'Ask the running gateway whether it is ready; for container health checks.',
  ).action(async (options: Options) => {
    const { runHealth } = await import('./cli/health.ts')
    await runHealth(options)
  })
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
