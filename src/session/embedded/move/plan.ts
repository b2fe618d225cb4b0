import { StartupError } from '../../../errors/startup.ts'
import type { MoveSource } from './source.ts'

/** A table of PostgreSQL's that Better Auth knows. */
export interface TargetTable {
  readonly name: string
  readonly columns: readonly TargetColumn[]
  /** Tables whose rows have to be there first. */
  readonly after: readonly string[]
}

export interface TargetColumn {
  readonly name: string
  /** As in `pg_type`. */
  readonly type: string
}

/** What becomes of one table. */
export interface TablePlan {
  readonly name: string
  /** Those that both sides have. */
  readonly columns: readonly TargetColumn[]
  readonly rows: number
}

/**
 * What is moved, in an order in which no row comes before one that it refers to. Throws a `StartupError` where something with content has no place on the other side: that is
 * a plugin that is missing in the configuration, or a table of somebody else.
 * @param leave tables, and columns as `table.column`, that are to stay behind
 */
export function planMove(
  source: MoveSource,
  targets: readonly TargetTable[],
  leave: readonly string[],
): readonly TablePlan[] {
  const stranded = strandedIn(source, targets).filter((name) => !leave.includes(name))
  if (stranded.length > 0) {
    const names = stranded.join(', ')
    throw new StartupError(
      `--from: the configuration knows nothing of ${names}, and there is something in it: configure what it belongs to (a plugin in auth.module, bearer.apiKeys), or leave it behind with --leave ${stranded.join(',')}`,
    )
  }
  return inOrder(targets)
    .filter(({ name }) => source.tables.includes(name) && !leave.includes(name))
    .map(({ name, columns }) => {
      const known = source.columns(name)
      const kept = columns.filter(
        (column) => known.includes(column.name) && !leave.includes(`${name}.${column.name}`),
      )
      return { name, columns: kept, rows: source.count(name) }
    })
}

/** Tables and columns with something in them that the other side lacks. Tickets live for 30 s, and the log is not Better Auth's. */
function strandedIn(source: MoveSource, targets: readonly TargetTable[]): readonly string[] {
  const ours = /^sallyport_/
  return source.tables
    .filter((table) => !ours.test(table))
    .flatMap((table) => {
      const target = targets.find(({ name }) => name === table)
      if (target === undefined) return source.count(table) > 0 ? [table] : []
      return source
        .columns(table)
        .filter((column) => !target.columns.some(({ name }) => name === column))
        .filter((column) => source.filled(table, column) > 0)
        .map((column) => `${table}.${column}`)
    })
}

/** Where tables refer to each other in a circle, they come as they are, and PostgreSQL judges. */
function inOrder(targets: readonly TargetTable[]): readonly TargetTable[] {
  const placed = new Set<string>()
  const ordered: TargetTable[] = []
  let waiting = [...targets]
  while (waiting.length > 0) {
    const free = waiting.filter(({ name, after }) =>
      after.every((each) => each === name || placed.has(each)),
    )
    const next = free.length > 0 ? free : waiting
    for (const table of next) placed.add(table.name)
    ordered.push(...next)
    waiting = waiting.filter(({ name }) => !placed.has(name))
  }
  return ordered
}
