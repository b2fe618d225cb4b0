import { Counter, Histogram, type Registry } from '@prometheus-io/client'
import { outcomeAt, type Distribution, type RouteTally, type Tallies } from './tallies.ts'

/** Shows what has been tallied, when somebody asks. */
export function requestMetrics(registry: Registry, tallies: Tallies): void {
  counters(registry, tallies)
  const histogram = (name: string, help: string, of: (tally: RouteTally) => Distribution): void => {
    new TalliedHistogram({ name, help, registers: [registry] }, tallies, of)
  }
  histogram(
    'sallyport_admission_duration_seconds',
    'What the gateway adds: from the head of a request until it is sent to FastAPI, or until it is decided that it is not.',
    ({ admission }) => admission,
  )
  histogram(
    'sallyport_upstream_duration_seconds',
    'What FastAPI takes: from the sending of a request to the head of its answer.',
    ({ upstream }) => upstream,
  )
  histogram(
    'sallyport_request_duration_seconds',
    'From the head of a request to the end of its answer. Streams are not counted.',
    ({ whole }) => whole,
  )
}

function counters(registry: Registry, tallies: Tallies): void {
  const counter = (
    name: string,
    help: string,
    labelNames: readonly string[],
    countsOf: (tally: RouteTally) => Counts,
  ): void => {
    new TalliedCounter({ name, help, registers: [registry] }, labelNames, tallies, countsOf)
  }
  counter(
    'sallyport_requests_total',
    'Requests that are over, by where they went and the class of their status (none: the client left before there was one). The route is empty where none was chosen.',
    ['kind', 'decision', 'status'],
    outcomesOf,
  )
  counter(
    'sallyport_refusals_total',
    'Requests that the gateway answered in FastAPI’s place, by code; and questions of other proxies that it answered no.',
    ['code'],
    ({ refusals }) => byCode(refusals),
  )
  counter(
    'sallyport_observed_refusals_total',
    'Requests that would have been refused, were their route enforced (enforce: false).',
    ['code'],
    ({ observed }) => byCode(observed),
  )
  counter(
    'sallyport_ended_early_total',
    'Answers and streams that ended before their time, by reason: a code, or client_left.',
    ['kind', 'reason'],
    earlyEndsOf,
  )
}

/** Labels besides the route, with their counts. */
type Counts = Iterable<readonly [Readonly<Record<string, string>>, number]>

interface Config {
  readonly name: string
  readonly help: string
  registers: Registry[]
}

/** Finds its values when somebody asks. */
class TalliedCounter extends Counter<string> {
  constructor(
    config: Config,
    labelNames: readonly string[],
    tallies: Tallies,
    countsOf: (tally: RouteTally) => Counts,
  ) {
    super({
      ...config,
      labelNames: ['route', ...labelNames],
      collect() {
        this.reset()
        for (const [route, tally] of tallies.byRoute) {
          for (const [labels, count] of countsOf(tally)) this.inc({ route, ...labels }, count)
        }
      },
    })
  }
}

function* byCode(counts: ReadonlyMap<string, number>): Counts {
  for (const [code, count] of counts) yield [{ code }, count]
}

function* outcomesOf({ outcomes }: RouteTally): Counts {
  for (const [index, count] of outcomes.entries()) {
    if (count > 0) yield [{ ...outcomeAt(index) }, count]
  }
}

function* earlyEndsOf({ endedEarly }: RouteTally): Counts {
  for (const [key, count] of endedEarly) {
    const [kind = '', reason = ''] = key.split(' ')
    yield [{ kind, reason }, count]
  }
}

interface Value {
  readonly labels: Readonly<Record<string, string>>
  readonly metricName: string
  readonly value: number
}

/** The library's own histogram takes a microsecond for each observation; this one only knows how to be read. */
class TalliedHistogram extends Histogram<'route'> {
  readonly #tallies: Tallies
  readonly #of: (tally: RouteTally) => Distribution

  constructor(config: Config, tallies: Tallies, of: (tally: RouteTally) => Distribution) {
    super({ ...config, labelNames: ['route'] })
    this.#tallies = tallies
    this.#of = of
  }

  /** What the registry asks for text, in preference to `get`. */
  getForPromString(): Promise<object> {
    const { name, help } = this as unknown as { readonly name: string; readonly help: string }
    const values = [...this.#tallies.byRoute].flatMap(([route, tally]) =>
      seriesOf(name, route, this.#of(tally)),
    )
    return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' })
  }
}

function seriesOf(name: string, route: string, { bounds, counts, sum }: Distribution): Value[] {
  let total = 0
  const values: Value[] = []
  for (const [index, count] of counts.entries()) {
    total += count
    const le = bounds[index] === undefined ? '+Inf' : String(bounds[index])
    values.push({ labels: { route, le }, metricName: `${name}_bucket`, value: total })
  }
  if (total === 0) return []
  values.push({ labels: { route }, metricName: `${name}_sum`, value: sum })
  values.push({ labels: { route }, metricName: `${name}_count`, value: total })
  return values
}
