import { z } from 'zod'
import { readAuth } from './assemble/auth.ts'
import { readBearer } from './assemble/bearer/bearer.ts'
import { checkAcross } from './assemble/checks.ts'
import { readIdentity } from './assemble/identity.ts'
import { DocumentReader, toConfigProblem } from './assemble/reader.ts'
import { readRoutes } from './assemble/routes.ts'
import {
  readAdmin,
  readAudit,
  readLog,
  readPages,
  readRedis,
  readServer,
  readVerify,
} from './assemble/sections.ts'
import { readTests } from './assemble/tests/read.ts'
import { warnStrictly } from './assemble/strict/strict.ts'
import { readUpstreams } from './assemble/upstreams.ts'
import type { ConfigProblem } from './problem.ts'
import { configSchema } from './schema.ts'
import type { GatewayConfig } from './types.ts'
import type { TestConfig } from './types/test.ts'
import { readDocument } from './yaml/document.ts'
import type { Lookup } from './yaml/references.ts'

export interface ParseOptions {
  /** Name of the file for messages. */
  readonly file: string
  /** Values of environment variables. */
  readonly lookup: Lookup
  /** Makes a path that is relative to the file absolute. */
  readonly resolvePath: (path: string) => string
  /** Warns of what is allowed and seldom meant, too. */
  readonly strict?: boolean
}

export interface ParsedConfig {
  /** Deeply frozen; null when any problem is an error. */
  readonly config: GatewayConfig | null
  /** What the file says that its routes must do; no part of the configuration, because no gateway looks at it. */
  readonly tests: readonly TestConfig[]
  /** Errors and warnings in the order of the file. */
  readonly problems: readonly ConfigProblem[]
}

/**
 * Turns the text of a configuration file into a configuration, or into every problem it has. Pure: whether files
 * exist, ports are free or upstreams answer is not checked. Values of the environment never appear in a message.
 */
export function parseConfig(text: string, options: ParseOptions): ParsedConfig {
  const { document, problems } = readDocument(text, options.lookup)
  if (document === null) {
    const { file } = options
    const found = problems.map((problem) => toConfigProblem(problem, file))
    return { config: null, tests: [], problems: found }
  }
  const reader = new DocumentReader(document, problems, options.file)
  reader.fillDefaults(options.lookup)
  const config = assemble(reader, options)
  const isSound = (): boolean => reader.problems().every(({ severity }) => severity === 'warning')
  // Where a route is wrong, what a test says about it may be right.
  const tests = readTests(reader, isSound() ? config : null)
  const isUsable = config !== null && isSound()
  if (isUsable && options.strict === true) warnStrictly(reader, config)
  return { config: isUsable ? freeze(config) : null, tests, problems: reader.problems() }
}

function assemble(
  reader: DocumentReader,
  { resolvePath }: Pick<ParseOptions, 'resolvePath'>,
): GatewayConfig | null {
  checkTop(reader)
  const server = readServer(reader, resolvePath)
  const admin = readAdmin(reader)
  const audit = readAudit(reader, resolvePath)
  const auth = readAuth(reader, resolvePath)
  const bearer = readBearer(reader)
  const identity = readIdentity(reader)
  const pages = readPages(reader, resolvePath)
  const redis = readRedis(reader)
  const verify = readVerify(reader)
  const upstreams = readUpstreams(reader, resolvePath)
  const routes = readRoutes(reader, {
    upstreams,
    authPath: auth?.path ?? null,
    publicUrl: server?.publicUrl ?? null,
    resolvePath,
  })
  const log = readLog(
    reader,
    routes.map(({ name }) => name),
  )
  checkAcross(reader, { server, admin: admin ?? null, auth })
  if (server === null || admin === undefined || auth === null || bearer === null) return null
  if (identity === null || pages === null || audit === null || log === null) return null
  return {
    ...{ server, admin, audit, auth, bearer, identity },
    ...{ log, pages, redis, verify, upstreams, routes },
  }
}

/** The keys at the top; the sections are read one by one, so that one wrong section hides nothing of the others. */
function checkTop(reader: DocumentReader): void {
  const { shape } = configSchema
  const { version } = shape
  const sections = Object.keys(shape).map((key) => [key, z.unknown().optional()] as const)
  const top = { ...Object.fromEntries(sections), version }
  reader.read(z.strictObject(top), [])
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }
  return value
}
