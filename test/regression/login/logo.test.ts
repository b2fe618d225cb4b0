// A logo is whatever somebody has drawn or downloaded: an SVG may hold scripts, and is a document for whoever opens its address.
import t from 'tap'
import { launchChromium } from '../../helper/chromium.ts'
import { visit } from '../../browser/visit.ts'

const hostile = `<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40" width="80" height="40" onload="top.ran = 1">
<style>rect { fill: #d9480f }</style>
<script>parent.ran = 1; document.documentElement.setAttribute('data-ran', '1'); fetch('/todos')</script>
<rect width="80" height="40"/>
<foreignObject width="1" height="1"><iframe xmlns="http://www.w3.org/1999/xhtml" src="/todos"/></foreignObject>
<image href="/tracked.png" width="1" height="1"/>
<a href="javascript:fetch('/todos')"><rect width="80" height="40" fill-opacity="0"/></a>
</svg>`

const chromium = await launchChromium(t)

if (chromium !== null) {
  t.test('an SVG with scripts is a picture on the page, and nothing anywhere else', async (t) => {
    const { page, context, site, complaints } = await visit(t, chromium, '', {
      yaml: 'pages: { name: Acme, logo: ./logo.svg }',
      files: { 'logo.svg': hostile },
    })
    const loaded: string[] = []
    context.on('requestfinished', (request) => loaded.push(request.url()))
    const logo = page.locator('img.logo')
    await logo.waitFor()
    const width = `document.querySelector('img.logo').naturalWidth`
    t.equal(await page.evaluate(width), 80, 'it is shown')
    const path = (await logo.getAttribute('src')) ?? ''
    t.equal(await page.evaluate('window.ran'), undefined)
    t.same(complaints, [])
    const answer = await page.goto(site.origin + path)
    t.equal(answer?.status(), 200)
    t.match(await answer?.allHeaders(), {
      'content-type': 'image/svg+xml',
      'x-content-type-options': 'nosniff',
      'content-security-policy': /^default-src 'none'; .*sandbox$/,
      'cross-origin-resource-policy': 'same-origin',
    })
    const root = 'document.documentElement'
    t.equal(await page.evaluate(`${root}.getAttribute('data-ran')`), null, 'opened by itself')
    const colour = `getComputedStyle(document.querySelector('rect')).fill`
    t.equal(await page.evaluate(colour), 'rgb(217, 72, 15)', 'its own styles are kept')
    await page.locator('rect').last().click()
    t.notMatch(loaded.join(' '), /todos|tracked/, 'nothing else was loaded')
    t.ok(loaded.includes(site.origin + path), 'the test sees what is loaded')
  })
}
