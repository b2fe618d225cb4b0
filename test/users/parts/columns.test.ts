import t from 'tap'
import { chooseColumns, parseMap, type Preset } from '../../../src/users/columns.ts'
import { parsePlace } from '../../../src/users/source/open.ts'

function choose(
  names: readonly string[],
  map = '',
  preset: Preset | null = null,
): Record<string, string> {
  const columns = names.map((name) => ({ name, holdsUuids: false }))
  const { mapping } = chooseColumns(columns, { map: parseMap(map), preset })
  return Object.fromEntries([...mapping].map(([field, { name }]) => [field, name]))
}

t.test('columns are known by the names that they usually have', async (t) => {
  const template = [
    'email',
    'is_active',
    'is_superuser',
    'full_name',
    'id',
    'hashed_password',
    'created_at',
  ]
  t.strictSame(choose(template), {
    id: 'id',
    email: 'email',
    passwordHash: 'hashed_password',
    name: 'full_name',
    active: 'is_active',
    superuser: 'is_superuser',
    createdAt: 'created_at',
  })
  t.strictSame(choose(['UserID', 'E-Mail', 'passwordHash', 'isVerified', 'disabled', 'role']), {
    id: 'UserID',
    email: 'E-Mail',
    passwordHash: 'passwordHash',
    emailVerified: 'isVerified',
    disabled: 'disabled',
  })
  t.match(
    choose(['id', 'email', 'password', 'hashed_password', 'username', 'name']),
    { passwordHash: 'hashed_password', name: 'name' },
    'the more telling name counts',
  )
})

t.test('what is said counts more than what is guessed', async (t) => {
  const names = ['id', 'email', 'login', 'name', 'pw', 'is_active', 'kind']
  t.match(choose(names, 'name=login,passwordHash=pw,role=kind'), {
    name: 'login',
    passwordHash: 'pw',
    role: 'kind',
  })
  t.notOk('active' in choose(names, 'active='), 'nothing after = is not to read it')
  t.notOk('name' in choose(names, 'name='))
})

t.test('a preset reads its own columns and no others', async (t) => {
  const columns = ['id', 'email', 'hashed_password', 'full_name', 'is_active', 'is_superuser']
  const both = [...columns, 'is_verified', 'disabled']
  t.notOk('emailVerified' in choose(both, '', 'fastapi-template'))
  t.strictSame(Object.keys(choose(both, '', 'fastapi-users')), [
    'id',
    'email',
    'passwordHash',
    'emailVerified',
    'active',
    'superuser',
  ])
  t.match(choose(both, 'disabled=disabled', 'fastapi-template'), { disabled: 'disabled' })
  t.throws(() => choose(columns, '', 'fastapi-users'), {
    message: /--preset fastapi-users: there is no column "is_verified", only id, email/,
  })
})

t.test('a table that cannot be understood is refused with what it has', async (t) => {
  t.throws(() => choose(['name', 'email']), {
    message: /no column looks like id, only name, email/,
  })
  t.throws(() => choose(['id', 'username']), { message: /no column looks like email/ })
  t.throws(() => choose(['id', 'email'], 'name=nme'), {
    message: /--map: there is no column "nme", only id, email/,
  })
  for (const map of ['id=secret,passwordHash=secret', 'email=secret,passwordHash=secret']) {
    t.throws(() => choose(['id', 'email', 'secret'], map), { message: /a column of its own/ })
  }
})

t.test('a map that cannot be read is refused with a suggestion', async (t) => {
  t.throws(() => parseMap('emial=mail'), { message: /not "emial"; did you mean email\?/ })
  for (const map of ['email', 'email:mail', '=x', 'xyz=1', 'id=a,,']) {
    t.throws(() => parseMap(map), { message: /^--map: expected field=column/ }, map)
  }
  t.throws(() => parseMap('id=a,id=b'), { message: '--map: id is there twice' })
})

t.test('columns that may say who must not sign in are named', async (t) => {
  const names = ['id', 'email', 'deleted_at', 'is_banned', 'Locked', 'blocked_reason', 'lock']
  const columns = names.map((name) => ({ name, holdsUuids: false }))
  const { suspicious, unused } = chooseColumns(columns, { map: new Map(), preset: null })
  t.strictSame(suspicious, ['deleted_at', 'is_banned', 'Locked'])
  t.strictSame(unused, names.slice(2))
})

t.test(
  'a place is a URL of PostgreSQL or SQLite, also as SQLAlchemy has it, or a file',
  async (t) => {
    const postgres = { kind: 'postgres', url: 'postgres://u:p@db:5433/app' }
    for (const scheme of ['postgres', 'postgresql', 'postgresql+asyncpg', 'postgresql+psycopg']) {
      t.strictSame(parsePlace(`${scheme}://u:p@db:5433/app`), postgres)
    }
    t.strictSame(parsePlace('sqlite:./app.db'), { kind: 'sqlite', file: './app.db' })
    t.strictSame(parsePlace('sqlite+aiosqlite:///app.db'), { kind: 'sqlite', file: 'app.db' })
    t.strictSame(parsePlace('sqlite:////srv/app.db'), { kind: 'sqlite', file: '/srv/app.db' })
    t.strictSame(parsePlace('./Users.CSV'), { kind: 'csv', file: './Users.CSV' })
    for (const text of ['', 'app.db', 'mysql://u:hunter2@db/app', 'postgres://u:hunter2@a b/c']) {
      t.throws(() => parsePlace(text), { message: /^--from: expected postgres:[^]*$/ }, text)
      t.throws(() => parsePlace(text), { message: /^(?![^]*hunter2)/ }, text)
    }
  },
)
