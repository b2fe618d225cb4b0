import { Option } from 'commander'
import type { AuditOptions } from '../change/audit.ts'
import type { DiffOptions } from '../change/diff.ts'
import { command } from './command.ts'

/** For people, for programs, or as annotations of GitHub Actions. */
const format = new Option('--format <format>', 'how to print')
  .choices(['text', 'json', 'github'])
  .default('text')

const diffOptions: readonly Option[] = [
  new Option(
    '--accept <id>',
    'something that loosens and is meant, by its id; may be said several times',
  ).argParser((id: string, before: readonly string[] | undefined) => [...(before ?? []), id]),
  new Option('--accept-file <file>', 'ids of what is meant, one a line'),
  format,
]

const auditOptions: readonly Option[] = [
  new Option(
    '--openapi <place>',
    'a URL or a file; left out, /openapi.json of the upstream is asked for',
  ),
  new Option('--upstream <name>', 'whose operations they are; left out, the first upstream'),
  new Option('--public <file>', 'the operations that may be called without a credential'),
  new Option('--write', 'make that list what it must be now'),
  format,
]

export const changeCommands = [
  command<DiffOptions>({
    name: 'diff <old> [new]',
    description:
      'Say what a change of the configuration means. Files, or - for standard input; left out, new is the configuration. Exit code 1 when something loosens that was not accepted.',
    options: diffOptions,
    run: async (options, [old = '', next]) => {
      ;(await import('../change/diff.ts')).runDiff(old, next, options)
    },
  }),
  command<AuditOptions>({
    name: 'audit',
    description:
      "Say of each operation of FastAPI's OpenAPI who may call it through the gateway. With --public, exit code 1 when one is open that is not on the list.",
    options: auditOptions,
    run: async (options) => (await import('../change/audit.ts')).runAudit(options),
  }),
]
