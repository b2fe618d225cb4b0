/** What only the sign-in page needs. */
export const loginStyle = `
.field { margin-bottom: 1rem; }
.login .lead { margin: .55rem 0 1.4rem; }
.login section > form:first-child, .needs-script > .providers:first-child { margin-top: 1.3rem; }
.message:not(:empty) ~ section > form:first-child { margin-top: 0; }
.password { position: relative; }
.password .input { padding-right: 4.2rem; }
label { font-weight: 600; font-size: .92rem; }
.input {
  display: block; width: 100%; min-height: 2.9rem; margin-top: .35rem; padding: .6rem .85rem;
  border: 1px solid var(--line); border-color: color-mix(in srgb, var(--soft) 80%, var(--card));
  border-radius: 10px; background: var(--field); color: var(--ink); font: inherit;
}
.input:focus { outline: 3px solid color-mix(in srgb, var(--accent) 35%, transparent); outline-offset: 0; border-color: var(--accent); }
.input[aria-invalid="true"] { border-color: var(--error); }
.input[aria-invalid="true"]:focus { outline-color: color-mix(in srgb, var(--error) 35%, transparent); }
.hint { margin-top: .35rem; color: var(--soft); font-size: .85rem; }
.input.code { font-size: 1.3rem; font-variant-numeric: tabular-nums; letter-spacing: .14em; }
.row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 1rem; margin: 0 0 1.15rem; }
.row .check { margin: 0; }
.aside { font-size: .92rem; }
.check { display: flex; align-items: center; gap: .6rem; margin: 0 0 1.15rem; min-height: 1.75rem; }
.check label { font-weight: 450; font-size: .95rem; }
.check input { width: 1.15rem; height: 1.15rem; margin: 0; accent-color: var(--accent); }
.wide { width: 100%; }
.link { padding: 0; border: 0; background: none; font: inherit; font-weight: 600; cursor: pointer; border-radius: 4px; }
.link.reveal { position: absolute; right: .45rem; top: 2.19rem; padding: .35rem .4rem; font-size: .85rem; text-decoration: none; }
.link.reveal[aria-pressed="true"] { text-decoration: line-through; }
.message:empty { display: none; }
.message {
  margin: 1rem 0; padding: .65rem .9rem; border-radius: 10px; border-left: 4px solid currentColor;
  background: var(--error-paper); color: var(--error); font-size: .95rem; overflow-wrap: anywhere;
}
.message.notice { background: var(--notice-paper); color: var(--notice); }
.message a { color: inherit; }
.switch { margin-top: 1.25rem; text-align: center; color: var(--soft); font-size: .95rem; }
.ways { display: grid; gap: .3rem; margin: 1.3rem 0 0; padding: 0; list-style: none; justify-items: center; font-size: .95rem; }
.ways li { padding: .15rem 0; }
.ways + .switch { margin-top: .45rem; }
@media (scripting: none) { .needs-script { display: none; } }
.providers { display: grid; gap: .65rem; }
.provider { background: var(--field); color: var(--ink); border-color: color-mix(in srgb, var(--soft) 80%, var(--card)); }
.provider:hover { background: var(--paper); color: var(--ink); }
.or { display: flex; align-items: center; gap: .9rem; margin: 1.15rem 0; color: var(--soft); font-size: .85rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
[aria-busy="true"] .submit::before {
  content: ""; width: 1rem; height: 1rem; border: 2px solid currentColor; border-right-color: transparent;
  border-radius: 50%; animation: turn .8s linear infinite;
}
@keyframes turn { to { rotate: 1turn; } }
@media (prefers-reduced-motion: reduce) { [aria-busy="true"] .submit::before { animation: none; } }
`
