import t from 'tap'
import type { AccessMode, GatewayConfig } from '../../src/config/types.ts'
import { judgeLoginPage } from '../../src/routing/login-page.ts'

function judge(loginPage: string, ...routes: readonly (readonly [string, AccessMode])[]) {
  return judgeLoginPage({
    server: { publicUrl: 'http://app.test' },
    auth: { path: '/api/auth', loginPage },
    routes: routes.map(([path, mode]) => ({
      name: path,
      match: { paths: [path], methods: null, allow: [], hosts: null },
      auth: { mode, forwardAuthorization: false },
    })),
  } as unknown as GatewayConfig)
}

t.test('a login page that needs a login would send browsers around in a circle', async (t) => {
  t.match(judge('/login', ['/*', 'required']), /served by route "\/\*", which has auth: required/)
  t.match(judge('/login', ['/*', 'none'], ['/login', 'optional']), /auth: optional/)
  t.equal(judge('/login', ['/*', 'required'], ['/login', 'none']), null)
  t.equal(judge('/app/login?from=gateway', ['/app/*', 'none']), null)
})

t.test('a login page must be there', async (t) => {
  t.match(judge('/login', ['/api/*', 'none']), /no route serves the login page/)
  t.match(judge('/a/../login', ['/*', 'none']), /no route serves the login page/)
  t.match(judge('/_gateway/signin', ['/*', 'none']), /no route serves the login page/)
})

t.test('our own page, and one on another origin, need no route', async (t) => {
  t.equal(judge('/_gateway/login'), null)
  t.equal(judge('https://id.example.com/login', ['/*', 'required']), null)
})
