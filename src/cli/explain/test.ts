import { systemClock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import type { TestConfig } from '../../config/types/test.ts'
import { toHead } from '../../explain/caller/head.ts'
import { compare } from '../../explain/expect/compare.ts'
import { report, type ReportFormat } from '../../explain/expect/report.ts'
import { hasPassed, type TestResult } from '../../explain/expect/result.ts'
import { explainRequest } from '../../explain/request.ts'
import { configFile, loadFor, type ConfigOption } from '../config.ts'
import { requestIdIn } from './request.ts'
import { offline } from './sources.ts'
import { wrongUsage } from './usage.ts'

export interface TestOptions extends ConfigOption {
  readonly format: ReportFormat
  readonly only?: string
}

/**
 * `sallyport test`: asks what would become of the requests in `tests`, offline. Exit code 1 when one of them is not as expected; a file
 * without tests, or `--only` without any of that name, is wrong usage.
 */
export async function runTest(options: TestOptions): Promise<void> {
  const { config, tests } = loadFor(options)
  const file = configFile(options)
  const { only } = options
  const chosen = tests.filter(({ name }) => only === undefined || name.includes(only))
  if (tests.length === 0) wrongUsage(`${file} has no \`tests\``)
  if (chosen.length === 0) wrongUsage(`no test has ${JSON.stringify(only)} in its name`)
  const results: TestResult[] = []
  for (const test of chosen) results.push(await runOne(test, file, config))
  console.log(report(results, options.format))
  process.exitCode = results.every(hasPassed) ? 0 : 1
}

async function runOne(
  { name, line, request, as, expect }: TestConfig,
  file: string,
  config: GatewayConfig,
): Promise<TestResult> {
  const { deps, headers } = offline(config, as, systemClock)
  const { method, path, host, from, navigation, websocket } = request
  const written = { method, url: path, host, address: from, navigation, websocket }
  const head = toHead({ ...written, headers: [...headers, ...request.headers] }, config)
  const asked = { head, requestId: requestIdIn(head), madeUp: as !== null }
  const explanation = await explainRequest(asked, deps)
  return {
    name,
    place: `${file}:${String(line)}`,
    differences: compare(expect, explanation),
    explanation,
  }
}
