/** What the page is made of: chips, buttons, charts, tables, the dialog. */
export const parts = `
code, .mono { font: .92em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.chip {
  display: inline-flex; align-items: center; gap: .4rem; padding: .12rem .6rem; border-radius: 99px; font-size: .8rem; font-weight: 550;
  background: var(--glow); color: var(--ink); white-space: nowrap;
}
.chip.good { background: var(--good-paper); color: var(--good); }
.chip.warn { background: var(--warn-paper); color: var(--warn); }
.chip.bad { background: var(--danger-paper); color: var(--danger); }
.link-state { display: inline-flex; align-items: center; gap: .45rem; font-size: .85rem; color: var(--soft); white-space: nowrap; }
.link-state::before { content: ""; width: .55rem; height: .55rem; border-radius: 50%; background: var(--left); }
.link-state.up::before { background: var(--ok); box-shadow: 0 0 0 3px color-mix(in srgb, var(--ok) 25%, transparent); }
.link-state.down::before { background: var(--server); }
button, select, input { font: inherit; color: inherit; }
.button, .quiet {
  display: inline-flex; align-items: center; justify-content: center; gap: .4rem; min-height: 2.1rem; padding: .3rem .85rem;
  border: 1px solid transparent; border-radius: 8px; font-weight: 600; font-size: .88rem; cursor: pointer; white-space: nowrap;
}
.button { background: var(--accent); color: var(--on-accent); }
.button:hover { background: var(--accent-strong); }
.button.danger { background: var(--danger); color: var(--on-danger); }
.button.danger:hover { background: var(--danger-strong); }
.quiet { background: var(--field); border-color: color-mix(in srgb, var(--soft) 45%, var(--card)); color: var(--ink); }
.quiet:hover { background: var(--glow); }
.quiet[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); border-color: transparent; }
.quiet.danger { color: var(--danger); }
.button:disabled, .quiet:disabled { opacity: .6; cursor: default; }
.segments { display: inline-flex; }
.segments .quiet { border-radius: 0; min-height: 1.9rem; font-size: .82rem; }
.segments .quiet:first-child { border-radius: 8px 0 0 8px; }
.segments .quiet:last-child { border-radius: 0 8px 8px 0; margin-left: -1px; }
input, select {
  min-height: 2.1rem; padding: .25rem .6rem; background: var(--field); border-radius: 8px;
  border: 1px solid color-mix(in srgb, var(--soft) 80%, var(--card)); min-width: 0;
}
.chart h3 { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; }
.chart h3 small { color: var(--soft); font-weight: 450; }
.chart .plot { position: relative; margin-top: .5rem; border-radius: 6px; }
.chart svg { display: block; width: 100%; height: 190px; overflow: visible; }
.chart .grid-line { stroke: var(--grid); stroke-width: 1; }
.chart .axis-line { stroke: var(--line); stroke-width: 1; }
.chart text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
.chart .cursor { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 3 3; opacity: .55; }
.chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.chart .none { fill: var(--soft); font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem .25rem; margin-top: .35rem; }
.legend button {
  display: inline-flex; align-items: center; gap: .4rem; padding: .1rem .45rem; border: 0; border-radius: 6px; background: none;
  font-size: .8rem; color: var(--ink); cursor: pointer; min-height: 1.6rem;
}
.legend button:hover { background: var(--glow); }
.legend button[aria-pressed="false"] { color: var(--soft); text-decoration: line-through; }
.legend button[aria-pressed="false"] i { opacity: .3; }
.legend i, .tip i { width: .7rem; height: .7rem; border-radius: 3px; flex: none; background: currentColor; }
.tip {
  position: absolute; z-index: 3; top: 0; min-width: 9.5rem; max-width: 16rem; padding: .5rem .65rem; pointer-events: none; border-radius: 8px;
  background: var(--card); border: 1px solid var(--line); box-shadow: 0 6px 24px -8px #0005; font-size: .8rem;
}
.tip p { color: var(--soft); margin-bottom: .2rem; font-variant-numeric: tabular-nums; }
.tip div { display: flex; align-items: center; gap: .45rem; }
.tip b { margin-left: auto; padding-left: .9rem; font-variant-numeric: tabular-nums; font-weight: 600; }
${[
  'ok',
  'client',
  'server',
  'refused',
  'left',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'rest',
  'low',
  'mid',
  'high',
]
  .map(
    (name) =>
      `.c-${name} { color: var(--${name}); fill: var(--${name}); stroke: none; } .line.c-${name} { stroke: var(--${name}); fill: none; }`,
  )
  .join('\n')}
.scroll { overflow-x: auto; margin: 0 -1.25rem; padding: 0 1.25rem; }
.scroll:focus-visible { outline-offset: -3px; }
table { width: 100%; border-collapse: collapse; font-size: .86rem; }
th { text-align: left; font-weight: 550; color: var(--soft); font-size: .8rem; padding: .3rem .9rem .35rem 0; white-space: nowrap; }
td { padding: .42rem .9rem .42rem 0; border-top: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
#refusals td:empty::before { content: '–'; color: var(--soft); }
td.tight { white-space: nowrap; }
td.path { min-width: 12rem; overflow-wrap: anywhere; }
tr.group td { background: var(--field); }
tr.group td:first-child { border-radius: 8px 0 0 8px; padding-left: .6rem; }
tr.group td:last-child { border-radius: 0 8px 8px 0; padding-right: .6rem; }
tr.member td:first-child { padding-left: 1.4rem; }
.end { text-align: right; }
.end .quiet { min-height: 1.7rem; padding: .1rem .6rem; font-size: .8rem; }
.open { background: none; border: 0; padding: 0; font: inherit; color: var(--accent); font-weight: 600; cursor: pointer; text-align: left; border-radius: 4px; text-decoration: underline; text-underline-offset: .2em; text-decoration-thickness: 1px; }
.open:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
.share { display: block; height: .35rem; width: 100%; min-width: 4rem; max-width: 12rem; margin-top: .5rem; border-radius: 4px; background: var(--grid); overflow: hidden; }
.share rect { fill: var(--accent); }
.upstream + .upstream { margin-top: .9rem; padding-top: .9rem; border-top: 1px solid var(--line); }
.upstream > .bar { margin-bottom: .35rem; }
.targets li { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center; padding: .2rem 0; font-size: .86rem; }
.targets li > :last-child { margin-left: auto; }
.empty { color: var(--soft); padding: .5rem 0; }
.pair { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .3rem .8rem; font-size: .9rem; }
.pair dt { color: var(--soft); }
.pair dd { overflow-wrap: anywhere; }
pre { margin: .6rem 0 0; padding: .9rem 1rem; max-height: 28rem; overflow: auto; background: var(--field); border: 1px solid var(--line); border-radius: 10px; font: .8rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; tab-size: 2; }
details { margin-top: .8rem; }
summary { cursor: pointer; font-weight: 600; border-radius: 4px; }
.reason { white-space: pre-wrap; }
dialog {
  width: min(40rem, calc(100vw - 2rem)); max-height: calc(100dvh - 3rem); padding: 0; border: 1px solid var(--line); border-radius: 16px;
  background: var(--card); color: var(--ink); box-shadow: 0 24px 80px -16px #0008;
}
dialog::backdrop { background: #0a1211a0; }
dialog form, dialog .inside { display: grid; gap: 1rem; padding: 1.4rem 1.6rem 1.5rem; }
dialog h2 { font-size: 1.2rem; overflow-wrap: anywhere; }
dialog ul.what { display: grid; gap: .45rem; padding-left: 1.1rem; list-style: disc; }
dialog .field { display: grid; gap: .3rem; font-weight: 600; font-size: .9rem; }
dialog .field input { font-weight: 400; min-height: 2.5rem; width: 100%; }
dialog .buttons { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .6rem; }
dialog .buttons > * { min-height: 2.4rem; padding: .4rem 1.1rem; }
.wrong { color: var(--danger); font-weight: 550; }
.wrong:empty { display: none; }
.explained { display: grid; gap: .4rem; }
.explained li { padding: .55rem .75rem; background: var(--field); border-radius: 8px; font-size: .88rem; }
.explained li.chosen { background: var(--good-paper); }
@media (max-width: 40rem) {
  #live thead, #refusals thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  #live table, #refusals table, #live tbody, #refusals tbody { display: block; }
  #live tr, #refusals tr { display: flex; flex-wrap: wrap; align-items: center; gap: .15rem .8rem; padding: .5rem 0; border-top: 1px solid var(--line); }
  #live td, #refusals td { padding: 0; border: 0; }
  #live td:empty, #refusals td:empty { display: none; }
  #live tr.group { margin: .3rem 0 0; padding: .5rem .6rem; border: 0; border-radius: 8px; background: var(--field); }
  #live tr.group td { background: none; padding: 0; }
  #live tr.member { padding-left: .6rem; padding-right: .6rem; }
  #live tr.group td:first-child, #refusals td.path { flex: 1 0 100%; }
  #live td.end { margin-left: auto; }
  .chart svg { height: 165px; }
  .pair { grid-template-columns: minmax(0, 1fr); gap: 0 .8rem; }
  .pair dd { margin-bottom: .4rem; }
  .scroll { margin: 0 -.9rem; padding: 0 .9rem; }
  dialog form, dialog .inside { padding: 1.1rem 1.1rem 1.2rem; }
}
@media (prefers-reduced-motion: no-preference) { .button, .quiet { transition: background .12s; } }
`
