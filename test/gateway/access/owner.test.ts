import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { bearerOf } from '../../session/calls.ts'
import { outcome, startAccess } from './people.ts'

const routes = `
  - { match: { path: ["/users/{user_id}/*", "/v2/{group}/{user_id}"] }, upstream: api, auth: { owner: user_id } }
  - { match: { path: "/users/{id}/photo", methods: [GET] }, upstream: api, auth: { owner: id } }
  - { match: { path: "/users/{user_id}/photo", methods: [POST] }, upstream: api, auth: { owner: user_id } }
  - { match: { path: "/loose/{user_id}/*", allow: ["%2F", "%25", ";"] }, upstream: api, auth: { owner: user_id } }
  - { match: { path: "/app/users/{user_id}/*" }, upstream: api, rewrite: { stripPrefix: /app }, auth: { owner: user_id } }`

t.test('everybody has what is theirs, and nobody else', async (t) => {
  const { gateway, backend } = await startAccess(t, routes)
  const ada = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  const authorization = await bearerOf(gateway, ada.cookie)
  const script = `Bearer ${mint(goodClaims({ sub: 'script-7' }))}`
  for (const path of [
    `/users/${ada.id}`,
    `/users/${ada.id}/`,
    `/users/${ada.id}/todos/1?user_id=${bob.id}`,
    `/v2/${bob.id}/${ada.id}`,
    `/users/${ada.id}/photo`,
    `/loose/${ada.id}/x`,
    `/app/users/${ada.id}/x`,
  ]) {
    t.equal(await outcome(gateway, path, { cookie: ada.cookie }), 200, path)
    t.equal(await outcome(gateway, path, { authorization }), 200, path)
    t.equal(await outcome(gateway, path, { cookie: bob.cookie }), 'not_owner', path)
    t.equal(await outcome(gateway, path, { authorization: script }), 'not_owner', path)
  }
  t.equal(backend.seen.length, 14)
  t.equal(await outcome(gateway, '/users/script-7/x', { authorization: script }), 200)
  const post = await gateway.request(`/users/${ada.id}/photo`, {
    method: 'POST',
    headers: { cookie: ada.cookie, origin: 'http://app.test' },
  })
  t.equal(post.status, 200, 'another name of the parameter at the same place')
  t.equal((await gateway.request(`/users/${ada.id}/x`)).json()['code'], 'credential_missing')
})

t.test('no spelling of a path makes somebody the owner of what is another’s', async (t) => {
  const { gateway, backend } = await startAccess(t, routes)
  const ada = await signUp(gateway)
  const { id: bob } = await signUp(gateway, 'bob@example.com')
  const first = `%${ada.id.charCodeAt(0).toString(16)}`
  const paths = [
    `/users/${bob}/../${ada.id}/x`,
    `/users/${bob}/%2e%2e/${ada.id}/x`,
    `/users/${bob}%2F..%2F${ada.id}/x`,
    `/users/${bob}%2f${ada.id}/x`,
    `/users//${ada.id}/x`,
    `/users/${first}${ada.id.slice(1)}/x`,
    `/users/${ada.id};${bob}/x`,
    `/users/${ada.id}%00/x`,
    `/users/${ada.id}%20/x`,
    `/users/%20${ada.id}/x`,
    `/users/${ada.id}%0a/x`,
    `/users/${ada.id}\\..\\${bob}/x`,
    `/users/${ada.id}.json/x`,
    `/users/${ada.id.toUpperCase()}A/x`,
    `/users/%7B${ada.id}%7D/x`,
    `/users/urn:uuid:${ada.id}/x`,
    `/users/${ada.id.replaceAll('-', '')}/x`,
    `/users/${bob}/x?user_id=${ada.id}`,
    `/users/${bob}/${ada.id}`,
    `/users/${bob}/photo`,
    `/v2/${ada.id}/${bob}`,
    `/loose/${bob}%2F${ada.id}/x`,
    `/loose/${bob}/%2F${ada.id}`,
    `/loose/%2F${ada.id}/x`,
    `/loose/${ada.id}%252F..%252F${bob}/x`,
    `/loose/${first.replace('%', '%25')}${ada.id.slice(1)}/x`,
    `/loose/${ada.id};/x`,
    `/loose/${ada.id};x=${bob}/x`,
    `/loose/${bob};x=${ada.id}/x`,
    `/app%2Fusers/${ada.id}/x`,
    `/app/users/${bob}/x`,
    `/app/users/${bob}%2F${ada.id}`,
  ]
  for (const path of paths) {
    const reply = await gateway.request(path, { headers: { cookie: ada.cookie } })
    const { code } = reply.json()
    t.ok(['not_owner', 'path_not_canonical', 'route_not_found'].includes(String(code)), path)
  }
  t.equal(backend.seen.length, 0)
})

t.test(
  'where an encoded slash separates, the owner is who FastAPI reads out of the path',
  async (t) => {
    const { gateway, backend } = await startAccess(t, routes)
    const ada = await signUp(gateway)
    const path = `/loose/${ada.id}%2Fnotes`
    t.equal(await outcome(gateway, path, { cookie: ada.cookie }), 200)
    t.equal(backend.seen[0]!.url, path, 'byte for byte')
  },
)
