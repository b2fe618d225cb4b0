import { button, make, one } from '../elements.js'

/** The one dialog. It is a real one: the page behind it is inert, Escape closes it, and the focus goes back to where it was. */

const dialog = /** @type {HTMLDialogElement} */ (one('dialog'))
/** @type {HTMLElement | null} */
let opener = null

dialog.addEventListener('close', () => {
  dialog.replaceChildren()
  const key = opener?.dataset.key
  // What was clicked may have been drawn anew meanwhile.
  const same =
    key === undefined ? opener : document.querySelector(`[data-key="${CSS.escape(key)}"]`)
  if (same instanceof HTMLElement && same.isConnected) same.focus()
})
dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close()
})

/**
 * @param {string} title
 * @param {...(Node | string | null)} content
 */
export function openDialog(title, ...content) {
  opener = document.activeElement instanceof HTMLElement ? document.activeElement : null
  const heading = make('h2', { id: 'dialog-title' }, title)
  dialog.replaceChildren(make('div', { class: 'inside' }, heading, ...content))
  if (!dialog.open) dialog.showModal()
}

/**
 * A dialog that does something. `act` says what went wrong, or null: then it closes.
 * @param {string} title
 * @param {{ readonly label: string, readonly kind: string, readonly act: () => Promise<string | null> }} action
 * @param {...(Node | string | null)} content
 */
export function openForm(title, { label, kind, act }, ...content) {
  opener = document.activeElement instanceof HTMLElement ? document.activeElement : null
  const wrong = make('p', { class: 'wrong', role: 'alert' })
  const submit = make('button', { type: 'submit', class: `button ${kind}` }, label)
  const cancel = button('Cancel', 'quiet', closeDialog)
  const form = make(
    'form',
    { novalidate: '' },
    make('h2', { id: 'dialog-title' }, title),
    ...content,
    wrong,
    make('div', { class: 'buttons' }, cancel, submit),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    wrong.textContent = ''
    submit.disabled = true
    void act().then((problem) => {
      submit.disabled = false
      if (problem === null) closeDialog()
      else wrong.textContent = problem
    })
  })
  dialog.replaceChildren(form)
  if (!dialog.open) dialog.showModal()
  const field = form.querySelector('input')
  // Nobody ends anything by pressing Enter once too often.
  ;(field ?? cancel).focus()
}

export function closeDialog() {
  dialog.close()
}

/**
 * @param {string} label
 * @param {Readonly<Record<string, string>>} attributes
 * @returns {{ readonly element: HTMLElement, readonly input: HTMLInputElement }}
 */
export function field(label, attributes) {
  const input = make('input', { autocomplete: 'off', spellcheck: 'false', ...attributes })
  return { element: make('label', { class: 'field' }, label, input), input }
}

/** @param {readonly [string, Node | string][]} facts */
export function pairs(facts) {
  return make(
    'dl',
    { class: 'pair' },
    ...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  )
}
