import { Option } from 'commander'
import type { ConfigOption } from '../config.ts'

/** One command of the command line; what it does is loaded only when it is asked for: `check` need not wait for what `start` needs. */
export interface Command<Options extends ConfigOption = ConfigOption> {
  /** The command of which this is one. */
  readonly below?: string
  /** With its arguments, as commander writes them. */
  readonly name: string
  readonly description: string
  readonly options?: readonly Option[]
  readonly run: (options: Options, args: readonly string[]) => void | Promise<void>
}

/** Commander hands out what the flags were parsed to; that `Options` says the same as `options` is not checked. */
export function command<Options extends ConfigOption>(entry: Command<Options>): Command {
  return { ...entry, run: (options, args) => entry.run(options as Options, args) }
}

/** `--format text|json`, with text as the default. */
export const format = new Option('--format <format>', 'how to print')
  .choices(['text', 'json'])
  .default('text')

/** What `format` is parsed to. */
export interface FormatOption {
  readonly format: 'text' | 'json'
}
