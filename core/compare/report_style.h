// How the page of a report looks.
#pragma once

namespace nibble {

inline constexpr const char* kReportStyle = R"(
:root { --page: #ffffff; --text: #1c1c22; --quiet: #55555f; --line: #d4d4dc; --soft: #f3f3f7; --bar: #3d5bd9; --mark: #a3261b; }
@media (prefers-color-scheme: dark) {
  :root { --page: #17171c; --text: #ececf1; --quiet: #b0b0bc; --line: #43434f; --soft: #23232b; --bar: #8fa5ff; --mark: #ff9d92; }
}
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
main, footer { max-width: 62rem; margin: 0 auto; padding: 1rem 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin-top: 2.2rem; }
h3 { font-size: 1.05rem; }
h4 { margin: 0 0 .3rem; color: var(--quiet); }
.verdict { font-size: 1.2rem; font-weight: 600; background: var(--soft); border-left: .4rem solid var(--bar); padding: .8rem 1rem; }
.warning { border-left-color: var(--mark); color: var(--mark); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--quiet); padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; }
.changed { color: var(--mark); font-weight: 600; text-decoration: underline; text-underline-offset: .2em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
svg { width: 100%; height: auto; max-height: 18rem; }
svg text { fill: var(--quiet); font-size: 12px; }
svg .number { fill: var(--mark); font-weight: 600; font-size: 11px; }
svg .grid { stroke: var(--line); }
svg .bar { fill: var(--bar); }
summary { cursor: pointer; padding: .4rem 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
blockquote { margin: 0; padding: .7rem 1rem; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
footer { color: var(--quiet); font-size: .9rem; border-top: 1px solid var(--line); }
@media print { details > * { display: block; } }
)";

} // namespace nibble
