import { StartupError } from '../errors/startup.ts'
import type { ImportTarget } from '../session/embedded/prepare/import.ts'
import type { Mapping } from './columns.ts'
import { planUser, type PlannedUser, type Rules } from './plan.ts'
import { readUser } from './read.ts'
import { openSeen, type Seen } from './seen.ts'
import type { SourceRow, UnreadableRow, UserSource } from './source/port.ts'
import { compareUser, findExisting, writeUsers } from './target.ts'

/** What a row could not become, or not entirely. */
export interface RowProblem {
  readonly row: number
  readonly id: string | null
  /** Not imported; there already, and another; imported, but for something. */
  readonly kind: 'skipped' | 'conflict' | 'incomplete'
  readonly reason: string
}

export interface Counts {
  read: number
  imported: number
  unchanged: number
  skipped: number
  conflicts: number
  incomplete: number
  /** Of those who are imported. */
  banned: number
  superusers: number
  withoutPassword: number
}

export interface ImportParts extends Rules {
  readonly source: UserSource
  readonly mapping: Mapping
  readonly target: ImportTarget
  readonly dryRun: boolean
  /** Wall clock, milliseconds. */
  readonly now: () => number
  readonly onProblem: (problem: RowProblem) => void
  /** After each batch. */
  readonly onProgress: (counts: Readonly<Counts>) => void
}

const rowsAtOnce = 200

/**
 * Reads every row of a source and makes those users which are not there yet; with `dryRun` only says what would come of it. What is written comes whole
 * batch by batch, so that a run that was cut off can be repeated. Rejects with a `StartupError` where source or target fail.
 */
export async function importUsers(parts: ImportParts): Promise<Readonly<Counts>> {
  const { source, mapping, onProgress } = parts
  const columns = [...mapping.values()].map(({ name }) => name)
  const seen = openSeen()
  const run: Run = { ...parts, seen, counts: { ...none }, problems: [] }
  try {
    let batch: (SourceRow | UnreadableRow)[] = []
    for await (const row of rowsOf(source, columns, mapping.get('id')?.name ?? '')) {
      batch.push(row)
      if (batch.length < rowsAtOnce) continue
      await importBatch(run, batch)
      onProgress(run.counts)
      batch = []
    }
    await importBatch(run, batch)
    return run.counts
  } finally {
    seen.close()
  }
}

async function* rowsOf(
  source: UserSource,
  columns: readonly string[],
  orderBy: string,
): AsyncGenerator<SourceRow | UnreadableRow> {
  try {
    yield* source.read(columns, orderBy)
  } catch (error) {
    if (error instanceof StartupError) throw error
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new StartupError(`--from: cannot read ${source.name} to its end (${code})${stays}`)
  }
}

const stays = '; what was imported stays, and the command can be run again'

const none: Counts = {
  read: 0,
  imported: 0,
  unchanged: 0,
  skipped: 0,
  conflicts: 0,
  incomplete: 0,
  banned: 0,
  superusers: 0,
  withoutPassword: 0,
}

interface Run extends ImportParts {
  readonly seen: Seen
  readonly counts: Counts
  /** Of the batch. */
  readonly problems: RowProblem[]
}

interface PlannedRow {
  readonly row: number
  readonly user: PlannedUser
}

async function importBatch(run: Run, rows: readonly (SourceRow | UnreadableRow)[]): Promise<void> {
  const planned = rows.flatMap((row) => planRow(run, row))
  const users = planned.map(({ user }) => user)
  const existing = await findExisting(run.target, users, run.ids).catch(fail)
  const wanted: PlannedRow[] = []
  for (const each of planned) {
    const compared = compareUser(each.user, existing)
    if (compared.kind === 'new') wanted.push(each)
    else if (compared.kind === 'unchanged') run.counts.unchanged += 1
    else say(run, each, 'conflict', compared.reason)
  }
  for (const each of run.dryRun ? wanted : await write(run, wanted)) count(run, each)
  for (const each of run.problems.splice(0).sort((a, b) => a.row - b.row)) run.onProblem(each)
}

function planRow(run: Run, row: SourceRow | UnreadableRow): PlannedRow[] {
  run.counts.read += 1
  const skip = (id: string | null, reason: string): PlannedRow[] => {
    run.counts.skipped += 1
    run.problems.push({ row: row.row, id, kind: 'skipped', reason })
    return []
  }
  if ('reason' in row) return skip(null, row.reason)
  const read = readUser(run.mapping, row.cells)
  if ('reason' in read) return skip(read.id, read.reason)
  const first = run.seen.note(row.row, read.id, read.email)
  if (first !== null) return skip(read.id, `its ${first.of} is that of row ${first.row}`)
  const user = planUser(read, run)
  return typeof user === 'string' ? skip(read.id, user) : [{ row: row.row, user }]
}

/** All of them at once; where that fails, one by one, so that one row keeps no other out. Answers with those that were written. */
async function write(run: Run, wanted: readonly PlannedRow[]): Promise<readonly PlannedRow[]> {
  if (wanted.length === 0) return wanted
  const store = (rows: readonly PlannedRow[]): Promise<void> =>
    writeUsers(
      run.target,
      rows.map(({ user }) => user),
      { ids: run.ids, hasExternalId: run.traits.hasExternalId },
      run.now,
    )
  try {
    await store(wanted)
    return wanted
  } catch (error) {
    refuseOutage(error)
  }
  const written: PlannedRow[] = []
  for (const each of wanted) {
    try {
      await store([each])
      written.push(each)
    } catch (error) {
      refuseOutage(error)
      run.counts.skipped += 1
      const { id } = each.user.source
      run.problems.push({ row: each.row, id, kind: 'skipped', reason: refusalOf(error) })
    }
  }
  return written
}

/** SQLite's result code for a constraint; PostgreSQL's class for it, and for values that a column does not take. */
const sqliteConstraint = 19
const ownFault = /^2[23][0-9A-Z]{3}$/

function refuseOutage(error: unknown): void {
  const { code = '', errcode } = error as NodeJS.ErrnoException & { readonly errcode?: number }
  const isOfRow =
    errcode === undefined ? ownFault.test(code) : (errcode & 0xff) === sqliteConstraint
  if (!isOfRow) fail(error)
}

function fail(error: unknown): never {
  if (error instanceof TypeError) throw error
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  throw new StartupError(`auth.database: it fails (${code})${stays}`)
}

/** Without the message, which may repeat what could not be stored. */
function refusalOf(error: unknown): string {
  return `auth.database does not take it (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`
}

function count(run: Run, each: PlannedRow): void {
  const { source, passwordHash, isBanned, incomplete } = each.user
  run.counts.imported += 1
  if (isBanned) run.counts.banned += 1
  if (source.isSuperuser) run.counts.superusers += 1
  if (passwordHash === null) run.counts.withoutPassword += 1
  if (incomplete !== null) say(run, each, 'incomplete', incomplete)
}

function say(
  run: Run,
  { row, user }: PlannedRow,
  kind: 'conflict' | 'incomplete',
  reason: string,
): void {
  if (kind === 'conflict') run.counts.conflicts += 1
  else run.counts.incomplete += 1
  run.problems.push({ row, id: user.source.id, kind, reason })
}
