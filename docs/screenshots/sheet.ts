import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

/** One state of a site, as it is come to. */
export interface Shot {
  /** Of the file, without `.png`. */
  readonly name: string
  /** Brings a new page to that state. */
  readonly visit: (page: Page) => Promise<void>
  /** Of its browser, where the visit needs a session: cookies and the like, as Playwright's `storageState` gives them. */
  readonly state?: Awaited<ReturnType<Awaited<ReturnType<Browser['newContext']>>['storageState']>>
}

const devices = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const
const schemes = ['light', 'dark'] as const

/** How high a picture is on a sheet, CSS pixels. */
const rowHeight = 520

/** A browser for pictures: `$CHROMIUM`, or Debian's. */
export function openBrowser(): Promise<Browser> {
  const given = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  if (!existsSync(given)) throw new Error('no Chromium: set CHROMIUM or install it')
  return chromium.launch({
    executablePath: given,
    args: ['--disable-gpu', '--hide-scrollbars'],
    chromiumSandbox: false,
  })
}

/**
 * The state at desktop and phone width, light and dark, on one sheet; PNG.
 * @param scale pixels of the sheet for each of CSS
 */
export async function takeSheet(browser: Browser, shot: Shot, scale = 1.25): Promise<Buffer> {
  const rows: string[] = []
  for (const scheme of schemes) {
    const pictures: string[] = []
    for (const device of ['desktop', 'phone'] as const) {
      pictures.push((await takeShot(browser, shot, device, scheme)).toString('base64'))
    }
    const images = pictures.map((each) => `<img src="data:image/png;base64,${each}" alt="">`)
    rows.push(`<div>${images.join('')}</div>`)
  }
  return print(browser, rows.join(''), scale)
}

async function takeShot(
  browser: Browser,
  { visit, state }: Shot,
  device: keyof typeof devices,
  colorScheme: (typeof schemes)[number],
): Promise<Buffer> {
  const context = await browser.newContext({
    viewport: devices[device],
    colorScheme,
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
    ...(state === undefined ? {} : { storageState: state }),
  })
  const page = await context.newPage()
  await visit(page)
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  await context.close()
  return picture
}

const style = `body { margin: 0; padding: 20px; background: #8b9794; display: inline-grid; gap: 20px }
div { display: flex; gap: 20px }
img { height: ${rowHeight}px; border-radius: 8px; display: block }`

async function print(browser: Browser, body: string, scale: number): Promise<Buffer> {
  const page = await browser.newPage({ deviceScaleFactor: scale })
  await page.setContent(`<style>${style}</style>${body}`)
  const picture = await page.locator('body').screenshot()
  await page.close()
  return picture
}
