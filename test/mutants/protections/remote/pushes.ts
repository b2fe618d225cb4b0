import type { Mutant } from '../../mutant.ts'

const inbox = 'src/session/push/inbox.ts'
const tests = ['test/session/push/inbox.test.ts']

/** What is pushed to a gateway. */
export const pushes: readonly Mutant[] = [
  {
    name: 'push-signature',
    protection: 'only whoever knows the secret can push',
    file: inbox,
    find: ' || !verifyPush(this.#options.secret, head, body)',
    replace: '',
    tests,
    covers: [20],
  },
  {
    name: 'push-signed-head',
    protection: 'the signature of a push covers its id and its time',
    file: 'src/session/push/format.ts',
    find: '.update(`${id}.${timestamp}.`)',
    replace: '.update(id.slice(0, 0) + timestamp.slice(0, 0))',
    tests,
    covers: [20],
  },
  {
    name: 'push-window',
    protection: 'a push that is older than half a minute is not taken',
    file: inbox,
    find: '<= windowMs',
    replace: '<= Infinity',
    tests,
    covers: [20],
  },
  {
    name: 'push-once',
    protection: 'a push is taken once',
    file: inbox,
    find: 'this.#seen.has(id) || ',
    replace: '',
    tests,
    covers: [20],
  },
  {
    name: 'push-remembered',
    protection: 'a push is remembered for as long as its time is believed',
    file: inbox,
    find: 'now + 2 * windowMs + 1000',
    replace: 'now + windowMs',
    tests,
    covers: [20],
  },
  {
    name: 'push-bounded',
    protection: 'where no more pushes can be remembered none is taken',
    file: inbox,
    find: ' || this.#seen.size >= (this.#options.max ?? maxRemembered)',
    replace: '',
    tests,
    covers: [20],
  },
  {
    name: 'push-unknown-event',
    protection: 'an event that is not understood may concern anybody',
    file: inbox,
    find: "[parseEvent(value) ?? { kind: 'everything-changed' }]",
    replace: '[parseEvent(value)].filter((event) => event !== null)',
    tests,
    covers: [20],
  },
  {
    name: 'push-silence',
    protection: 'a sender that falls silent is missed',
    file: 'src/session/push/senders.ts',
    find: 'if (now - heardAt <= forgottenMs) return false',
    replace: '',
    tests,
    covers: [20],
  },
]
