import type { Mutant } from '../../mutant.ts'

const credentials = 'src/client/core/credentials.ts'
const fetching = 'src/client/core/fetch.ts'
const login = 'src/client/core/login.ts'
const token = 'src/client/core/token.ts'
const expired = ['test/browser/kit/refresh/expired-token.test.ts']
const answers = ['test/browser/kit/contract/answers.test.ts']
const bodies = ['test/browser/kit/contract/bodies.test.ts']
const asked = ['test/browser/kit/contract/login.test.ts']
const secrets = ['test/browser/kit/contract/secrets.test.ts']
const logout = ['test/browser/kit/session/logout-wins.test.ts']
const signOut = ['test/browser/kit/session/sign-out.test.ts']

/** Case 57. */
export const kit: readonly Mutant[] = [
  {
    name: 'kit-one-at-a-time',
    protection: 'tabs refresh one at a time',
    file: 'src/client/tabs/turns.ts',
    find: 'locks.request(name, { signal }, task)',
    replace: 'task()',
    tests: expired,
    covers: [57],
  },
  {
    name: 'kit-look-first',
    protection: 'whoever has waited looks whether another tab has refreshed',
    file: credentials,
    find: 'has seen to it.\n        if (isNewer(current, used))',
    replace: 'has seen to it.\n        if (false)',
    tests: expired,
    covers: [57],
  },
  {
    name: 'kit-network-again',
    protection: 'a refresh that the network loses is tried again',
    file: token,
    find: 'attempt > 2',
    replace: 'attempt > 0',
    tests: expired,
    covers: [57],
  },
  {
    name: 'kit-outage',
    protection: 'an outage is not the end of a session',
    file: token,
    find: " && problem.action !== 'retry'",
    replace: '',
    tests: expired,
    covers: [57],
  },
  {
    name: 'kit-hidden',
    protection: 'a page that nobody looks at refreshes nothing ahead of time',
    file: 'src/client/core/wake.ts',
    find: ' && !document.hidden',
    replace: '',
    tests: expired,
    covers: [57],
  },
  {
    name: 'kit-retry-once',
    protection: 'a request is sent again once',
    file: fetching,
    find: ';[response, problem, used] = await send(spare, init)',
    replace:
      'while (used && problem?.action === "refresh" && (await credentials.refresh(used))) [response, problem, used] = await send(spare, init)',
    tests: answers,
    covers: [57],
  },
  {
    name: 'kit-stream-once',
    protection: 'a body that streams is sent once',
    file: fetching,
    find: ' && !(init?.body instanceof ReadableStream)',
    replace: '',
    tests: bodies,
    covers: [57],
  },
  {
    name: 'kit-given-up',
    protection: 'a request can be given up while its token is fetched',
    file: fetching,
    find: 'await patient(credentials.refresh(used), input, init)',
    replace: 'await credentials.refresh(used)',
    tests: bodies,
    covers: [57],
  },
  {
    name: 'kit-other-origin',
    protection: 'no token goes to another origin, and none of its refusals is acted upon',
    file: fetching,
    find: 'if (!isLocal(request.url ?? (input as URL)))',
    replace: 'if (false)',
    tests: secrets,
    covers: [57],
  },
  {
    name: 'kit-stream-of-another-origin',
    protection: 'nor does a stream of another origin end a session',
    file: 'src/client/streams/stream.ts',
    find: 'if (url.host !== location.host)',
    replace: 'if (false)',
    tests: secrets,
    covers: [57],
  },
  {
    name: 'kit-login-once',
    protection: 'a person is asked to sign in once',
    file: login,
    find: '!isAsked && ',
    replace: '',
    tests: asked,
    covers: [57],
  },
  {
    name: 'kit-login-loop',
    protection: 'a login page that leads straight back is not gone to for ever',
    file: login,
    find: 'times < mostTimes',
    replace: 'true',
    tests: asked,
    covers: [57],
  },
  {
    name: 'kit-halt',
    protection: 'a sign-out ends the refreshes that are under way',
    file: credentials,
    find: "if (message.type === 'halt') giveUp()",
    replace: '',
    tests: logout,
    covers: [57],
  },
  {
    name: 'kit-halted',
    protection: 'and none begins until it is over',
    file: credentials,
    find: 'return takeTurn(refreshing, closing, task)',
    replace: 'return task()',
    tests: logout,
    covers: [57],
  },
  {
    name: 'kit-hush',
    protection: 'whoever signs out is not told that their session was revoked',
    file: credentials,
    find: 'session.hush()',
    replace: '',
    tests: signOut,
    covers: [57],
  },
  {
    name: 'kit-other-user',
    protection: 'where somebody else signs in, the token of the first is forgotten',
    file: 'src/client/core/create.ts',
    find: 'if (isOther) credentials.drop()',
    replace: '',
    tests: signOut,
    covers: [57],
  },
  {
    name: 'kit-other-user-on-its-way',
    protection: 'and so is one that is on its way',
    file: credentials,
    find: 'theirs, too.\n      giveUp()',
    replace: 'theirs, too.',
    tests: signOut,
    covers: [57],
  },
  {
    name: 'kit-back-off',
    protection: 'whoever comes back in vain waits longer each time',
    file: 'src/client/streams/later.ts',
    find: '1000 * 2 ** attempt',
    replace: '1000',
    tests: ['test/browser/kit/streams/event-source.test.ts'],
    covers: [57],
  },
]
