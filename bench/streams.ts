import { runGroups } from './cli.ts'
import { events } from './groups/streams/events.ts'
import { idleWebSockets } from './groups/streams/idle.ts'
import { roundTrips } from './groups/streams/round-trips.ts'

await runGroups('bench:streams', { 'round-trips': roundTrips, idle: idleWebSockets, events })
