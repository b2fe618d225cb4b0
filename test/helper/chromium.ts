import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import type { Test } from 'tap'

// Nothing of the browser's own talks to anybody: what the tests see on the wire is what the page did.
const args = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * A headless Chromium that is closed with the test, or null where there is none: the test is then skipped aloud, or
 * fails when `CI=true`. Looks at `$CHROMIUM`, at Debian's place, then along `PATH`.
 * @param more arguments of its command line
 */
export async function launchChromium(
  t: Test,
  more: readonly string[] = [],
): Promise<Browser | null> {
  const executablePath = findChromium()
  if (executablePath === null) {
    const message = 'no Chromium: set CHROMIUM or install the package "chromium"'
    if (process.env['CI'] === 'true') t.fail(message)
    else t.pass(message, { skip: message })
    return null
  }
  const browser = await chromium.launch({
    executablePath,
    args: [...args, ...more],
    headless: true,
    chromiumSandbox: false,
  })
  t.teardown(() => browser.close())
  return browser
}

function findChromium(): string | null {
  const given = process.env['CHROMIUM']
  if (given !== undefined && given !== '') return given
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, 'chromium')).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
