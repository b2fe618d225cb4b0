import type { Chosen } from '../../users/columns.ts'
import type { Counts, RowProblem } from '../../users/import.ts'
import type { UserSource } from '../../users/source/port.ts'

export interface Report {
  readonly begin: (source: Pick<UserSource, 'name'>, chosen: Chosen) => void
  readonly problem: (problem: RowProblem) => void
  readonly end: (counts: Readonly<Counts>, warnings: readonly string[]) => void
}

export interface ReportOptions {
  readonly format: 'text' | 'json'
  readonly dryRun: boolean
  readonly print: (text: string) => void
}

/** Says what an import does, row by row as it goes: there may be as many problems as rows. JSON is one document. */
export function createReport({ format, dryRun, print }: ReportOptions): Report {
  return format === 'json' ? inJson(dryRun, print) : inText(dryRun, print)
}

function inText(dryRun: boolean, print: ReportOptions['print']): Report {
  return {
    begin: ({ name }, { mapping, unused }) => {
      const lines = [...mapping].map(([field, column]) => {
        const how = column.holdsUuids ? ' (UUIDs, written with hyphens)' : ''
        return `  ${field.padEnd(15)}${column.name}${how}`
      })
      const rest = unused.length === 0 ? [] : [`  ${'not read'.padEnd(15)}${unused.join(', ')}`]
      if (dryRun) print([name, ...lines, ...rest].join('\n'))
    },
    problem: ({ row, id, kind, reason }) => {
      print(`row ${row}${id === null ? '' : ` (id ${id})`}: ${kind}: ${reason}`)
    },
    end: (counts, warnings) => {
      for (const warning of warnings) print(`warning: ${warning}`)
      const { read, imported, unchanged, conflicts, skipped, incomplete } = counts
      const { banned, withoutPassword } = counts
      if (dryRun) print('dry run: nothing was written')
      print(
        `${read} rows: ${imported} ${dryRun ? 'to import' : 'imported'}, ${unchanged} unchanged, ${conflicts} in conflict, ${skipped} skipped`,
      )
      if (imported > 0) {
        print(
          `of those ${imported}: ${withoutPassword} without a password, ${banned} banned, ${incomplete} incomplete`,
        )
      }
    },
  }
}

function inJson(dryRun: boolean, print: ReportOptions['print']): Report {
  let separator = ''
  return {
    begin: ({ name }, { mapping, unused }) => {
      const columns = Object.fromEntries([...mapping].map(([field, { name }]) => [field, name]))
      const head = JSON.stringify({ from: name, dryRun, columns, notRead: unused })
      print(`${head.slice(0, -1)},"problems":[`)
    },
    problem: (problem) => {
      print(separator + JSON.stringify(problem))
      separator = ','
    },
    end: (counts, warnings) => {
      print(`],"warnings":${JSON.stringify(warnings)},"counts":${JSON.stringify(counts)}}`)
    },
  }
}
