/**
 * The page's whole style. Its digest is in the page's policy, so nothing else can style it, and nothing is fetched.
 * Colour helps; every look has a word in the legend, and its own pattern or shape where two could be mixed up.
 */
export const style = `
:root { color-scheme: light dark;
  --ground: #ffffff; --text: #1c2128; --soft: #57606a; --line: #d5dae0; --rail: #eef1f4; --box: #f6f8fa;
  --down: #8a5a00; --here: #2f6fb3; --done: #2e7d4f; --bad: #b3362e; --idle: #9aa4af; --gate: #6f4fa8; --medium: #c45a00;
  --link: #a3217a; --target: #1c2128; --on-mark: #ffffff; --open: #2f6fb3; --paused: #c9d1d9; --forecast: #57606a; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #14181d; --text: #e4e8ec; --soft: #9aa4af; --line: #39424c; --rail: #222931; --box: #1b2129;
  --down: #d39b3a; --here: #5f9fe0; --done: #55b37e; --bad: #ef7d74; --idle: #6b7682; --gate: #ab8ee0; --medium: #f0913f;
  --link: #e472bd; --target: #e4e8ec; --on-mark: #14181d; --open: #5f9fe0; --paused: #444e59; --forecast: #9aa4af; } }
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
p { margin: .4rem 0; }
.soft, figcaption { color: var(--soft); font-size: .875rem; }
code, .mono { font: .875em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.alert { border: 2px solid var(--bad); border-left-width: 8px; padding: .8rem 1rem; margin: 0 0 1.5rem; }
.alert strong { color: var(--bad); }
.verdict { display: inline-block; border: 1px solid; border-radius: 1rem; padding: .05rem .7rem; font-size: .875rem; font-weight: 600; }
.verdict.good { color: var(--done); } .verdict.bad { color: var(--bad); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0 0; }
header dl.facts { grid-template-columns: max-content 1fr max-content 1fr; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
dl.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .6rem; margin: 0; }
dl.numbers div { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; break-inside: avoid; }
dl.numbers dt { color: var(--soft); font-size: .875rem; }
dl.numbers dd { margin: 0; } dl.numbers dd.value { font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dl.numbers dd.says { font-size: .875rem; overflow-wrap: anywhere; }
figure { margin: 0 0 1.5rem; }
svg.drawing { display: block; overflow: visible; }
svg.place { overflow: visible; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg .name { font-size: 13px; font-weight: 600; } svg .aside, svg .axis { fill: var(--soft); }
svg .number { fill: var(--on-mark); font-size: 10px; font-weight: 700; }
svg .fold-label { fill: var(--soft); font-style: italic; } svg .promise-label { fill: var(--gate); font-weight: 600; }
.rail { fill: var(--rail); } .tick { stroke: var(--line); }
.fold rect { fill: url(#dots); }
.dots-ground { fill: none; } .dots-dot { fill: var(--line); }
.hatch-ground { fill: var(--ground); } .hatch-line { fill: var(--idle); }
.bar { stroke: var(--ground); stroke-width: 1; }
.bar.down { fill: var(--down); } .bar.here { fill: var(--here); } .bar.gone, .bar.left { fill: url(#hatch); stroke: var(--idle); }
.bar.waited { fill: var(--idle); } .bar.paused { fill: var(--paused); } .bar.gate { fill: var(--gate); }
.bar.done { fill: var(--done); } .bar.failed { fill: var(--bad); } .bar.open { fill: var(--open); }
.forecast { fill: var(--forecast); }
.mark { stroke: var(--ground); stroke-width: 1; } .mark.medium { fill: var(--medium); } .mark.link { fill: var(--link); }
.mark.target { fill: var(--target); } .mark.other { fill: var(--soft); }
.promise { stroke: var(--gate); stroke-width: 2; stroke-dasharray: 5 3; }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; padding: 0; margin: .4rem 0; font-size: .875rem; }
ul.legend svg { vertical-align: -3px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
td.words { overflow-wrap: anywhere; }
thead th { color: var(--soft); font-weight: 600; font-size: .875rem; } tbody th { font-weight: 600; white-space: nowrap; }
.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } .time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.state { font-weight: 600; } .state.done { color: var(--done); } .state.failed, .state.unsure { color: var(--bad); }
ul.plain { padding-left: 1.1rem; margin: 0; } ul.plain li { margin: .2rem 0; overflow-wrap: anywhere; }
.ask { border: 1px dashed var(--soft); border-radius: .4rem; padding: .5rem .8rem 3.2rem; margin: 0 0 .6rem; break-inside: avoid; }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 3rem; } h1 { font-size: 1.35rem; }
  dl.numbers { grid-template-columns: 1fr 1fr; } dl.facts, header dl.facts { grid-template-columns: max-content 1fr; } section dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: .4rem; }
  table.stack thead { position: absolute; clip-path: inset(50%); height: 1px; width: 1px; overflow: hidden; }
  table.stack tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  table.stack td, table.stack th { display: block; border: 0; padding: 0; white-space: normal; text-align: left; }
  table.stack td:empty { display: none; }
  table.stack td, .time, .right { overflow-wrap: anywhere; }
  table.stack td[data-head]::before { content: attr(data-head) ": "; color: var(--soft); }
}
@media print {
  :root { color-scheme: light; --ground: #ffffff; --text: #000000; --soft: #444444; --line: #bbbbbb; --rail: #eeeeee; --box: #ffffff;
    --down: #8a5a00; --here: #2f6fb3; --done: #2e7d4f; --bad: #b3362e; --idle: #9aa4af; --gate: #6f4fa8; --medium: #c45a00;
    --link: #a3217a; --target: #1c2128; --on-mark: #ffffff; --open: #2f6fb3; --paused: #c9d1d9; --forecast: #57606a; }
  @page { margin: 16mm 14mm; }
  html { font-size: 12px; } body { max-width: none; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure, tr, .alert { break-inside: avoid; } h2 { break-after: avoid; }
}
`;
