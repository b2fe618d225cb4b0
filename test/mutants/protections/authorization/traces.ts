import type { Mutant } from '../../mutant.ts'

const tracer = 'src/ops/trace/open.ts'
const spans = ['test/gateway/traces/spans.test.ts']

/** What holds of traces. */
export const tracing: readonly Mutant[] = [
  {
    name: 'trace-flag-trusted',
    protection: 'only a trusted proxy decides what is recorded',
    file: tracer,
    find: 'isParentBased && isTrusted && caller !== null',
    replace: 'isParentBased && caller !== null',
    tests: ['test/gateway/traces/sampling.test.ts'],
    covers: [13],
  },
  {
    name: 'trace-parent-judged',
    protection: 'a traceparent that breaks the rules begins a new trace',
    file: 'src/proxy/headers/trace.ts',
    find: 'parents.length !== 1 || isFaulty',
    replace: "traceId === ''",
    tests: spans,
    covers: [13],
  },
  {
    name: 'trace-replaced',
    protection: 'what the client says of a trace does not pass beside ours',
    file: 'src/proxy/headers/trace.ts',
    find: "name !== 'traceparent' && name !== 'tracestate'",
    replace: "name !== 'trace'",
    tests: spans,
    covers: [13],
  },
  {
    name: 'trace-resent-apart',
    protection: 'a request that is sent again is a span of its own, under which FastAPI goes on',
    file: 'src/ops/access/journey.ts',
    find: 'this.trace = tracer.again(this.trace)',
    replace: 'void tracer.again(this.trace)',
    tests: ['test/gateway/traces/resent.test.ts'],
    covers: [],
  },
  {
    name: 'trace-queue-bounded',
    protection: 'a collector that is slow or away does not fill the memory',
    file: 'src/ops/trace/queue.ts',
    find: 'this.#waiting.length >= queued',
    replace: 'this.#waiting.length < 0',
    tests: ['test/gateway/traces/export.test.ts'],
    covers: [44],
  },
]
