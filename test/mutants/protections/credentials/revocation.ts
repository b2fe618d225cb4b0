import type { Mutant } from '../../mutant.ts'

const cache = 'src/session/cache.ts'
const bus = 'src/session/revocation/bus.ts'
const marks = 'src/session/revocation/marks.ts'
const logs = 'src/session/revocation/logs'
const store = 'src/session/embedded/store'
const cacheTest = ['test/session/cache.test.ts']
const busTest = ['test/session/revocation/bus.test.ts']
const marksTest = ['test/session/revocation/marks.test.ts']
const logsTest = ['test/session/revocation/logs.test.ts']
const redisTest = ['test/session/embedded/redis/storage.test.ts']

/** What one gateway is told, all of them know; and what cannot be known is not guessed. */
export const revocations: readonly Mutant[] = [
  {
    name: 'doubt',
    protection: 'what may be out of date is believed for four seconds, and no longer',
    file: cache,
    find: '&& now < this.#doubtedAtMs + doubtMs',
    replace: '',
    tests: cacheTest,
    covers: [20],
  },
  {
    name: 'doubt-twice',
    protection: 'whoever is doubted twice is not believed for longer',
    file: cache,
    find: 'filledAtMs > this.#doubtedBeforeMs &&',
    replace: '',
    tests: cacheTest,
    covers: [20],
  },
  {
    name: 'doubt-under-way',
    protection: 'a look-up that was under way teaches nothing after a doubt',
    file: cache,
    find: `doubt(): void {
    this.#nextGeneration()`,
    replace: 'doubt(): void {',
    tests: cacheTest,
    covers: [20],
  },
  {
    name: 'bus-self-first',
    protection: 'who is told tells itself before anything is written',
    file: bus,
    find: `this.#tell(logged)
    this.#options.metrics.said()`,
    replace: 'this.#options.metrics.said()',
    tests: busTest,
    covers: [20],
  },
  {
    name: 'bus-again',
    protection: 'what could not be written is written later',
    file: bus,
    find: 'this.#tryAgain(log)',
    replace: '',
    tests: busTest,
    covers: [20],
  },
  {
    name: 'bus-unknown',
    protection: 'a line that nobody understands may mean anything',
    file: bus,
    find: "event: { kind: 'everything-changed' },\n        node: ''",
    replace: "event: { kind: 'user-changed', userId: '' },\n        node: ''",
    tests: busTest,
    covers: [20],
  },
  {
    name: 'log-names-no-token',
    protection: 'the log names tokens by their digest',
    file: 'src/session/revocation/listener.ts',
    find: 'tokenDigest: digest(token)',
    replace: 'tokenDigest: token',
    tests: busTest,
    covers: [23],
  },
  {
    name: 'mark-same-second',
    protection: 'a token of the second in which its user was revoked does not count',
    file: marks,
    find: 'issuedAt * 1000 <= mark.beforeMs',
    replace: 'issuedAt * 1000 < mark.beforeMs - 999',
    tests: marksTest,
    covers: [20],
  },
  {
    name: 'mark-without-iat',
    protection: 'a token that does not say when it was issued does not count while there is a mark',
    file: marks,
    find: 'issuedAt === null ||',
    replace: 'issuedAt !== null &&',
    tests: marksTest,
    covers: [20],
  },
  {
    name: 'log-silence',
    protection: 'a log that is silent is down',
    file: `${logs}/pulse.ts`,
    find: `      this.#silence = setTimeout(() => {
        this.#silence = null
        this.#set(false)`,
    replace: `      this.#silence = setTimeout(() => {
        this.#silence = null`,
    tests: logsTest,
    covers: [20],
  },
  {
    name: 'redis-takes-writes',
    protection: 'a Redis that takes no writes takes no revocations',
    file: `${logs}/redis.ts`,
    find: "await inTime(writer.set(`${this.#options.key}:beat`, '1', 'PX', 60_000))",
    replace: 'await Promise.resolve(writer)',
    tests: logsTest,
    covers: [20],
  },
  {
    name: 'postgres-read-anew',
    protection: 'after a lost connection the table is read anew',
    file: `${logs}/postgres.ts`,
    find: 'await this.#readKept(client)',
    replace: '',
    tests: logsTest,
    covers: [20],
  },
  {
    name: 'gravestone',
    protection: 'a refresh that was under way does not bring a session back',
    file: 'src/session/embedded/redis/script.ts',
    find: "if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end",
    replace: '',
    tests: redisTest,
    covers: [20],
  },
  {
    name: 'redis-deletion-told',
    protection: 'a session that is deleted in Redis alone is heard of',
    file: 'src/session/embedded/redis/storage.ts',
    find: 'else this.#options.listener.sessionRevoked({ sessionId, token, userId })',
    replace: 'else void token',
    tests: redisTest,
    covers: [20],
  },
  {
    name: 'redis-user-mark',
    protection: 'a session that began before its user was signed out everywhere is none',
    file: 'src/session/embedded/redis/storage.ts',
    find: 'return Date.parse(session.createdAt) < before ? null : session',
    replace: 'return before < 0 ? null : session',
    tests: redisTest,
    covers: [20],
  },
  {
    name: 'failures-noted',
    protection: 'a failure of the database that Better Auth hides is a 503',
    file: `${store}/watch.ts`,
    find: 'if (noted.failure === null) return result',
    replace: 'return result',
    tests: ['test/session/embedded/store/watch.test.ts'],
    covers: [46],
  },
  {
    name: 'all-sessions-revoke-tokens',
    protection: 'whoever is signed out everywhere is refused with older tokens of others too',
    file: 'src/session/embedded/writes.ts',
    find: 'listener.userRevoked({ userId })',
    replace: 'listener.userChanged({ userId })',
    tests: ['test/session/embedded/adapter/writes.test.ts'],
    covers: [20],
  },
]
