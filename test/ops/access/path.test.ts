import t from 'tap'
import { toLoggedPath } from '../../../src/ops/access/path.ts'

const cases: [string, string][] = [
  ['/api/todos', '/api/todos'],
  ['/api/todos?token=secret', '/api/todos'],
  ['/api/todos#secret', '/api/todos'],
  ['/api/todos%3Fticket=secret', '/api/todos'],
  ['/api/todos%253fticket=secret', '/api/todos'],
  ['/api/caf%C3%A9?x', '/api/caf%C3%A9'],
  ['http://user:secret@host/path', ''],
  ['host:443', ''],
  ['*', ''],
  ['/api/auth', '/api/auth'],
  ['/api/auth/sign-in/email', '/api/auth/sign-in/email'],
  ['/api/auth/oauth2/callback/github', '/api/auth/oauth2/callback/github'],
  ['/api/auth/.well-known/openid-configuration', '/api/auth/.well-known/openid-configuration'],
  ['/api/auth/two-factor/verify-totp', '/api/auth/two-factor/verify-totp'],
  ['/api/auth/reset-password/zQ3nUa6BlT0wLx9C', '/api/auth/reset-password/[redacted]'],
  ['/api/auth/reset-password/wordlike', '/api/auth/reset-password/[redacted]'],
  ['/API/AUTH/reset-password/zQ3nUa6BlT0wLx9C', '/API/AUTH/reset-password/[redacted]'],
  ['/api/auth/reset-password/a/b', '/api/auth/reset-password/[redacted]/[redacted]'],
  ['/api/auth/some-plugin/123456', '/api/auth/some-plugin/[redacted]'],
  ['/api/auth/some-plugin/deadbeefdeadbeefdeadbeef', '/api/auth/some-plugin/[redacted]'],
  ['/api/auth/reset-password%2FzQ3nUa6BlT0wLx9C', '/api/auth/[redacted]'],
  ['/api/auth//x', '/api/auth//x'],
  ['/api/authors/zQ3nUa6BlT0wLx9C', '/api/authors/zQ3nUa6BlT0wLx9C'],
]

for (const [target, path] of cases) {
  t.equal(toLoggedPath(target, '/api/auth'), path, target)
}
t.equal(toLoggedPath(`/${'x'.repeat(5000)}`, '/api/auth').length, 1024, 'it has an end')
