// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/page_style.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/report/svg_chart.h"

namespace nodetune {
namespace {

constexpr std::string_view kLightColours =
    "--page:#f5f6f8;--card:#ffffff;--line:#dfe3e8;--ink:#1b2026;--dim:#5b6570;--link:#0b62a8;"
    "--good:#00704f;--warn:#8a5a00;--bad:#b3261e;--goodback:#e3f4ed;--warnback:#fdf1dc;"
    "--badback:#fbe6e4;--mark:#eef1f4;";
constexpr std::string_view kDarkColours =
    "--page:#14171a;--card:#1c2126;--line:#333b43;--ink:#e7eaed;--dim:#9aa5b0;--link:#7db8ee;"
    "--good:#46cf9f;--warn:#e8b558;--bad:#ff8a80;--goodback:#16332a;--warnback:#3a2e16;"
    "--badback:#3f1f1d;--mark:#262d34;";

constexpr std::string_view kLayout = R"(
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
 font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans",Roboto,sans-serif}
main,header,footer{max-width:1200px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:0 0 12px}
h3{font-size:15px;margin:20px 0 8px}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
code,.path{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.92em;
 overflow-wrap:anywhere}
.sub{color:var(--dim);margin:0 0 16px}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:16px 0 20px;font-size:14px}
section{background:var(--card);border:1px solid var(--line);border-radius:8px;
 padding:20px 24px;margin:0 0 20px}
.health{display:flex;gap:12px;align-items:baseline;padding:14px 18px;border-radius:8px;
 border:1px solid var(--line);border-left-width:6px;font-size:17px;font-weight:600;
 background:var(--card);margin:0 0 16px}
.health .symbol{font-weight:700}
.health.good{border-left-color:var(--good);background:var(--goodback)}
.health.warn{border-left-color:var(--warn);background:var(--warnback)}
.health.bad{border-left-color:var(--bad);background:var(--badback)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:12px;margin:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 12px}
.tile .name{color:var(--dim);font-size:13px}
.tile .figure{font-size:21px;font-weight:600;font-variant-numeric:tabular-nums}
.tile .about{color:var(--dim);font-size:12.5px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(430px,1fr));gap:20px 28px}
figure{margin:0;min-width:0;break-inside:avoid}
figcaption{font-weight:600;margin:0 0 2px;font-size:14px}
figcaption .note{font-weight:400;display:inline;margin-left:6px}
svg{display:block;width:100%;height:auto}
.nodata{border:1px dashed var(--line);border-radius:6px;color:var(--dim);padding:28px 18px;
 text-align:center;font-size:14px}
.scroll{overflow-x:auto;margin:0 0 12px}
.charts{margin:16px 0 8px}
table{border-collapse:collapse;font-size:14px;width:100%}
th{font-weight:600;text-align:left;color:var(--dim);white-space:nowrap;font-size:13px}
th,td{padding:5px 14px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere}
td:first-child code{white-space:nowrap}
.facts td:first-child{white-space:nowrap;width:1%}
.facts td:last-child{min-width:11em}
th:last-child,td:last-child{padding-right:0}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.num{overflow-wrap:normal}
tr.strong td{font-weight:600}
tr.over td{background:var(--warnback)}
.note{color:var(--dim);font-size:13px;margin:4px 0 10px}
.badge{display:inline-block;border:1px solid var(--line);background:var(--mark);
 border-radius:10px;padding:0 8px;font-size:12px;line-height:1.6;color:var(--dim);
 white-space:nowrap;font-weight:400}
.badge.good{color:var(--good);background:var(--goodback);border-color:transparent}
.badge.warn{color:var(--warn);background:var(--warnback);border-color:transparent}
.badge.bad{color:var(--bad);background:var(--badback);border-color:transparent}
.card{border:1px solid var(--line);border-radius:8px;padding:14px 18px;margin:0 0 14px;
 break-inside:avoid}
.card h3{margin:0 0 6px}
.card p{margin:4px 0}
.card ul{margin:4px 0 8px;padding-left:20px}
details{margin:8px 0}
summary{cursor:pointer;color:var(--link)}
pre{background:var(--mark);border-radius:6px;padding:10px 12px;overflow-x:auto;font-size:13px}
footer{color:var(--dim);font-size:13px;padding-bottom:32px}
@media (max-width:560px){main,header,footer{padding:0 12px}section{padding:16px 14px}
 .charts{grid-template-columns:minmax(0,1fr)}}
@media print{body{font-size:10.5pt;background:#fff}nav{display:none}main,header,footer{max-width:none;padding:0}
 section{border:0;padding:0;margin:0 0 18pt}.charts{grid-template-columns:1fr 1fr;gap:10pt}
 h2,h3{break-after:avoid}tr{break-inside:avoid}.scroll{overflow:visible}
 *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)";

// The charts' classes for one page: strokes, dots, bands, grid and text.
std::string chart_rules(bool dark) {
  std::string rules;
  for (int i = 0; i < kSvgColours; ++i) {
    const auto colour = svg_colour(i, dark);
    rules += fmt::format(".s{0}{{stroke:{1}}}.d{0},.b{0}{{fill:{1}}}", i, colour);
  }
  return rules +
         ".grid{stroke:var(--line)}.dim,.mark{fill:var(--dim)}.ink{fill:var(--ink)}"
         ".rule{stroke:var(--dim)}\n";
}

}  // namespace

std::string page_style() {
  std::string style = fmt::format(":root{{color-scheme:light dark;{}}}\n", kLightColours);
  style += kLayout;
  style += chart_rules(false);
  style += fmt::format("@media screen and (prefers-color-scheme:dark){{:root{{{}}}\n{}}}\n",
                       kDarkColours, chart_rules(true));
  return style;
}

}  // namespace nodetune
