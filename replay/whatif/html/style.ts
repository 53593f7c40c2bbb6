/** The report's style sheet: light or dark as the reader's system is. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --sheet: #fff; --ink: #1d1f21; --soft: #6a6e73; --line: #e3e0d8;
  --same: #9aa5b1; --added: #2f8f5b; --dropped: #c2453d; --changed: #b7791f;
  --added-soft: #e4f3ea; --dropped-soft: #fae6e4; --changed-soft: #fbf0da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --sheet: #1d2024; --ink: #e7e5e0; --soft: #9a9fa6; --line: #31353b;
    --same: #5d6772; --added: #5fc48d; --dropped: #ef7f77; --changed: #e3ad55;
    --added-soft: #1c3327; --dropped-soft: #3b2321; --changed-soft: #3a2f1b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 66rem; padding: 3rem 1.5rem 5rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 2.8rem 0 .8rem; }
p { margin: .3rem 0; }
.soft { color: var(--soft); }
.num, td.num { font-variant-numeric: tabular-nums; }
code, pre { font: .86em/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
.totals { display: grid; grid-template-columns: repeat(4, 1fr); gap: .8rem; margin: 1.8rem 0 .9rem; }
.totals div { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; }
.totals b { display: block; font-size: 1.7rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.totals span { color: var(--soft); font-size: .9rem; }
.totals span::before { content: ""; display: inline-block; width: .65em; height: .65em; border-radius: 50%; margin-right: .45em; background: var(--kind); }
.bar { display: flex; height: 10px; border-radius: 5px; overflow: hidden; background: var(--line); }
.bar i { background: var(--kind); min-width: 2px; }
.same { --kind: var(--same); } .added { --kind: var(--added); --kind-soft: var(--added-soft); }
.dropped { --kind: var(--dropped); --kind-soft: var(--dropped-soft); }
.changed { --kind: var(--changed); --kind-soft: var(--changed-soft); }
.note { border-left: 3px solid var(--changed); padding: .2rem 0 .2rem .9rem; margin: .8rem 0; color: var(--soft); }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; font-size: .85rem; color: var(--soft); }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.histogram td:first-child { width: 34%; } .histogram td.num { width: 6.5rem; text-align: right; }
.histogram .bar { height: 8px; margin-top: .5rem; background: none; } .histogram .bar i { border-radius: 4px; }
article { background: var(--sheet); border: 1px solid var(--line); border-left: 4px solid var(--kind); border-radius: 8px; padding: .9rem 1.1rem; margin: .8rem 0; }
article header { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline; margin-bottom: .5rem; }
article header b { color: var(--kind); font-size: .82rem; text-transform: uppercase; letter-spacing: .06em; }
article header code { font-weight: 600; } article header .soft { font-size: .86rem; }
article table { table-layout: fixed; } article th:first-child { width: 28%; }
article tr:last-child td { border-bottom: 0; }
td.old { color: var(--dropped); } td.new { color: var(--added); }
pre { margin: 0; padding: .6rem .8rem; border-radius: 6px; background: var(--kind-soft); white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin-top: .6rem; } summary { cursor: pointer; color: var(--soft); font-size: .86rem; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; margin-top: .5rem; }
.code { font-style: normal; font-size: .8em; border: 1px solid var(--line); border-radius: 3px; padding: 0 .2em; color: var(--soft); }
footer { margin-top: 3rem; font-size: .85rem; color: var(--soft); }
@media (max-width: 44rem) { .totals { grid-template-columns: 1fr 1fr; } .sides { grid-template-columns: 1fr; } body { padding-top: 1.5rem; } }
@media print { body { background: none; } article { break-inside: avoid; } }
`;
