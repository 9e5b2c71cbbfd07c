#include "reconciliation/lists/page.h"

#include "reconciliation/lists/texts.h"

namespace reconciliation::lists {
namespace {

// Dark text on white, system fonts, nothing that only decorates. Tags and marks are told by words and weight first and
// by colour second, so that a black and white print loses nothing.
constexpr std::string_view kStyle = R"css(
:root{--ink:#1a212b;--soft:#4a5361;--line:#cfd5dd;--pale:#f3f5f8;--left:#35557f;--right:#9a6a1c}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#fff;color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif}
main{max-width:1480px;margin:0 auto;padding:20px 24px 40px}
h1{font-size:22px;line-height:1.3;margin:0 0 10px}
h2{font-size:15px;margin:26px 0 8px;padding-bottom:4px;border-bottom:1px solid var(--line)}
h1 [lang=en],h2 [lang=en]{font-weight:400;color:var(--soft);font-size:.8em;margin-left:.35em}
a{color:#1d4f91}
a:focus-visible{outline:2px solid #1d4f91;outline-offset:2px}
.skip{position:absolute;left:-999em}
.skip:focus{left:8px;top:8px;background:#fff;padding:4px 8px}
dl.facts{display:flex;flex-wrap:wrap;gap:4px 32px;margin:0}
dl.facts div{display:flex;gap:.6em}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;font-weight:600}
dl.facts .soft{font-weight:400}
table.index th,table.index td{white-space:nowrap}
table.index td.kinds{white-space:normal}
.verdict{margin:16px 0;padding:10px 14px;border-left:4px solid var(--left);background:var(--pale);font-size:16px}
.verdict b{font-size:20px}
.verdict.clear{border-color:#2c6e49}
.verdict.stop{border-color:#8a1c12}
.verdict [lang=en]{color:var(--soft);font-size:13px}
.columns{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 40px;align-items:start}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--soft);padding:0 0 4px}
th,td{padding:6px 8px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{background:var(--pale);font-weight:600;vertical-align:bottom;border-bottom:1px solid #8a94a3}
thead [lang=en]{display:block;font-weight:400;color:var(--soft);font-size:12px}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.id,.hash{font-family:ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace;font-size:12px;
overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:12px}
.en{color:var(--soft);font-size:12.5px;margin:3px 0 0}
table.rows{table-layout:fixed}
table.rows col.kind{width:13%}
table.rows col.txn{width:22%}
table.rows col.side{width:14.5%}
table.rows col.diff{width:11%}
table.rows tbody th{font-weight:400}
table.rows tbody tr:first-child td{border-bottom:0;padding-bottom:2px}
table.rows .story td{padding-top:2px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 24px}
.pair .en{margin:0}
table.rows p{margin:0}
table.rows tbody:target{background:#fffbe6}
.amount{font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tag{display:inline-block;padding:1px 7px;border-radius:3px;font-weight:600;border:1px solid}
.tag.grave{background:#fdecea;color:#8a1c12;border-color:#e0a39d}
.tag.check{background:#fff3dc;color:#674200;border-color:#dcbf86}
.tag.wait{background:#e8eef6;color:#26456b;border-color:#a9bdd6}
mark{background:#ffe98a;color:inherit;font-weight:700;padding:0 3px}
.evidence{margin:0;padding:0;list-style:none}
.note{margin:10px 0;padding:8px 12px;background:#fff3dc;border-left:4px solid #9a6a1c}
ul.kinds{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:4px 8px}
svg{display:block;width:100%;max-width:440px;height:auto}
svg text{font-family:inherit;fill:var(--ink)}
svg .soft{fill:var(--soft)}
footer{margin-top:28px;color:var(--soft);font-size:12px;overflow-wrap:anywhere}
@media screen and (max-width:860px){
main{padding:14px 14px 32px}
.columns,.pair{display:block}
.pair .en{margin-top:4px}
table.rows,table.rows tbody,table.rows th,table.rows td{display:block;width:auto}
table.rows colgroup{display:none}
table.rows thead{position:absolute;left:-999em}
table.rows tbody{border:1px solid var(--line);border-radius:4px;margin:0 0 12px;padding:6px 10px}
table.rows tbody tr{display:grid;grid-template-columns:1fr 1fr;gap:0 12px}
table.rows tbody th,table.rows .wide{grid-column:1/-1}
table.rows tbody th,table.rows tbody td{border:0;padding:4px 0}
table.rows tbody [data-label]::before{content:attr(data-label);display:block;color:var(--soft);font-size:12px}
table.rows .num{text-align:left}
.scroll{overflow-x:auto}
}
@media screen{.part:not(:first-of-type){content-visibility:auto;contain-intrinsic-size:auto 16000px}}
@page{size:A4 landscape;margin:11mm 10mm 13mm;@bottom-right{content:counter(page) " / " counter(pages);font-size:8pt}}
@media print{
body{font-size:8.5pt;line-height:1.4;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
h1{font-size:15pt}
h2{break-after:avoid;margin-top:12pt;font-size:11pt}
.soft,.en,.id,.hash,thead [lang=en]{font-size:7.5pt}
.verdict{font-size:10.5pt}
.verdict b{font-size:13pt}
.screen,.skip{display:none}
thead{display:table-header-group}
table.rows tbody,tr,svg,.verdict,.columns>section{break-inside:avoid}
svg{max-width:105mm}
}
)css";

}  // namespace

std::string html_escape(std::string_view text) {
    const std::string shown = showable(text);
    std::string out;
    out.reserve(shown.size() + shown.size() / 8);
    for (const char c : shown) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string bilingual(std::string_view zh, std::string_view en) {
    return html_escape(zh) + " <span lang=\"en\">" + html_escape(en) + "</span>";
}

std::string html_page(std::string_view title, std::string_view body) {
    std::string out = "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n";
    out += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    out += "<meta name=\"referrer\" content=\"no-referrer\">\n";
    out += "<title>" + html_escape(title) + "</title>\n<style>";
    out += kStyle;
    out += "</style>\n</head>\n<body>\n";
    out += body;
    out += "</body>\n</html>\n";
    return out;
}

}  // namespace reconciliation::lists
