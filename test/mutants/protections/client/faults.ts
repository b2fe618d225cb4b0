import type { Mutant } from '../../mutant.ts'

const connection = 'src/upstream/http1/connection/connection.ts'
const call = 'src/upstream/http1/connection/call.ts'
const tls = ['test/upstream/http1/tls.test.ts']
const faults = ['test/upstream/http1/faults.test.ts']

/** What a target, or a handler of ours, may do without anything else coming to harm. */
export const faulty: readonly Mutant[] = [
  {
    name: 'dead-target-asked-once',
    protection: 'a target that hangs up before it is asked is not asked for ever',
    file: connection,
    find: 'else if (!this.#isUsed)',
    replace: 'else if (!this.#isConnected)',
    tests: tls,
    covers: [33, 43],
  },
  {
    name: 'paused-at-the-end',
    protection: 'a connection whose last answer was paused reads the next one',
    file: connection,
    find: 'if (this.#isPaused) this.resume()',
    replace: '',
    tests: ['test/upstream/http1/connection/calls.test.ts'],
    covers: [37],
  },
  {
    name: 'probe-serves-once',
    protection: 'a connection that was to close serves nothing more',
    file: connection,
    find: '&& !hasMore && !this.#isLast',
    replace: '&& !hasMore',
    tests: ['test/upstream/http1/connection/endings.test.ts'],
    covers: [36],
  },
  {
    name: 'time-from-the-head',
    protection: 'the time of a piece begins with the head of its answer',
    file: connection,
    find: 'if (answer.head !== null) this.touch()',
    replace: '',
    tests: ['test/upstream/http1/connection/timeouts.test.ts'],
    covers: [34],
  },
  {
    name: 'handler-throws-in-answer',
    protection: 'a handler that throws ends its request and not the process',
    file: 'src/upstream/http1/message/answer-reader.ts',
    find: '      return error as Error\n',
    replace: '      throw error\n',
    tests: faults,
    covers: [43],
  },
  {
    name: 'handler-throws-in-time',
    protection: 'so does one that throws while time passes',
    file: connection,
    find: 'this.giveUp(error as Error)',
    replace: 'throw error',
    tests: faults,
    covers: [43],
  },
  {
    name: 'handler-throws-at-the-end',
    protection: 'so does one that throws when its answer is complete',
    file: call,
    find: 'onEnd(last)\n    } catch (fault) {\n      this.#onFault(fault)',
    replace: 'onEnd(last)\n    } catch (fault) {\n      throw fault',
    tests: faults,
    covers: [43],
  },
  {
    name: 'handler-throws-at-an-error',
    protection: 'and one that throws when there will be none',
    file: call,
    find: 'onError(error)\n    } catch (fault) {\n      this.#onFault(fault)',
    replace: 'onError(error)\n    } catch (fault) {\n      throw fault',
    tests: faults,
    covers: [43],
  },
  {
    name: 'time-from-the-request',
    protection: 'the time of an answer begins with its request, also on a kept connection',
    file: connection,
    find: '    this.touch()\n    this.#isLast = isLast\n',
    replace: '    this.#isLast = isLast\n',
    tests: ['test/upstream/http1/connection/timeouts.test.ts'],
    covers: [34],
  },
]
