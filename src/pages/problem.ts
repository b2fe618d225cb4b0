import { imageSources, mark, type Brand } from './brand.ts'
import { escapeHtml } from './escape.ts'
import { renderDocument } from './html.ts'
import { baseStyle, baseStyleHash } from './style.ts'

/** What a refusal page shows; the problem body of the same refusal fits. */
export interface ProblemPageContent {
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly requestId: string
  /** With `retry` the page offers to load the same address again. */
  readonly action?: string
}

/** The `Content-Security-Policy` of a refusal page: one stylesheet by its hash, the logo, and nothing else. */
export function problemPageCsp(brand: Brand): string {
  return [
    "default-src 'none'",
    `style-src '${baseStyleHash}'`,
    `img-src ${imageSources(brand)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * The HTML page of a refused navigation, to be sent with the status of the problem and `problemPageCsp`. Every value is
 * escaped; there is no script. Pure; says nothing that the problem does not say.
 */
export function renderProblemPage(problem: ProblemPageContent, brand: Brand): string {
  const retry = problem.action === 'retry' ? '<a class="button" href="">Try again</a>\n' : ''
  const title = `${problem.title} (${problem.status})`
  // A logo says it by itself.
  const name =
    brand.name === null || brand.logo !== null
      ? ''
      : `<p class="name">${escapeHtml(brand.name)}</p>\n`
  return renderDocument({
    title: brand.name === null ? title : `${title} · ${brand.name}`,
    brand,
    styles: [baseStyle],
    body: `<main class="card">
<div class="brand">${mark(brand)}
${name}</div>
<p class="status">${problem.status}</p>
<h1>${escapeHtml(problem.title)}</h1>
<p class="lead">${escapeHtml(problem.detail)}</p>
<p class="actions">${retry}<a href="/">Go to the start page</a></p>
<dl class="facts">
<div><dt>Code</dt><dd><code>${escapeHtml(problem.code)}</code></dd></div>
<div><dt>Request</dt><dd><code>${escapeHtml(problem.requestId)}</code></dd></div>
</dl>
</main>`,
  })
}
