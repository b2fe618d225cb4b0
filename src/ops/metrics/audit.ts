import { Counter, type Registry } from '@prometheus-io/client'
import type { AuditMetrics } from '../audit/trail.ts'

/** Counts what the audit log is told, and what of it could not be written where it belongs. */
export function auditMetrics(registry: Registry): AuditMetrics {
  const registers = [registry]
  const said = new Counter({
    name: 'sallyport_audit_events_total',
    help: 'Events of the audit log, also while it is turned off.',
    labelNames: ['event', 'outcome'],
    registers,
  })
  const lost = new Counter({
    name: 'sallyport_audit_lost_total',
    help: 'Events that could not be written to audit.file, and are in the log of the process instead.',
    registers,
  })
  return {
    said: (event, outcome) => {
      said.inc({ event, outcome })
    },
    lost: () => {
      lost.inc()
    },
  }
}
