import { Command, CommanderError, Option } from 'commander'
import { runCheck } from './cli/check.ts'
import { runHealth } from './cli/health.ts'
import { runInit } from './cli/init.ts'
import { runMigrate } from './cli/migrate.ts'
import { runRoutes } from './cli/routes.ts'
import { runSchema } from './cli/schema.ts'
import { runDev, runStart } from './cli/start.ts'
import { ConfigError } from './config/problem.ts'
import { StartupError } from './errors/startup.ts'

const exitCodes = `
Exit codes: 0 done, 1 found a problem, 2 wrong usage.`

/** The command line. Each command is a function of its own in `cli/`; here they only get their names and options. */
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

  command('start', 'Run the gateway until SIGTERM or SIGINT.').action(runStart)
  command(
    'dev',
    'Run it for development: loopback hosts, debug log, restart when the configuration changes.',
  ).action(runDev)
  command(
    'init',
    'Write missing secrets to .env, and a configuration to start from. Overwrites nothing.',
  ).action(runInit)
  command('check', 'Say every problem of the configuration, with its place.')
    .option('--strict', 'warnings are problems too')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .action(runCheck)
  command('routes', 'Print the route table in the order in which paths are matched.')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .action(runRoutes)
  command('migrate', 'Bring the schema of the auth database up to date.')
    .option('--dry-run', 'print what would be done, as SQL, and do nothing')
    .action(runMigrate)
  program
    .command('schema')
    .description('Print the JSON Schema of the configuration.')
    .addHelpText('after', exitCodes)
    .exitOverride()
    .action(runSchema)
  command(
    'health',
    'Ask the running gateway whether it is ready; for container health checks.',
  ).action(runHealth)
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
