import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { mailModule } from '../../pages/mail.ts'
import { alertOf, visit, type Visit } from '../visit.ts'

const chromium = await launchChromium(t)
const module = mailModule({ twoFactor: '{ otpOptions: { sendOTP } }' })

/** What a screen reader finds in each view, besides its heading: fields, then what can be done. */
const views = {
  'sign-in': {
    heading: 'Sign in',
    fields: ['E-mail', 'Password', 'Keep me signed in'],
    doings: [
      'Show password',
      'Sign in',
      'Continue with GitHub',
      'Forgot password?',
      'Create an account',
    ],
  },
  'sign-up': {
    heading: 'Create your account',
    fields: ['Name', 'E-mail', 'Password'],
    doings: ['Show password', 'Create account', 'Continue with GitHub', 'Sign in'],
  },
  forgot: {
    heading: 'Forgot your password?',
    fields: ['E-mail'],
    doings: ['Send the link', 'Back to signing in'],
  },
  verify: {
    heading: 'Confirm your e-mail address',
    fields: ['E-mail'],
    doings: ['Send the message again', 'Back to signing in'],
  },
  totp: {
    heading: 'Enter your code',
    fields: ['Code', 'Trust this device for 30 days'],
    doings: ['Continue', 'Send me a code', 'Use a backup code', 'Back to signing in'],
  },
  otp: {
    heading: 'Enter your code',
    fields: ['Code', 'Trust this device for 30 days'],
    doings: [
      'Continue',
      'Send me a new code',
      'Use your authenticator app',
      'Use a backup code',
      'Back to signing in',
    ],
  },
  backup: {
    heading: 'Use a backup code',
    fields: ['Backup code', 'Trust this device for 30 days'],
    doings: ['Continue', 'Send me a code', 'Use your authenticator app', 'Back to signing in'],
  },
} as const

async function open({ page, site }: Visit, view: string): Promise<void> {
  await page.goto(`${site.origin}/_gateway/login?view=${view}`)
  await page.waitForLoadState('networkidle')
}

/**
 * WCAG 2.2 in the browser: of everything that is written, and of every box that is filled in, what is too faint, with its contrast.
 * Grounds are the nearest colour behind that is not transparent.
 */
const faint = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (colour, below = [255, 255, 255]) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
    return [r, g, b].map((part, index) => (part * a + below[index] * (255 - a)) / 255)
  }
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const groundOf = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const { backgroundColor } = getComputedStyle(each)
      if (!/, 0\\)$|transparent/.test(backgroundColor)) return rgb(backgroundColor)
    }
    return [255, 255, 255]
  }
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }
  const found = []
  let looked = 0
  const judge = (what, ratio, least) => {
    looked += 1
    if (ratio < least) found.push(what + ' ' + ratio.toFixed(2))
  }
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue
    const style = getComputedStyle(element)
    const ground = groundOf(element)
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('')
    if (text !== '') judge(text, contrast(rgb(style.color, ground), ground), 4.5)
    if (element.matches('.input, .provider')) {
      const outside = groundOf(element.parentElement)
      judge(element.id || text, contrast(rgb(style.borderTopColor, outside), outside), 3)
    }
  }
  return { found, looked }
})()`

if (chromium !== null) {
  t.test('every view has a heading, and everything in it a name', async (t) => {
    const person = await visit(t, chromium, '', { module })
    const { page } = person
    for (const [view, { heading, fields, doings }] of Object.entries(views)) {
      await open(person, view)
      t.equal(await page.getByRole('heading').count(), 1)
      t.ok(await page.getByRole('heading', { name: heading, exact: true, level: 1 }).isVisible())
      t.ok(await page.getByRole('main').isVisible())
      t.ok(await page.getByRole('form', { name: heading, exact: true }).isVisible(), view)
      const shown = await page.evaluate(`[...document.querySelectorAll('input')]
        .filter((input) => input.checkVisibility()).map((input) => input.labels[0]?.textContent)`)
      t.same(shown, fields, `${view}: fields`)
      for (const name of doings) {
        const found = page
          .getByRole('button', { name, exact: true })
          .or(page.getByRole('link', { name, exact: true }))
        t.equal(await found.count(), 1, `${view}: ${name}`)
      }
      const there = await page.getByRole('button').or(page.getByRole('link')).count()
      t.equal(there, doings.length, `${view}: nothing else can be done`)
    }
  })

  t.test('what went wrong is announced, and belongs to the field that has to change', async (t) => {
    const { page } = await visit(t, chromium)
    await page.route('**/sign-in/email', (route) =>
      route.fulfill({ status: 401, json: { code: 'INVALID_EMAIL_OR_PASSWORD' } }),
    )
    await page.getByRole('textbox', { name: 'E-mail' }).fill('ada@example.com')
    await page.locator('#in-password').fill('wrong')
    await page.keyboard.press('Enter')
    const words = await alertOf(page)
    t.equal(await page.getByRole('alert').textContent(), words)
    const described = await page.evaluate(
      "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent",
    )
    t.equal(described, words)
  })

  t.test('the keyboard alone leads through a second factor, and back', async (t) => {
    const person = await visit(t, chromium, '', { module })
    const { page } = person
    await open(person, 'totp')
    const focused = async () =>
      String(await page.evaluate('document.activeElement.id || document.activeElement.textContent'))
    const stops = [await focused()]
    for (let stop = 0; stop < 5; stop += 1) {
      await page.keyboard.press('Tab')
      stops.push(await focused())
      const outline = 'getComputedStyle(document.activeElement).outlineWidth'
      t.equal(
        await page.evaluate(outline),
        '3px',
        `it shows that it has the focus: ${stops.at(-1)}`,
      )
    }
    t.same(stops, [
      'totp-code',
      'totp-trust',
      'Continue',
      'Send me a code',
      'Use a backup code',
      'Back to signing in',
    ])
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    t.equal(await page.getByRole('heading').textContent(), 'Use a backup code')
    t.equal(await focused(), 'backup-code')
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    t.test(`everything can be read and seen, ${colorScheme} (WCAG AA)`, async (t) => {
      const person = await visit(t, chromium, '', { module }, { colorScheme })
      const { page, site } = person
      const judge = async (what: string) => {
        const seen = await page.evaluate<{ found: string[]; looked: number }>(faint)
        t.same(seen.found, [], what)
        t.ok(seen.looked > 4, `${what}: there was something to look at`)
      }
      for (const view of Object.keys(views)) {
        await open(person, view)
        await judge(view)
      }
      await page.goto(`${site.origin}/_gateway/login?error=x`)
      await judge('an error')
      await page.goto(`${site.origin}/_gateway/login?reauth=1`)
      await judge('a notice')
      await page.goto(`${site.origin}/away`)
      await judge('a refusal')
    })
  }

  t.test(
    'a small screen, and text twice as large, show everything without scrolling sideways',
    async (t) => {
      const viewport = { width: 320, height: 640 }
      const person = await visit(
        t,
        chromium,
        '',
        { module, yaml: 'pages: { name: Überseehandelsgesellschaft }' },
        { viewport },
      )
      const { page } = person
      for (const view of Object.keys(views)) {
        await open(person, view)
        for (const size of ['100%', '200%']) {
          await page.evaluate(`document.documentElement.style.fontSize = '${size}'`)
          const wide = await page.evaluate('document.documentElement.scrollWidth')
          t.ok(Number(wide) <= 320, `${view} at ${size}: ${String(wide)}`)
        }
      }
    },
  )
}
