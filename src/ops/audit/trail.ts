import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { AuditConfig } from '../../config/types.ts'
import { toLine, type AuditEvent, type Outcome } from './event.ts'
import { openSink, type AuditSink } from './sink.ts'
import type { EventName } from './table.ts'

/** Takes what happened. */
export interface Audit {
  /** Writes one event down. Never throws, and nobody waits for it. Whoever calls sees to it that each thing is said once, by one gateway. */
  say(event: AuditEvent): void
}

export interface AuditMetrics {
  readonly said: (event: EventName, outcome: Outcome) => void
  /** One that could not be written where it belongs. */
  readonly lost: () => void
}

export interface TrailDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly logger: FastifyBaseLogger
  readonly metrics: AuditMetrics
}

/** The audit log of one process. */
export interface AuditTrail extends Audit {
  /** After a rotation: goes on in a new file of the same name. */
  reopen(): void
  /** Resolves when everything is written. What is said later is not. */
  close(): Promise<void>
}

/** Opens the audit log. Throws a `StartupError` of one sentence when its file cannot be written. */
export function openTrail(config: AuditConfig, { clock, logger, metrics }: TrailDeps): AuditTrail {
  const sink: AuditSink = openSink(config, { logger, onLost: metrics.lost })
  const host = hostname()
  let isOpen = true
  return {
    say: (event) => {
      metrics.said(event.event, event.outcome)
      if (isOpen) sink.write(toLine(event, { id: randomUUID(), atMs: clock.now(), host }))
    },
    reopen: () => {
      if (isOpen) sink.reopen()
    },
    close: async () => {
      if (!isOpen) return
      isOpen = false
      await sink.close()
    },
  }
}

/** For commands and tests that keep no audit log. */
export const unaudited: Audit = { say: () => undefined }
