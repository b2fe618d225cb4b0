import type { FastifyBaseLogger } from 'fastify'
import { pino, type DestinationStream, type LoggerOptions } from 'pino'

/**
 * The process's logger: JSON lines on standard output. Bodies and header lists are never passed to it; the redaction is the
 * second lock on the door.
 * @param level pino's names; `silent` for none
 */
export function createLogger(level: string, destination?: DestinationStream): FastifyBaseLogger {
  const options: LoggerOptions = {
    level,
    base: null,
    redact: {
      paths: [
        'authorization',
        'cookie',
        'password',
        'secret',
        'token',
        '*.authorization',
        '*.cookie',
        '*.password',
        '*.secret',
        '*.token',
        'req.headers',
        'res.headers',
      ],
      censor: '[redacted]',
    },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** What a process writes. */
export interface ProcessLog {
  readonly logger: FastifyBaseLogger
  /** Takes lines that may wait for others; null: the level leaves them out. */
  readonly access: { readonly write: (line: string) => void } | null
  /** Lines that were let go. */
  readonly lost: () => number
}

/** pino's number. */
const infoLevel = 30
/** Lines of requests are written when so many bytes have come together, or so many milliseconds have passed. */
const gathered = { minLength: 8192, periodicFlush: 200 }
/** Of what nobody takes: more is let go, so that a reader that hangs does not become an outage. Bytes. */
const unreadLimit = 16_777_216

/**
 * The log of a process. A line about a request may wait for up to 200 ms for others; any other line is written at once, and takes those before it along. What waits is
 * written when the process ends, also by an exception; a process that is killed takes it with it.
 */
export function openProcessLog(level: string): ProcessLog {
  let lost = 0
  const destination = pino.destination({ fd: 1, sync: false, maxLength: unreadLimit, ...gathered })
  destination.on('drop', () => {
    lost += 1
  })
  const atOnce: DestinationStream = {
    write: (line) => {
      destination.write(line)
      destination.flush()
    },
  }
  const logger = createLogger(level, atOnce)
  const isWanted = (pino.levels.values[level] ?? Infinity) <= infoLevel
  return { logger, access: isWanted ? destination : null, lost: () => lost }
}
