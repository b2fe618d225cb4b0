/** Colours by name, light and dark. A test measures what is written on what. */
export const tokens = `
:root {
  color-scheme: light dark;
  --paper: #f1f4f2; --card: #ffffff; --line: #dbe2df; --field: #f8faf9; --ink: #16211f; --soft: #53625f;
  --accent: #0f6b63; --accent-strong: #0a534d; --on-accent: #ffffff; --glow: #e3eeea;
  --danger: #a3211d; --danger-strong: #84110e; --on-danger: #ffffff; --danger-paper: #fdeeec;
  --good: #0a6a3d; --good-paper: #e3f4ea; --warn: #8a4b00; --warn-paper: #fdf1df;
  --ok: #2a9d8f; --client: #b7791f; --server: #c2362f; --refused: #7a5bc7; --left: #7c8a87;
  --one: #7a5bc7; --two: #2b78c5; --three: #b7791f; --four: #c2362f; --five: #2f8f4e; --six: #b8428f; --rest: #7c8a87;
  --low: #2a9d8f; --mid: #2b78c5; --high: #b8428f;
  --grid: #e6ebe9; --shadow: 0 1px 2px #16211f12, 0 6px 24px -14px #16211f30;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1413; --card: #151f1d; --line: #2b3937; --field: #101917; --ink: #e9f0ee; --soft: #a3b3af;
    --accent: #62cdbb; --accent-strong: #86dfd0; --on-accent: #06201c; --glow: #14302b;
    --danger: #ffa39a; --danger-strong: #ffc0b9; --on-danger: #3a0f0c; --danger-paper: #3a1a18;
    --good: #7fdba6; --good-paper: #12301f; --warn: #f2bd72; --warn-paper: #35260f;
    --ok: #4fc3b3; --client: #e0a84a; --server: #f0736b; --refused: #a98ff0; --left: #84948f;
    --one: #a98ff0; --two: #66acf0; --three: #e0a84a; --four: #f0736b; --five: #63c384; --six: #e07fbd; --rest: #84948f;
    --low: #4fc3b3; --mid: #66acf0; --high: #e07fbd;
    --grid: #22302d; --shadow: 0 1px 2px #0006, 0 8px 30px -14px #000a;
  }
}
`
