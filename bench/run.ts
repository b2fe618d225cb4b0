import { runGroups } from './cli.ts'
import { hashes } from './groups/hashes.ts'
import { idleConnections } from './groups/idle.ts'
import { latency } from './groups/latency.ts'
import { routes } from './groups/routes.ts'
import { sessions } from './groups/sessions.ts'
import { throughput } from './groups/throughput.ts'
import { transfers } from './groups/transfers.ts'

await runGroups('bench', {
  throughput,
  latency,
  transfers,
  idle: idleConnections,
  routes,
  sessions,
  hashes,
})
