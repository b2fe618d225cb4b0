/** What every built-in page looks like: colours for light and dark, a card, links, buttons. */
export const baseStyle = `
:root {
  color-scheme: light dark;
  --paper: #eef1ef; --glow: #dbe7e3; --card: #ffffff; --line: #d5dcda; --field: #f8faf9;
  --ink: #16211f; --soft: #53625f; --accent: #0f6b63; --accent-strong: #0a534d; --on-accent: #ffffff;
  --error: #a3211d; --error-paper: #fdeeec; --notice: #0a534d; --notice-paper: #e4f3ef;
  --shadow: 0 1px 2px #16211f14, 0 18px 48px -16px #16211f33;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1514; --glow: #16302c; --card: #16201f; --line: #2d3b39; --field: #101918;
    --ink: #e9f0ee; --soft: #a3b3af; --accent: #62cdbb; --accent-strong: #86dfd0; --on-accent: #06201c;
    --error: #ffb1a8; --error-paper: #3a1a18; --notice: #9fe3d6; --notice-paper: #14322d;
    --shadow: 0 1px 2px #0006, 0 24px 56px -16px #000a;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 1.5rem;
  display: grid; grid-template-columns: minmax(0, 1fr); place-items: center;
  background: var(--paper) radial-gradient(60rem 30rem at 50% -8rem, var(--glow), transparent 70%) no-repeat;
  color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
.card {
  width: 100%; max-width: 25.5rem; min-width: 0; padding: 2rem 2.25rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 18px; box-shadow: var(--shadow);
}
.brand { display: flex; align-items: center; gap: .85rem; min-height: 2.6rem; margin: 0 0 1rem; }
.brand .name { font-weight: 650; overflow-wrap: anywhere; }
.logo { display: block; max-width: 100%; max-height: 3.25rem; }
.emblem { display: block; flex: none; }
.emblem .outer { fill: var(--accent); }
.emblem .inner { fill: var(--accent); opacity: .45; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.2; letter-spacing: -.018em; text-wrap: balance; overflow-wrap: anywhere; }
p { margin: 0; }
.lead { margin: .45rem 0 1.5rem; color: var(--soft); overflow-wrap: anywhere; }
a, .link {
  color: var(--accent); text-decoration: underline; text-underline-offset: .2em;
  text-decoration-thickness: 1px; font-weight: 600;
}
a:hover, .link:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.button {
  display: inline-flex; align-items: center; justify-content: center; gap: .6rem; min-height: 2.9rem; padding: .6rem 1.1rem;
  border: 1px solid transparent; border-radius: 10px; background: var(--accent); color: var(--on-accent);
  font: inherit; font-weight: 650; text-decoration: none; cursor: pointer;
}
.button:hover { background: var(--accent-strong); color: var(--on-accent); }
.button:disabled { cursor: progress; opacity: .7; }
.status { color: var(--accent); font-weight: 700; font-size: .95rem; letter-spacing: .08em; margin-bottom: .35rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .9rem 1.25rem; }
.facts {
  margin: 1.75rem 0 0; padding-top: 1.1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem;
}
.facts div { display: flex; gap: .75rem; }
.facts dt { flex: none; width: 4.5rem; }
.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
code { font: .95em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--ink); }
@media (max-width: 30rem) {
  body { padding: 0; place-items: stretch; background: var(--card); }
  .card { max-width: none; padding: 2.5rem 1.5rem; border: 0; border-radius: 0; box-shadow: none; }
}
`

/** The CSP source of `baseStyle`; a test compares the two, because this folder's centre does no hashing. */
export const baseStyleHash = 'sha256-vYExgB8Ed+frdPr7bvnkkdAz0NKPb4bVy++rqCdoWig='
