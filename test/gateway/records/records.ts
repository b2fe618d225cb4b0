import type { AccessRecord } from '../../../src/ops/access/record.ts'
import { until } from '../websocket/client.ts'

/** Gateways have it. */
interface Recorded {
  readonly records: readonly AccessRecord[]
}

/** What `during` leaves behind: waits for `count` records, and then for whether there are more. */
export async function recordsOf(
  { records }: Recorded,
  during: () => Promise<unknown>,
  count = 1,
): Promise<readonly AccessRecord[]> {
  const before = records.length
  await during()
  await until(() => records.length >= before + count)
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  const made = records.slice(before)
  if (made.length === count) return made
  throw new Error(`${made.length} records where ${count} were due: ${JSON.stringify(made)}`)
}

/** The only record that `during` leaves behind. */
export async function recordOf(
  recorded: Recorded,
  during: () => Promise<unknown>,
): Promise<AccessRecord> {
  const [record] = await recordsOf(recorded, during)
  return record!
}
