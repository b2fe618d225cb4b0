import { Option } from 'commander'
import type { ConfigOption } from '../config.ts'
import type { InitOptions } from '../init.ts'
import { command, format, type FormatOption } from './command.ts'

export const configurationCommands = [
  command<InitOptions>({
    name: 'init',
    description:
      'Write missing secrets to .env, and a configuration to start from. Overwrites nothing.',
    options: [
      new Option(
        '--openapi <place>',
        "a URL or a file with FastAPI's OpenAPI document, to write routes for what is there",
      ),
    ],
    run: async (options) => (await import('../init.ts')).runInit(options),
  }),
  command<ConfigOption & FormatOption & { readonly strict?: boolean }>({
    name: 'check',
    description: 'Say every problem of the configuration, with its place.',
    options: [new Option('--strict', 'warnings are problems too'), format],
    run: async (options) => {
      ;(await import('../check.ts')).runCheck(options)
    },
  }),
  command<ConfigOption & FormatOption>({
    name: 'routes',
    description: 'Print the route table in the order in which paths are matched.',
    options: [format],
    run: async (options) => {
      ;(await import('../routes.ts')).runRoutes(options)
    },
  }),
  command({
    name: 'schema',
    description: 'Print the JSON Schema of the configuration.',
    run: async () => {
      ;(await import('../schema.ts')).runSchema()
    },
  }),
]
