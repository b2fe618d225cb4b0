import { escapeHtml } from '../escape.ts'

export interface Field {
  /** Also that of its value in the form that is sent. */
  readonly name: string
  /** Used once on the page. */
  readonly id: string
  readonly label: string
  readonly type: 'text' | 'email' | 'password'
  /** HTML's autofill name. */
  readonly autocomplete: string
  readonly value?: string
  readonly hint?: string
  readonly isNumeric?: boolean
  /** It has to change: it is marked, and gets the focus. */
  readonly isWrong: boolean
  /** It gets the focus when the page is shown. */
  readonly isFirst: boolean
}

/** A labelled field. A password can be shown by a button that only works with JavaScript. */
export function field(spec: Field): string {
  const { id, label, type, hint } = spec
  const below =
    hint === undefined ? '' : `\n<p class="hint" id="${id}-hint">${escapeHtml(hint)}</p>`
  const isPassword = type === 'password'
  const reveal = isPassword
    ? `\n<button class="link reveal needs-script" type="button" data-reveal="${id}" aria-pressed="false" aria-label="Show password">Show</button>`
    : ''
  return `<div class="field${isPassword ? ' password' : ''}">
<label for="${id}">${escapeHtml(label)}</label>
${input(spec)}${reveal}${below}
</div>`
}

function input(spec: Field): string {
  const { id, name, type, autocomplete, value, hint, isNumeric, isWrong, isFirst } = spec
  const described = hint === undefined ? 'message' : `${id}-hint message`
  const attributes = [
    `class="input${type === 'text' && isNumeric !== undefined ? ' code' : ''}"`,
    `id="${id}" name="${name}" type="${type}" autocomplete="${autocomplete}"`,
    // What is typed is not a word.
    ...(name === 'name' ? [] : ['autocapitalize="none" spellcheck="false"']),
    ...(isNumeric === true ? ['inputmode="numeric"'] : []),
    ...(value === undefined || value === '' ? [] : [`value="${escapeHtml(value)}"`]),
    `required aria-describedby="${described}"`,
    ...(isWrong ? ['aria-invalid="true"'] : []),
    ...(isWrong || isFirst ? ['autofocus'] : []),
  ]
  return `<input ${attributes.join(' ')}>`
}

/** A box that can be ticked. */
export function check(name: string, id: string, label: string, isTicked: boolean): string {
  return `<div class="check">
<input id="${id}" name="${name}" type="checkbox"${isTicked ? ' checked' : ''}>
<label for="${id}">${escapeHtml(label)}</label>
</div>`
}

export function button(label: string): string {
  return `<button class="button wide submit" type="submit">${escapeHtml(label)}</button>`
}
