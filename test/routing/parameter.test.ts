import t from 'tap'
import { isRefusal } from '../../src/errors/refusal.ts'
import { readTarget } from '../../src/routing/canonical.ts'
import { parameterOf } from '../../src/routing/parameter.ts'

function valueIn(target: string, pattern = '/api/users/{user_id}/*'): string | null {
  const canonical = readTarget(target)
  return isRefusal(canonical) ? canonical.code : parameterOf(pattern, 'user_id', canonical.path)
}

t.test('a parameter is the segment at its place, decoded once', async (t) => {
  t.equal(valueIn('/api/users/ada/x'), 'ada')
  t.equal(valueIn('/api/users/ada'), 'ada')
  t.equal(valueIn('/api/users/ada/?user_id=bob'), 'ada')
  t.equal(valueIn('/api/users/caf%C3%A9'), 'café')
  t.equal(valueIn('/api/users/a%20b'), 'a b')
  t.equal(valueIn('/api/users/a+b'), 'a+b')
  t.equal(valueIn('/api/users/%2561da'), '%61da', 'never twice')
  t.equal(valueIn('/api/users/ada;v=1'), 'ada;v=1')
  t.equal(
    valueIn('/api/users/ada%2Fbob/x'),
    'ada',
    'an encoded slash separates, as it did for the match',
  )
})

t.test('a spelling that hides the value is none at all', async (t) => {
  for (const target of [
    '/api/users/%61da',
    '/api/users//ada',
    '/api/users/./ada',
    '/api/users/x/../ada',
  ]) {
    t.equal(valueIn(target), 'path_not_canonical', target)
  }
})

t.test('the place is that of the name, and what is not there has no value', async (t) => {
  t.equal(valueIn('/ada/bob', '/{group}/{user_id}'), 'bob')
  t.equal(valueIn('/ada/bob', '/{user_id}/{group}'), 'ada')
  t.equal(valueIn('/ada', '/{group}/{user_id}'), null)
  t.equal(valueIn('/ada', '/{user}'), null)
})
