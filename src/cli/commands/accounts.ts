import { CommanderError, Option } from 'commander'
import type { MigrateOptions } from '../accounts/migrate.ts'
import type { UsersImportOptions } from '../accounts/users.ts'
import { command, format } from './command.ts'

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

export const accountCommands = [
  command<MigrateOptions>({
    name: 'migrate',
    description:
      'Bring the schema of the auth database up to date. With --from, also bring all accounts and sessions of an SQLite auth database into PostgreSQL, while no gateway runs.',
    options: [
      new Option('--dry-run', 'print what would be done, as SQL, and do nothing'),
      new Option(
        '--from <place>',
        'sqlite:FILE, the auth database until now; it is only read, and the configured one must be empty',
      ).conflicts('dryRun'),
      new Option(
        '--leave <names>',
        'tables, and columns as table.column, that stay behind: what the configuration knows nothing of',
      ),
    ],
    run: async (options) => (await import('../accounts/migrate.ts')).runMigrate(options),
  }),
  command({
    name: 'revoke <user|session|everyone> [id]',
    description:
      'End every session of a user (id or e-mail address), one session by its id, or what everybody has, on all gateways.',
    run: async (options, [what = '', id = '']) => {
      if ((what === 'everyone') !== (id === '')) throw wrongUse(what)
      await (await import('../accounts/revoke.ts')).runRevoke(what, id, options)
    },
  }),
  command({
    name: 'backup <file>',
    description:
      'Copy the SQLite auth database to a new file while the gateway runs. Overwrites nothing.',
    run: async (options, [file = '']) =>
      (await import('../accounts/backup.ts')).runBackup(file, options),
  }),
  command({
    name: 'restore <file>',
    description:
      'Put such a copy in the place of the SQLite auth database, while no gateway runs, and end every session.',
    run: async (options, [file = '']) =>
      (await import('../accounts/backup.ts')).runRestore(file, options),
  }),
  command<UsersImportOptions>({
    below: 'users',
    name: 'import',
    description:
      "Make the users of a FastAPI application's table users of Better Auth, with their ids and passwords. Only reads that table; changes no user that is there; can be repeated. Exit code 1 when a row was left out or came without its password: each is printed.",
    options: usersImport,
    run: async (options) => (await import('../accounts/users.ts')).runUsersImport(options),
  }),
]

/** Commander cannot know that one word needs no second. */
function wrongUse(what: string): CommanderError {
  const message = what === 'everyone' ? 'takes no id' : 'needs an id'
  console.error(`error: revoke ${what} ${message}`)
  return new CommanderError(2, 'sallyport.wrongUse', message)
}
