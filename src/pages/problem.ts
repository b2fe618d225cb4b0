import { escapeHtml, renderDocument } from './html.ts'
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

/** The `Content-Security-Policy` of every refusal page: one stylesheet by its hash and nothing else. */
export const problemPageCsp = [
  "default-src 'none'",
  `style-src '${baseStyleHash}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The HTML page of a refused navigation, to be sent with the status of the problem and `problemPageCsp`. Every value is
 * escaped; there is no script. Pure; says nothing that the problem does not say.
 */
export function renderProblemPage(problem: ProblemPageContent): string {
  const retry = problem.action === 'retry' ? '<a class="button" href="">Try again</a>\n' : ''
  return renderDocument({
    title: `${problem.title} (${problem.status})`,
    styles: [baseStyle],
    body: `<main class="card">
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
