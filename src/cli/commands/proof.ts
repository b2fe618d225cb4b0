import { InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../../config/values/quantity.ts'
import type { AttackOptions } from '../attack/attack.ts'
import type { ExplainOptions } from '../explain/explain.ts'
import type { TestOptions } from '../explain/test.ts'
import { wrongUsage } from '../explain/usage.ts'
import { command } from './command.ts'

function many(name: string, description: string): Option {
  return new Option(`${name} <value>`, description).argParser(
    (value: string, before?: string[]) => [...(before ?? []), value],
  )
}

function durationOf(text: string): number {
  const parsed = parseDuration(text)
  if ('value' in parsed) return parsed.value
  throw new InvalidArgumentError(parsed.problem)
}

const explainOptions: readonly Option[] = [
  new Option('--cookie <value>', 'name=value, a whole Cookie header, @FILE, or @- for stdin'),
  new Option('--bearer <token>', 'a token, verified for real; @FILE or @- for stdin'),
  new Option('--api-key <key>', 'an API key; @FILE or @- for stdin'),
  new Option('--user <id>', 'a made-up caller with this user id'),
  many('--role', 'a role of the made-up caller; can be repeated'),
  many('--scope', 'a scope of their credential; can be repeated'),
  new Option('--email <address>', 'their e-mail address'),
  new Option('--email-verified', 'it is verified'),
  new Option('--organization <id[:role]>', 'the active organisation of their session'),
  new Option('--session-age <duration>', 'how long ago they signed in; default 0').argParser(
    durationOf,
  ),
  new Option('--banned', 'they are banned'),
  new Option('--external-id <id>', 'how FastAPI knows them, where that is another id'),
  new Option('--via <kind>', 'what proves them; default session').choices([
    'session',
    'bearer',
    'apiKey',
  ]),
  many('--header', "a further header, 'Name: value'; can be repeated"),
  new Option('--from <ip>', 'the address of the client; default 127.0.0.1'),
  new Option('--websocket', 'a WebSocket handshake'),
  new Option('--navigation', 'a person opens it in a browser'),
  new Option('--request-id <id>', 'instead: why the running gateway has refused that request'),
  new Option('--json', 'print JSON'),
]

export const proofCommands = [
  command<ExplainOptions & { readonly requestId?: string }>({
    name: 'explain [method] [url]',
    description:
      'Say what would become of a request, and why: route, credential, decision, what FastAPI gets. Sends and changes nothing.',
    options: explainOptions,
    run: async (options, [method, url]) => {
      if (options.requestId !== undefined) {
        if (method !== undefined) wrongUsage('either a request or --request-id, not both')
        await (await import('../explain/past.ts')).runExplainPast(options.requestId, options)
      } else if (method === undefined || url === undefined) {
        wrongUsage(`missing required argument '${method === undefined ? 'method' : 'url'}'`)
      } else await (await import('../explain/explain.ts')).runExplain(method, url, options)
    },
  }),
  command<TestOptions>({
    name: 'test',
    description:
      'Ask what would become of the requests in `tests`, offline. Exit code 1 when one of them is not as expected.',
    options: [
      new Option('--format <format>', 'how to print')
        .choices(['text', 'tap', 'junit'])
        .default('text'),
      new Option('--only <text>', 'only tests with this in their name'),
    ],
    run: async (options) => (await import('../explain/test.ts')).runTest(options),
  }),
  command<AttackOptions>({
    name: 'attack',
    description:
      'Fire the public hostile cases at a gateway of this configuration, on loopback. Exit code 1 when one of them is not held.',
    options: [
      new Option('--json', 'print JSON'),
      new Option('--tap', 'print TAP'),
      new Option('--junit', 'print JUnit XML'),
      new Option('--only <text>', 'only cases with this in their name: tokens/, @api'),
      new Option('--list', 'print the cases, and fire none'),
      new Option(
        '--running',
        'at the gateway that listens at server.listen, if that is loopback; only what changes nothing',
      ),
    ],
    run: async (options) => (await import('../attack/attack.ts')).runAttack(options),
  }),
]
