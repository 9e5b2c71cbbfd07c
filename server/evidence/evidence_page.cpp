// The report for people: a page to read and print, and the terminal's table.
#include "reconciliation/lists/page.h"
#include "server/console_text.h"
#include "server/evidence/evidence.h"

namespace server {
namespace {

using reconciliation::lists::bilingual;
using reconciliation::lists::html_escape;

std::string heading(std::string_view zh, std::string_view en) { return "<h2>" + bilingual(zh, en) + "</h2>\n"; }

std::string fact(std::string_view zh, std::string_view en, const std::string& value) {
    return "<div><dt>" + bilingual(zh, en) + "</dt><dd>" + html_escape(value) + "</dd></div>\n";
}

std::string header_row(std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
    std::string row = "<thead><tr>";
    for (const auto& [zh, en] : names) {
        row += "<th scope=\"col\">" + bilingual(zh, en) + "</th>";
    }
    return row + "</tr></thead>\n<tbody>\n";
}

std::string files_of(const Requirement& requirement, const std::vector<EvidenceRun>& runs) {
    std::string files;
    for (const auto& id : requirement.runs) {
        for (const auto& run : runs) {
            if (run.id == id && !run.file.empty()) {
                files += "<a href=\"" + html_escape(run.file) + "\">" + html_escape(run.file) + "</a><br>" +
                         (run.period.empty()
                              ? bilingual("截至", "as of") + " " + html_escape(core::format_rfc3339(run.started_at))
                              : bilingual("期间", "of") + " " + html_escape(run.period)) +
                         "<br>";
            }
        }
    }
    return files.empty() ? "—" : files;
}

std::string requirement_rows(const Evidence& evidence) {
    std::string rows;
    for (const auto& one : requirements()) {
        const auto verdict = verdict_of(one, evidence.runs);
        const auto words = words_of(verdict);
        const auto shown = bilingual(words.zh, words.en);
        rows += "<tr><th scope=\"row\">" + html_escape(one.number) + "</th><td>" + bilingual(one.zh, one.en) +
                "</td><td>" + (verdict == Verdict::not_met ? "<mark>" + shown + "</mark>" : shown) + "</td><td>" +
                files_of(one, evidence.runs) + "</td><td class=\"soft\">" + bilingual(one.beyond_zh, one.beyond_en) +
                "</td></tr>\n";
    }
    return rows;
}

std::string run_rows(const Evidence& evidence) {
    std::string rows;
    for (const auto& run : evidence.runs) {
        rows += "<tr><td>" + html_escape(run.id) + "</td><td class=\"id\">" +
                html_escape(run.command.empty() ? "—" : run.command) + "</td><td>" +
                html_escape(core::format_rfc3339(run.started_at)) + "</td><td class=\"num\">" +
                (run.command.empty() ? "—" : std::to_string(run.status)) + "</td><td>" +
                html_escape(name_of(run.outcome)) + "</td><td class=\"hash\">" + html_escape(run.sha256) +
                "</td></tr>\n";
    }
    return rows;
}

std::size_t count(const Evidence& evidence, Verdict verdict) {
    std::size_t number = 0;
    for (const auto& one : requirements()) {
        number += verdict_of(one, evidence.runs) == verdict ? 1U : 0U;
    }
    return number;
}

}  // namespace

std::string evidence_html(const Evidence& evidence) {
    const auto broken = count(evidence, Verdict::not_met);
    const auto open = count(evidence, Verdict::not_established);
    std::string body = "<header>\n<h1>" + bilingual("审计证据", "Evidence for an assessor") +
                       "</h1>\n<dl class=\"facts\">\n" + fact("标准", "Standard", "PCI DSS v4.0.1") +
                       fact("配置", "Configuration", evidence.configuration) +
                       fact("期间", "Period", evidence.from.empty() ? "—" : evidence.from + " – " + evidence.to) +
                       fact("生成", "Made", core::format_rfc3339(evidence.made_at)) + "</dl>\n</header>\n";
    body += "<p class=\"verdict" + std::string(broken > 0 ? " stop" : (open == 0 ? " clear" : "")) + "\"><b>" +
            std::to_string(broken) + " 项不符合</b>，" + std::to_string(open) + " 项未能确定。<br><span lang=\"en\">" +
            std::to_string(broken) + " not met, " + std::to_string(open) + " not established.</span></p>\n<p>" +
            bilingual(
                "本报告只说明哪些要求可由命令核查及其结果，不构成合规声明；每一项判断都出自所列命令的结果，命令在报告生"
                "成时运行。",
                "This report says which requirements a command can check, and how it ended. It is no statement of "
                "compliance. Every verdict follows from the commands named, run when the report was made.") +
            "</p>\n";
    body += heading("要求", "Requirements") + "<table>\n" +
            header_row({{"要求", "Requirement"},
                        {"内容", "What"},
                        {"判断", "Verdict"},
                        {"证据", "Evidence"},
                        {"本软件不涵盖", "Not covered by this software"}}) +
            requirement_rows(evidence) + "</tbody></table>\n";
    body += heading("运行的命令", "Commands that were run") + "<table>\n" +
            header_row({{"名称", "Name"},
                        {"命令", "Command"},
                        {"时间", "When"},
                        {"退出码", "Status"},
                        {"结果", "Outcome"},
                        {"输出的 SHA-256", "SHA-256 of its output"}}) +
            run_rows(evidence) + "</tbody></table>\n";
    return reconciliation::lists::html_page("审计证据 Evidence", body);
}

std::string evidence_text(const Evidence& evidence) {
    Table table({"要求 Requirement", "判断 Verdict", "内容 What"});
    for (const auto& one : requirements()) {
        const auto words = words_of(verdict_of(one, evidence.runs));
        table.add({std::string(one.number), std::string(words.zh) + " " + std::string(words.en), std::string(one.en)});
    }
    return table.text() + "\n" + std::to_string(count(evidence, Verdict::not_met)) + " not met, " +
           std::to_string(count(evidence, Verdict::not_established)) + " not established\n";
}

}  // namespace server
