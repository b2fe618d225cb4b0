/** The page: what is where, on a desk and on a phone. */
export const layout = `
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 5rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: .94rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1, h2, h3, p, dl, dd, ul { margin: 0; padding: 0; }
ul { list-style: none; }
h1 { font-size: 1.05rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { font-size: 1rem; line-height: 1.3; letter-spacing: -.01em; }
h2 small { color: var(--soft); font-weight: 450; font-size: .85rem; letter-spacing: 0; }
h3 { font-size: .9rem; }
.soft { color: var(--soft); font-size: .88rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 9; padding: .6rem 1rem; background: var(--card); border-radius: 8px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
.top {
  position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem;
  padding: .7rem 1.5rem; background: color-mix(in srgb, var(--card) 94%, transparent); border-bottom: 1px solid var(--line);
  backdrop-filter: blur(10px);
}
.brand { display: flex; align-items: center; gap: .7rem; min-width: 0; }
.brand p { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; line-height: 1.3; }
.emblem { display: block; flex: none; }
.emblem .outer { fill: var(--accent); }
.emblem .inner { fill: var(--accent); opacity: .45; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin-left: auto; }
.account { display: flex; align-items: center; gap: .8rem; }
main { display: block; max-width: 100rem; margin: 0 auto; padding: 1.25rem 1.5rem 4rem; }
#shown { display: grid; gap: 1.1rem; grid-template-columns: minmax(0, 1fr); }
.grid { display: grid; gap: 1.1rem; grid-template-columns: minmax(0, 1fr); }
.card {
  min-width: 0; padding: 1.1rem 1.25rem 1.2rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  box-shadow: var(--shadow);
}
.card > h2 { margin-bottom: .75rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; }
.card > .bar { margin-bottom: .75rem; }
#shown > .bar { margin-bottom: -.45rem; justify-content: space-between; }
.filters { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .9rem; margin-left: auto; }
.filters label { color: var(--soft); font-size: .85rem; display: inline-flex; align-items: center; gap: .45rem; }
#live-count + button { margin-left: auto; }
.tiles { display: grid; gap: .8rem; grid-template-columns: repeat(6, minmax(0, 1fr)); }
.tile { padding: .85rem 1rem .8rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.tile dt { color: var(--soft); font-size: .82rem; }
.tile dd { font-size: 1.55rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile dd small { font-size: .85rem; font-weight: 500; color: var(--soft); letter-spacing: 0; }
.tile .note { color: var(--soft); font-size: .78rem; font-weight: 450; letter-spacing: 0; line-height: 1.35; }
.tile.bad dd:not(.note) { color: var(--danger); }
.blocked { max-width: 32rem; margin: 10vh auto; padding: 1.75rem 2rem; display: grid; gap: .9rem; }
.blocked h2 { font-size: 1.3rem; }
@media (min-width: 64rem) { .grid.two { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 72rem) { .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 40rem) {
  .top { position: static; padding: .7rem 1rem; }
  .chips { margin-left: 0; order: 3; width: 100%; }
  .account { margin-left: auto; }
  main { padding: .9rem .75rem 3rem; }
  #shown, .grid { gap: .8rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .6rem; }
  .tile { padding: .7rem .8rem; }
  .tile dd { font-size: 1.3rem; }
  .card { padding: .95rem .9rem 1rem; border-radius: 12px; }
  .filters { margin-left: 0; width: 100%; }
  .filters label { flex: 1 1 8rem; flex-direction: column; align-items: stretch; gap: .15rem; }
  .filters .quiet { align-self: end; }
  #live-count + button { margin-left: 0; }
  .blocked { margin: 1rem auto; padding: 1.25rem; }
}
`
