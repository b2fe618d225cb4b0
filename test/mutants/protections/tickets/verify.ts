import type { Mutant } from '../../mutant.ts'

const asked = 'src/endpoints/verify/asked.ts'
const verdict = 'src/endpoints/verify/verdict.ts'
const questions = ['test/gateway/verify/questions.test.ts']
const proxies = ['test/gateway/verify/proxies.test.ts']

/** Case 54. */
export const verifications: readonly Mutant[] = [
  {
    name: 'verify-from',
    protection: 'only the proxies that are named may ask',
    file: 'src/endpoints/verify/answer.ts',
    find: 'return verify.mayAsk(addressOf(() => false))',
    replace: 'return true',
    tests: questions,
    covers: [54],
  },
  {
    name: 'verify-by-socket',
    protection: 'who asks is who the connection comes from',
    file: 'src/endpoints/verify/answer.ts',
    find: 'verify.mayAsk(addressOf(() => false))',
    replace: 'verify.mayAsk(addressOf(() => true))',
    tests: questions,
    covers: [13, 54],
  },
  {
    name: 'verify-once',
    protection: 'what is asked about is said once',
    file: asked,
    find: 'if (countOf(headers, name) !== 1) return null',
    replace: '',
    tests: questions,
    covers: [54],
  },
  {
    name: 'verify-one-way',
    protection: 'and in one way',
    file: asked,
    find: "if (countOf(headers, 'x-original-uri') > 0) return null",
    replace: '',
    tests: questions,
    covers: [54],
  },
  {
    name: 'verify-client',
    protection: 'a question says whose request it is about',
    file: asked,
    find: "isUsable && countOf(rawHeaders, 'x-forwarded-for') > 0",
    replace: 'isUsable',
    tests: questions,
    covers: [54],
  },
  {
    name: 'verify-client-of-proxy',
    protection: 'limits count the client, and not what it says of itself',
    file: 'src/endpoints/verify/answer.ts',
    find: 'hop === 0 || snapshot.trusts(peer, hop)',
    replace: 'peer !== null',
    tests: questions,
    covers: [13, 54],
  },
  {
    name: 'verify-handshake',
    protection: 'a handshake is one, whatever its proxy leaves out',
    file: asked,
    find: "if (name === 'sec-websocket-key') isHandshake = true",
    replace: '',
    tests: questions,
    covers: [39, 54],
  },
  {
    name: 'verify-original-host',
    protection: 'the host is that of the request that is asked about',
    file: asked,
    find: 'if (!ofTheQuestion.has(name)) ',
    replace: "if (name === 'host' || !ofTheQuestion.has(name)) ",
    tests: questions,
    covers: [54],
  },
  {
    name: 'verify-ours',
    protection: 'no proxy forwards what is ours',
    file: verdict,
    find: "if (admission.kind === 'local') return toRefused(refuse('route_not_found'), head, deps)",
    replace: "if (admission.kind === 'local') return { status: 200, headers: [], body: '' }",
    tests: questions,
    covers: [54],
  },
  {
    name: 'verify-nothing-left',
    protection: 'what is not said replaces what the client sent',
    file: verdict,
    find: "told.push('authorization', credentials.authorization.join(', '))",
    replace:
      "if (credentials.authorization.length > 0) told.push('authorization', credentials.authorization.join(', '))",
    tests: questions,
    covers: [11, 54],
  },
  {
    name: 'verify-nginx-statuses',
    protection: 'nginx is told nothing but what it understands',
    file: verdict,
    find: "deps.dialect === 'nginx' ? forNginx(answer, refusal, answers.realm) : answer",
    replace: 'answer',
    tests: proxies,
    covers: [54],
  },
]
