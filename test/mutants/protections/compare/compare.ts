import type { Mutant } from '../../mutant.ts'

const words = ['test/compare/words.test.ts']
const leaves = ['test/compare/leaves.test.ts']
const property = ['test/compare/property.test.ts']
const audits = ['test/openapi/audit.test.ts']
const starters = ['test/openapi/starter.test.ts']

/** What a review is told of a change before it ships. */
export const comparisons: readonly Mutant[] = [
  {
    name: 'diff-every-path',
    protection: 'diff looks at paths that an old route still serves and a new one now does',
    file: 'src/compare/routes/classes.ts',
    find: "if (literal !== '') walk(stepsOf(nodes, literal)",
    replace: "if (literal === '') walk(stepsOf(nodes, literal)",
    tests: property,
    covers: [],
  },
  {
    name: 'diff-observe-is-open',
    protection: 'to diff a route that only observes refuses nobody',
    file: 'src/compare/routes/door.ts',
    find: "observe === null || auth.mode === 'none' ? auth.mode : 'observe'",
    replace: 'auth.mode',
    tests: words,
    covers: [],
  },
  {
    name: 'diff-no-rule',
    protection: 'what no rule of diff speaks for is said all the same',
    file: 'src/compare/rules.ts',
    find: '...rest.map((path) =>',
    replace: '...rest.slice(0, 0).map((path) =>',
    tests: leaves,
    covers: [],
  },
  {
    name: 'diff-header-of-clients',
    protection: 'a header that is no longer ours loosens, because clients can send it',
    file: 'src/compare/sections/identity.ts',
    find: "return finding('loosens', key, `-${name}`",
    replace: "return finding('changes', key, `-${name}`",
    tests: words,
    covers: [],
  },
  {
    name: 'audit-values',
    protection: 'audit looks at values of a parameter that a route names',
    file: 'src/openapi/templates.ts',
    find: '[free, ...named.filter(',
    replace: '[free, ...named.slice(0, 0).filter(',
    tests: audits,
    covers: [],
  },
  {
    name: 'audit-optional',
    protection: 'the list of what is public tells open to everybody from optional',
    file: 'src/openapi/public-list.ts',
    find: 'allowed.includes(line) || allowed.includes(line.replace(',
    replace: 'allowed.some((each) => each.startsWith(line)) || allowed.includes(line.replace(',
    tests: audits,
    covers: [],
  },
  {
    name: 'starter-nothing-public',
    protection: 'a configuration made of OpenAPI makes no operation public for want of `security`',
    file: 'src/openapi/sorted.ts',
    find: "health.test(each.path.split('/')",
    replace: "/./.test(each.path.split('/')",
    tests: starters,
    covers: [],
  },
  {
    name: 'starter-quotes',
    protection: 'what a document says cannot add a line to the configuration',
    file: 'src/openapi/starter.ts',
    find: "return text.replaceAll(/[\\p{Cc}\\p{Zl}\\p{Zp}]/gu, ' ')",
    replace: 'return text',
    tests: starters,
    covers: [],
  },
]
