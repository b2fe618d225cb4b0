import { InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../../config/values/quantity.ts'
import type { DoctorCommandOptions } from '../doctor/doctor.ts'
import type { TokenOptions } from '../doctor/token.ts'
import { command, format } from './command.ts'

const userGrammar = /^[\x21-\x7e]{1,128}$/
const pathGrammar = /^(?:([A-Za-z0-9_-]+)=)?(\/[\x21-\x22\x24-\x7e]*)$/
const ownClaims = ['exp', 'iat', 'nbf', 'iss', 'aud', 'sid']

/** Milliseconds. */
function duration(text: string): number {
  const parsed = parseDuration(text)
  if ('problem' in parsed || parsed.value === 0) {
    throw new InvalidArgumentError('It must be a duration such as 30s or 10m.')
  }
  return parsed.value
}

function userId(text: string): string {
  if (userGrammar.test(text)) return text
  throw new InvalidArgumentError('An id has 1 to 128 visible ASCII characters.')
}

function pathOf(text: string, before: DoctorCommandOptions['path']): DoctorCommandOptions['path'] {
  const match = pathGrammar.exec(text)
  if (match === null) {
    throw new InvalidArgumentError('It must be a path such as /api/me, or upstream=/api/me.')
  }
  return { ...before, [match[1] ?? '']: match[2] ?? '' }
}

/** What is JSON is taken as JSON, everything else as text. */
function claimOf(text: string, before: TokenOptions['claim']): TokenOptions['claim'] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be name=value.')
  }
  if (ownClaims.includes(name)) {
    throw new InvalidArgumentError(`${name} is for the gateway to say.`)
  }
  return { ...before, [name]: valueOf(value) }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const doctorOptions = [
  new Option(
    '--path <path>',
    "a path of FastAPI's own that needs a token, for GET; upstream=/path for one upstream; default: found in /openapi.json",
  )
    .argParser(pathOf)
    .default({}, 'none'),
  new Option('--user <id>', 'whom the token names; default: a user that cannot exist').argParser(
    userId,
  ),
  new Option('--public', 'ask at server.publicUrl too, through everything in front'),
  new Option('--timeout <duration>', 'how long one step may take')
    .argParser(duration)
    .default(5000, '5s'),
  new Option('--strict', 'warnings are problems too'),
  format,
]

const tokenOptions = [
  new Option('--user <id>', 'whom it names').argParser(userId).makeOptionMandatory(),
  new Option('--ttl <duration>', 'how long it lives; default: 10m').argParser(duration),
  new Option('--claim <name=value>', 'one more claim; may be repeated; a value may be JSON')
    .argParser(claimOf)
    .default({}, 'none'),
  new Option('--as <whom>', 'client: for the gateway; upstream: what FastAPI gets from it')
    .choices(['client', 'upstream'])
    .default('client'),
]

export const doctorCommands = [
  command<DoctorCommandOptions>({
    name: 'doctor',
    description:
      'Look at everything that the gateway depends on, while it runs or not, and say what to do about what is wrong. Changes nothing.',
    options: doctorOptions,
    run: async (options) => (await import('../doctor/doctor.ts')).runDoctor(options),
  }),
  command<TokenOptions>({
    name: 'token',
    description:
      'Print a bearer token that acts as a user, for scripts and curl. Only the token is on standard output.',
    options: tokenOptions,
    run: async (options) => {
      ;(await import('../doctor/token.ts')).runToken(options)
    },
  }),
]
