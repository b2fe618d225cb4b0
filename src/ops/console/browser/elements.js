/** Elements are made one by one, and what is said is set as text: the page makes no markup. */

const svgSpace = 'http://www.w3.org/2000/svg'

/**
 * The one element with an id; its absence is a bug.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function one(id) {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}

/**
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Readonly<Record<string, string>>} [attributes] `class`, `type`, `data-…`: names that we choose
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children.filter((child) => child !== null))
  return element
}

/**
 * @param {string} name
 * @param {Readonly<Record<string, string | number>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(svgSpace, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  element.append(...children)
  return element
}

/**
 * @param {string} label
 * @param {string} kind classes
 * @param {() => void} act
 * @param {Readonly<Record<string, string>>} [attributes]
 * @returns {HTMLButtonElement}
 */
export function button(label, kind, act, attributes = {}) {
  const element = make('button', { type: 'button', class: kind, ...attributes }, label)
  element.addEventListener('click', act)
  return element
}

/**
 * @param {string} text
 * @param {'' | 'good' | 'warn' | 'bad'} [tone]
 * @returns {HTMLElement}
 */
export function chip(text, tone = '') {
  return make('span', { class: `chip ${tone}` }, text)
}

/**
 * Replaces what an element holds; whoever has the focus on something with a `data-key` keeps it.
 * @param {HTMLElement} host
 * @param {...(Node | string)} children
 */
export function fill(host, ...children) {
  const active = document.activeElement
  const key =
    active instanceof HTMLElement && host.contains(active) ? active.dataset.key : undefined
  host.replaceChildren(...children)
  if (key === undefined) return
  const same = [...host.querySelectorAll('[data-key]')].find(
    (element) => element instanceof HTMLElement && element.dataset.key === key,
  )
  if (same instanceof HTMLElement) same.focus()
}

/**
 * A table that scrolls by itself where the page is narrow.
 * @param {string} label
 * @param {readonly (string | { readonly text: string, readonly kind: string })[]} heads
 * @param {readonly HTMLTableRowElement[]} rows
 * @returns {HTMLElement}
 */
export function table(label, heads, rows) {
  const cells = heads.map((head) => {
    const { text, kind } = typeof head === 'string' ? { text: head, kind: '' } : head
    const hidden = make('span', { class: 'unseen' }, 'Actions')
    const th = { scope: 'col', class: kind, role: 'columnheader' }
    return make('th', th, text === '' ? hidden : text)
  })
  // On a phone the style makes something else of them, and they stay what they are.
  for (const row of rows) row.setAttribute('role', 'row')
  const head = make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, ...cells))
  const body = make('tbody', { role: 'rowgroup' }, ...rows)
  const whole = make('table', { role: 'table' }, head, body)
  return make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, whole)
}

/**
 * @param {string} kind
 * @param {...(Node | string | null)} children
 */
export function cell(kind, ...children) {
  return make('td', { class: kind, role: 'cell' }, ...children)
}

/**
 * Says something to those who do not see it change.
 * @param {string} text
 */
export function announce(text) {
  one('announce').textContent = text
}
