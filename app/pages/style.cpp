#include "app/pages/style.h"

namespace unet {

const char* const kPageStyle = R"css(
:root {
  --ground: #f5f6f8; --card: #ffffff; --ink: #1b1e23; --pale: #586069; --line: #dde1e6; --code: #eef1f4;
  --link: #0b57b0; --bar: #4a84c4; --good: #17693b; --good-ground: #e4f4ea; --bad: #a31f2b; --bad-ground: #fdebec;
  --doubt: #7d4b00; --doubt-ground: #fff3dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --card: #1d2025; --ink: #e7e9ec; --pale: #a5acb6; --line: #353b44; --code: #282d34;
    --link: #83b8ff; --bar: #5b93d3; --good: #84dca8; --good-ground: #14301f; --bad: #ff9ca3; --bad-ground: #3b1a1d;
    --doubt: #f3c571; --doubt-ground: #362a10;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 3rem; max-width: 86rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; }
h2 { margin: 0 0 0.75rem; font-size: 1.25rem; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
h3 .count { color: var(--pale); font-weight: normal; }
p { margin: 0.4rem 0; max-width: 75ch; }
ul { margin: 0.4rem 0; padding-left: 1.2rem; }
li { margin: 0.25rem 0; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.pale, caption, figcaption small { color: var(--pale); }
header .pale { font-size: 0.9rem; }
section, .verdict {
  margin: 1rem 0; padding: 1.1rem clamp(0.8rem, 2vw, 1.5rem); border: 1px solid var(--line); border-radius: 0.6rem;
  background: var(--card);
}
section { scroll-margin-top: 0.5rem; }
.verdict { border-left: 0.4rem solid var(--good); }
.verdict > p:first-child { font-size: 1.2rem; font-weight: 600; color: var(--good); }
.verdict.bad { border-left-color: var(--bad); }
.verdict.bad > p:first-child { color: var(--bad); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; margin: 0; padding: 0; list-style: none; }
nav li { margin: 0; }
dl { margin: 0.5rem 0; }
dl > div {
  display: grid; grid-template-columns: minmax(7rem, 13rem) 1fr; gap: 0 1rem; padding: 0.35rem 0;
  border-bottom: 1px solid var(--line);
}
dl > div:last-child { border-bottom: 0; }
dt { color: var(--pale); }
dd { margin: 0; min-width: 0; }
.wide { overflow-x: auto; margin: 0.5rem 0; }
table { min-width: min(100%, 26rem); border-collapse: collapse; overflow-wrap: normal; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 0.3rem; text-align: left; font-size: 0.9rem; }
th, td { padding: 0.35rem 1.2rem 0.35rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: middle; }
th:first-child { text-align: left; font-weight: 500; min-width: 7em; }
thead th { color: var(--pale); font-weight: normal; font-size: 0.9rem; white-space: nowrap; }
thead th:first-child { font-weight: normal; }
th:last-child, td:last-child { padding-right: 0.2rem; }
tbody th { min-width: 8.5rem; }
tbody tr:last-child > * { border-bottom: 0; }
.swatch {
  display: inline-block; width: 0.95em; height: 0.95em; margin-right: 0.5em; border: 1px solid var(--pale);
  border-radius: 0.2em; vertical-align: -0.1em;
}
.share { display: inline-flex; align-items: center; justify-content: flex-end; gap: 0.6rem; white-space: nowrap; }
.bar {
  position: relative; display: inline-block; width: 6rem; height: 0.6rem; border-radius: 0.3rem; background: var(--code);
  overflow: hidden;
}
.bar > span { display: block; height: 100%; min-width: 1px; background: var(--bar); }
.share > span:last-child { min-width: 4em; }
.range > span { position: absolute; }
.range > i { position: absolute; top: 0; width: 2px; height: 100%; background: var(--ink); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.9em; }
code { padding: 0.1em 0.35em; border-radius: 0.3em; background: var(--code); }
pre { margin: 0.5rem 0; padding: 0.6rem 0.8rem; border-radius: 0.4rem; background: var(--code); white-space: pre-wrap; }
pre code { padding: 0; background: none; }
summary { cursor: pointer; color: var(--link); }
.tag {
  display: inline-block; margin-right: 0.5rem; padding: 0 0.5em; border-radius: 1em; font-size: 0.8rem; font-weight: 600;
}
.tag.problem { color: var(--bad); background: var(--bad-ground); }
.tag.warning { color: var(--doubt); background: var(--doubt-ground); }
.tag.note { color: var(--pale); background: var(--code); }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; margin: 0.5rem 0; padding: 0; list-style: none; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(13rem, 45%), 1fr)); gap: 1rem; margin: 0.8rem 0; }
figure { margin: 0; min-width: 0; }
figure img, figure .none {
  display: block; max-width: 100%; height: auto; max-height: 17.5rem; border-radius: 0.3rem; border: 1px solid var(--line);
}
figure .none {
  display: flex; align-items: center; justify-content: center; width: 100%; height: 8rem; color: var(--pale);
  background: var(--code);
}
figure.marked img, figure.marked .none { border: 2px solid var(--bad); }
figcaption { margin-top: 0.3rem; font-size: 0.85rem; line-height: 1.35; }
figcaption strong {
  display: -webkit-box; font-size: 0.8rem; font-weight: 600; overflow: hidden; -webkit-box-orient: vertical;
  -webkit-line-clamp: 3;
}
figcaption .reason { display: block; color: var(--bad); }
figcaption small { display: block; font-size: 0.8rem; }
footer { margin-top: 1.5rem; font-size: 0.85rem; color: var(--pale); }
@media (max-width: 36rem) {
  dl > div { grid-template-columns: 1fr; }
  .bar { width: 2.5rem; }
  .share { gap: 0.4rem; }
  th, td { padding-right: 0.7rem; }
  tbody th { min-width: 5.5rem; }
  .gallery { gap: 0.7rem; }
}
@media print {
  body { max-width: none; padding: 0; background: none; }
  section, .verdict { border-color: #bbb; }
  figure, tr { break-inside: avoid; }
  nav { display: none; }
}
)css";

}  // namespace unet
