import type { FastifyBaseLogger } from 'fastify'
import type { AuditConfig } from '../../config/types.ts'
import type { AuditLine } from './event.ts'
import { FileSink } from './file.ts'

/** Where lines go. Nobody waits for them. */
export interface AuditSink {
  /** Never throws. */
  write(line: AuditLine): void
  /** After a rotation: what is written from now on goes to a file of the same name. */
  reopen(): void
  /** Resolves when all lines are written, or have been said elsewhere. */
  close(): Promise<void>
}

export interface SinkDeps {
  readonly logger: FastifyBaseLogger
  /** A line could not be written where it belongs. */
  readonly onLost: () => void
}

/** Opens what `audit` says. Throws a `StartupError` of one sentence when a file cannot be written. */
export function openSink(config: AuditConfig, deps: SinkDeps): AuditSink {
  switch (config.kind) {
    case 'none':
      return { write: () => undefined, reopen: () => undefined, close: () => Promise.resolve() }
    case 'stdout':
      return toLog(deps.logger)
    case 'file':
      return new FileSink(config.file, deps)
  }
}

/** Lines among those of the process, whatever its level is; a logger that is silent altogether stays so. */
function toLog(logger: FastifyBaseLogger): AuditSink {
  const level = logger.level === 'silent' ? 'silent' : 'info'
  const log = logger.child({}, { level })
  return {
    write: (line) => {
      log.info(line)
    },
    reopen: () => undefined,
    close: () => Promise.resolve(),
  }
}
