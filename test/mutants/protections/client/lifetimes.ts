import type { Mutant } from '../../mutant.ts'

const connection = 'src/upstream/http1/connection/connection.ts'
const pool = 'src/upstream/http1/pool.ts'
const socket = 'src/upstream/http1/connection/socket.ts'
const timeouts = ['test/upstream/http1/connection/timeouts.test.ts']
const endings = ['test/upstream/http1/connection/endings.test.ts']

/** How long a request may take, and how long a connection is kept. */
export const lifetimes: readonly Mutant[] = [
  {
    name: 'idle-closes',
    protection: 'a connection that nobody uses is closed before FastAPI does that',
    file: connection,
    find: 'if (this.#isStillFor(this.#keepAliveMs)) this.giveUp(null)',
    replace: '',
    tests: timeouts,
    covers: [35],
  },
  {
    name: 'trickling-head',
    protection: 'a head that trickles gets no more time',
    file: connection,
    find: 'if (answer.head !== null) this.touch()',
    replace: 'this.touch()',
    tests: timeouts,
    covers: [34],
  },
  {
    name: 'never-early',
    protection: 'no time-out comes too early',
    file: connection,
    find: 'this.#movedAt - 1)',
    replace: 'this.#movedAt)',
    tests: timeouts,
    covers: [34],
  },
  {
    name: 'clients-turn',
    protection: 'FastAPI is not late while the client has the turn',
    file: connection,
    find: "call.sent !== 'all' && !this.writer.isFull",
    replace: 'false',
    tests: timeouts,
    covers: [34],
  },
  {
    name: 'head-quiet',
    protection: 'a head does not wait for its body',
    file: connection,
    find: '      call.handler.onQuiet()\n',
    replace: '\n',
    tests: timeouts,
    covers: [37],
  },
  {
    name: 'closing-idle',
    protection: 'what is idle closes at once',
    file: pool,
    find: 'if (connection.isIdle) connection.giveUp(null)',
    replace: '',
    tests: endings,
    covers: [47],
  },
  {
    name: 'closing-freed',
    protection: 'and what is under way closes when it has ended',
    file: pool,
    find: 'this.#isClosing || connection',
    replace: 'connection',
    tests: endings,
    covers: [47],
  },
  {
    name: 'destroying',
    protection: 'who is told to cut what is under way does that',
    file: pool,
    find: 'connection.giveUp(lost)',
    replace: 'void lost',
    tests: endings,
    covers: [47],
  },
  {
    name: 'heart-stops',
    protection: 'a pool without connections keeps no timer',
    file: pool,
    find: 'if (this.#heart !== null) clearInterval(this.#heart)',
    replace: '',
    tests: endings,
    covers: [47],
  },
  {
    name: 'connection-age',
    protection: 'a name that has moved is followed',
    file: connection,
    find: 'beatMs >= ms\n  }\n\n  get isIdle',
    replace: 'beatMs > Infinity\n  }\n\n  get isIdle',
    tests: ['test/upstream/connection/names.test.ts'],
    covers: [47],
  },
  {
    name: 'connect-deadline',
    protection: 'a target that does not accept in time is given up',
    file: socket,
    find: "    socket.destroy(new ConnectTimeout('the target did not accept in time'))\n",
    replace: '\n',
    tests: ['test/upstream/connection/connect.test.ts'],
    covers: [34],
  },
  {
    name: 'socket-errors',
    protection: 'an error of a connection ends nothing but its request',
    file: socket,
    find: "socket.on('error', (error)",
    replace: "socket.on('never', (error: Error)",
    tests: endings,
    covers: [43],
  },
]
