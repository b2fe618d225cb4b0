import type { Mutant } from '../../mutant.ts'

const expecting = 'src/attack/expect.ts'
const planning = 'src/attack/plan.ts'
const running = ['test/attack/running.test.ts']
const judging = ['test/attack/judge.test.ts']

/** What `sallyport attack` fires at nobody, tells nobody, and does not pass over. */
export const attacks: readonly Mutant[] = [
  {
    name: 'attack-loopback',
    protection: 'attack fires at no address that is not of this machine alone',
    file: 'src/attack/stage/running.ts',
    find: "return isIPv4(host) && host.startsWith('127.') ? host : null",
    replace: 'return isIPv4(host) ? host : null',
    tests: running,
    covers: [],
  },
  {
    name: 'attack-unsigned',
    protection: 'a running gateway gets nothing that was signed with a secret',
    file: planning,
    find: 'isSigned !== true && ',
    replace: '',
    tests: running,
    covers: [],
  },
  {
    name: 'attack-writes-nothing',
    protection: 'a running gateway is asked for nothing that writes',
    file: planning,
    find: ' && !writes',
    replace: '',
    tests: running,
    covers: [],
  },
  {
    name: 'attack-throttled',
    protection: 'a refusal that any request would get is no success',
    file: expecting,
    find: 'throttled(seen) ?? ',
    replace: '',
    tests: running,
    covers: [],
  },
  {
    name: 'attack-observed-names-nobody',
    protection: 'a route that only observes may let pass whom it would refuse, but not name them',
    file: expecting,
    find: 'if (named.length > 0)',
    replace: 'if (named.length > 9)',
    tests: judging,
    covers: [],
  },
  {
    name: 'attack-masked',
    protection: 'no report holds a credential that was made',
    file: 'src/attack/stage/masks.ts',
    find: 'hidden = hidden.replaceAll(credential, `<${label}>`)',
    replace: 'hidden = hidden.replaceAll(label, credential)',
    tests: judging,
    covers: [],
  },
]
