/** One colour means one thing: green good, red to do, amber unknown; blue only draws. */
const LIGHT =
  '--ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --card: #f6f8fa; --line: #d0d7de; --good: #1a7f37; --bad: #cf222e; --unknown: #9a6700; --draw: #0969da'
const DARK =
  '--ink: #e6edf3; --soft: #9198a1; --paper: #0d1117; --card: #151b23; --line: #3d444d; --good: #3fb950; --bad: #ff7b72; --unknown: #d29922; --draw: #58a6ff'

/** Of a report's page. */
export const STYLE = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: .95rem/1.5 system-ui, sans-serif }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.6rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem }
h3 { font-size: .95rem; margin: 0; font-weight: 600 }
p { margin: 0 }
a { color: inherit }
.about, .bound, .compared, footer, details { color: var(--soft); font-size: .85rem }
.headline { font-size: 1.25rem; margin-top: .8rem; font-weight: 600 }
.good b, b.good { color: var(--good) }
.bad b, b.bad { color: var(--bad) }
.unknown b, b.unknown { color: var(--unknown) }

nav { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(10rem, 100%), 1fr)); gap: .5rem; margin-top: 1rem }
nav a { display: block; border: 1px solid var(--line); border-radius: 6px; padding: .45rem .7rem; text-decoration: none; font-weight: 600 }
nav span { display: block; font-weight: 400; font-size: .85rem; color: var(--soft) }
nav b { font-weight: 600; margin-right: .5rem; white-space: nowrap }

.todo ol, .missing ol { margin: 0; padding-left: 1.4rem }
.todo li, .missing li { margin: .3rem 0 }
li span { color: var(--soft); font-size: .9rem }

.answers { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); grid-auto-flow: dense; gap: .8rem }
article { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 6px; padding: .7rem .9rem; min-width: 0; break-inside: avoid }
article.good { border-left-color: var(--good) }
article.bad { border-left-color: var(--bad) }
article.unknown { border-left-color: var(--unknown) }
article h3 b { font-size: .75rem; margin-left: .3rem }
.sides { display: flex; flex-wrap: wrap; gap: .3rem 2rem }
.sides > :first-child { flex: 1 1 16rem; min-width: 0 }
.sides > .wide { flex: 2 1 22rem; min-width: 0 }
.says { font-size: 1.15rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.says.long { font-size: 1rem }
details { margin-top: .4rem }
details p { overflow-wrap: anywhere }
footer { margin-top: 2rem }
article:has(table, .proposal) { grid-column: 1 / -1 }

svg { display: block; width: 100%; max-width: 26rem; height: auto; margin-top: .5rem }
svg .draw { fill: none; stroke: var(--draw); stroke-width: 1.5 }
svg .bar { fill: var(--draw) }
svg .trend { stroke: var(--soft); stroke-dasharray: 2 3; stroke-width: 1 }
svg .limit { stroke: var(--good); stroke-dasharray: 4 3; stroke-width: 1 }
svg .axis { stroke: var(--line) }
svg text { fill: var(--soft); font-size: 10px; paint-order: stroke; stroke: var(--card); stroke-width: 3px }
svg text.of-limit { fill: var(--good) }

.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .85rem; margin-top: .3rem; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .15rem .9rem .15rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--soft); font-weight: 500 }

.proposal { margin-top: .7rem; padding-top: .5rem; border-top: 1px solid var(--line); font-size: .9rem }
pre { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: .4rem .6rem }
code { font: .85rem ui-monospace, monospace }
code span { display: inline-block; max-width: 100% }
dd code { overflow-wrap: anywhere }
dl { margin: 0 }
dl div { display: flex; gap: .6rem }
dt { color: var(--soft); min-width: 3rem }
dd { margin: 0; min-width: 0 }

@media print {
  :root { ${LIGHT}; font-size: 11px }
  main { max-width: none; padding: 0 }
  nav { grid-template-columns: repeat(5, 1fr) }
  .answers { grid-template-columns: repeat(3, 1fr); gap: .5rem }
  article { background: none }
  details { display: none }
  h2 { break-after: avoid }
}
`
