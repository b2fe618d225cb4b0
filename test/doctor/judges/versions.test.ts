import t from 'tap'
import { advisories, advisoriesCheckedOn } from '../../../src/doctor/versions/advisories.ts'
import { judgeNode, judgePackages } from '../../../src/doctor/versions/check.ts'
import { compareVersions } from '../../../src/doctor/versions/compare.ts'

const checkedMs = Date.parse(advisoriesCheckedOn)
const dayMs = 86_400_000

t.test('versions are ordered as Semantic Versioning 2.0.0 §11 orders them', async (t) => {
  const ordered = [
    'nonsense',
    '0.9.10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ]
  for (const [index, version] of ordered.entries()) {
    for (const [other, another] of ordered.entries()) {
      const sign = Math.sign(compareVersions(version, another))
      t.equal(sign, Math.sign(index - other), `${version} ${another}`)
    }
  }
  t.equal(compareVersions('v1.2.3', '1.2.3+build.7'), 0)
})

t.test('a version is unsafe from where the weakness begins to where it ends', async (t) => {
  const verdict = (name: string, version: string): string =>
    judgePackages([{ name, version, folder: '/x' }], checkedMs).verdict
  t.equal(verdict('undici', '8.12.2'), 'ok')
  t.equal(verdict('undici', '8.12.1'), 'problem')
  t.equal(verdict('undici', '8.0.0'), 'problem')
  t.equal(verdict('undici', '7.30.2'), 'ok', 'another line')
  t.equal(verdict('better-auth', '1.6.22'), 'ok')
  t.equal(verdict('better-auth', '1.6.21'), 'problem')
  t.equal(verdict('better-auth', '1.7.0-beta.3'), 'problem')
  t.equal(verdict('better-auth', '1.7.0-beta.4'), 'ok')
  t.equal(verdict('@fastify/reply-from', '12.6.5'), 'problem')
  t.equal(verdict('fastify', '1.0.0'), 'ok', 'nothing is known of it')
})

t.test('the fix that is named mends everything that was found', async (t) => {
  const found = judgePackages([{ name: 'better-auth', version: '1.3.0', folder: '/x' }], checkedMs)
  t.match(found.advice, /npm install better-auth@">=1\.6\.22"\.$/)
  t.equal(found.seen.match(/better-auth 1\.3\.0: /g)?.length, 11)
})

t.test('a table that has not been looked at for half a year is a warning', async (t) => {
  t.match(judgePackages([], checkedMs + 180 * dayMs), { verdict: 'ok', seen: /2026-11-23/ })
  const old = judgePackages([], checkedMs + 181 * dayMs)
  t.match(old, { verdict: 'warning', seen: /181 days old$/, advice: /npm audit/ })
})

t.test('every advisory has a number that is one, and an end', async (t) => {
  const ids = new Set(advisories.map(({ id }) => id))
  t.equal(ids.size, advisories.length, 'each once')
  for (const { id, affected, what } of advisories) {
    t.match(id, /^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})$/)
    t.ok(affected.length > 0 && what !== '')
    for (const { from = '0.0.0', below } of affected) t.ok(compareVersions(from, below) < 0, id)
  }
})

t.test('a Node that is too old', async (t) => {
  t.equal(judgeNode('v24.0.0').verdict, 'ok')
  t.equal(judgeNode('v26.1.0').verdict, 'ok')
  t.match(judgeNode('v22.21.0'), { verdict: 'problem', advice: /Node 24/ })
})
