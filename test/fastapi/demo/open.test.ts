import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { browserCommand, openBrowser, type Surroundings } from '../../../deploy/demo/browser.ts'
import { parseOptions } from '../../../deploy/demo/launch/options.ts'
import { until } from '../../browser/kit/site/tabs.ts'

const url = 'http://localhost:8080/?a=1&b=2'
const desk: Surroundings = { platform: 'linux', env: { DISPLAY: ':0' }, isTerminal: true }

t.test('a browser is opened for whoever sits at the screen', async (t) => {
  t.same(browserCommand(url, desk), ['xdg-open', url])
  t.same(browserCommand(url, { ...desk, env: { WAYLAND_DISPLAY: 'w' } }), ['xdg-open', url])
  t.same(browserCommand(url, { ...desk, platform: 'darwin', env: {} }), ['open', url])
  t.same(browserCommand(url, { ...desk, platform: 'win32', env: {} }), [
    ...['cmd', '/c', 'start', '""', 'http://localhost:8080/?a=1^&b=2'],
  ])
})

t.test('and for nobody else', async (t) => {
  const elsewhere: Readonly<Record<string, Partial<Surroundings>>> = {
    'no terminal': { isTerminal: false },
    'no screen': { env: {} },
    CI: { env: { DISPLAY: ':0', CI: 'true' } },
    SSH: { env: { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' } },
    'SSH, as a terminal says it': { env: { DISPLAY: ':0', SSH_TTY: '/dev/pts/1' } },
    'BROWSER=none': { env: { DISPLAY: ':0', BROWSER: 'none' } },
    'a Mac without a terminal': { platform: 'darwin', isTerminal: false },
  }
  for (const [what, changed] of Object.entries(elsewhere)) {
    t.equal(browserCommand(url, { ...desk, ...changed }), null, what)
  }
  t.match(parseOptions([]), { open: true })
  t.match(parseOptions(['--no-open']), { open: false })
})

t.test('a browser that is not there is no failure; one that is gets the address', async (t) => {
  const { PATH } = process.env
  t.teardown(() => {
    process.env['PATH'] = PATH
  })
  process.env['PATH'] = '/nonexistent'
  openBrowser(url, desk)
  const folder = t.testdir({ 'xdg-open': '#!/bin/sh\nprintf %s "$1" > "$0.asked"\n' })
  chmodSync(join(folder, 'xdg-open'), 0o755)
  process.env['PATH'] = `${folder}:${PATH ?? ''}`
  openBrowser(url, desk)
  const asked = join(folder, 'xdg-open.asked')
  await until('it was asked', () => existsSync(asked) && readFileSync(asked, 'utf8') === url)
  t.pass('it was')
})
