#include "server/impl/scan_report.h"

#include <array>

#include "core/json/writer.h"
#include "server/console_text.h"
#include "server/version.h"

namespace server {
namespace {

using audit::Confidence;
using audit::Finding;
using audit::FindingKind;
using audit::ScanReport;

std::string place(const Finding& finding) {
    if (finding.line == 0) {
        return finding.path;
    }
    return finding.path + ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column);
}

struct Rule {
    FindingKind kind;
    std::string_view what;
};
constexpr std::array<Rule, 5> kRules = {{{FindingKind::pan, "A payment card's number"},
                                         {FindingKind::track, "A card number with the data of its magnetic track"},
                                         {FindingKind::cvv, "A card verification code"},
                                         {FindingKind::secret, "A secret of an API"},
                                         {FindingKind::private_key, "A private key"}}};

std::string_view what_is(FindingKind kind) {
    for (const auto& rule : kRules) {
        if (rule.kind == kind) {
            return rule.what;
        }
    }
    return "";
}

std::string_view level_of(Confidence confidence) {
    switch (confidence) {
        case Confidence::high:
            return "error";
        case Confidence::medium:
            return "warning";
        case Confidence::low:
            return "note";
    }
    return "none";
}

// RFC 3986: what a path may be written with in a URI reference. A colon in the first part would read as a scheme.
std::string as_uri(std::string_view path) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string uri;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~/!*").find(c) != std::string_view::npos;
        const auto byte = static_cast<unsigned char>(c);
        plain ? uri.push_back(c) : void(uri.append({'%', kHex[byte >> 4U], kHex[byte & 0x0FU]}));
    }
    return uri;
}

void write_result(core::json::Writer& json, const Finding& finding) {
    json.begin_object()
        .member("ruleId", audit::name_of(finding.kind))
        .member("level", level_of(finding.confidence))
        .key("message")
        .begin_object()
        .member("text", std::string(what_is(finding.kind)) + ": " + finding.masked + " (" +
                            std::string(audit::name_of(finding.confidence)) + ", " + finding.encoding + ")")
        .end_object()
        .key("locations")
        .begin_array()
        .begin_object()
        .key("physicalLocation")
        .begin_object()
        .key("artifactLocation")
        .begin_object()
        .member("uri", as_uri(finding.path))
        .end_object();
    if (finding.line > 0) {
        json.key("region").begin_object().member("startLine", std::size_t{finding.line}).end_object();
    }
    json.end_object().end_object().end_array();
    if (!finding.fingerprint.empty()) {
        json.key("partialFingerprints").begin_object().member("card/v1", finding.fingerprint).end_object();
    }
    // SARIF counts columns in characters; these are bytes.
    json.key("properties")
        .begin_object()
        .member("byteColumn", std::size_t{finding.column})
        .member("encoding", finding.encoding)
        .end_object()
        .end_object();
}

void write_driver(core::json::Writer& json) {
    json.key("tool").begin_object().key("driver").begin_object();
    json.member("name", "duizhang audit scan").member("semanticVersion", kVersion).key("rules").begin_array();
    for (const auto& rule : kRules) {
        json.begin_object()
            .member("id", audit::name_of(rule.kind))
            .key("shortDescription")
            .begin_object()
            .member("text", rule.what)
            .end_object()
            .end_object();
    }
    json.end_array().end_object().end_object();
}

}  // namespace

std::string scan_json(const ScanReport& report) {
    core::json::Writer json(1);
    json.begin_object()
        .member("files", std::size_t{report.files})
        .member("bytes", std::size_t{report.bytes})
        .key("findings")
        .begin_array();
    for (const auto& finding : report.findings) {
        json.begin_object()
            .member("path", finding.path)
            .member("line", std::size_t{finding.line})
            .member("column", std::size_t{finding.column})
            .member("kind", audit::name_of(finding.kind))
            .member("confidence", audit::name_of(finding.confidence))
            .member("encoding", finding.encoding)
            .member("masked", finding.masked);
        if (!finding.fingerprint.empty()) {
            json.member("fingerprint", finding.fingerprint);
        }
        json.end_object();
    }
    json.end_array()
        .member("findings_left_out", std::size_t{report.findings_left_out})
        .member("allowed", std::size_t{report.allowed})
        .member("ids", std::size_t{report.ids})
        .key("not_looked_into")
        .begin_array();
    for (const auto& [path, reason] : report.not_looked_into) {
        json.begin_object().member("path", path).member("reason", reason).end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string scan_sarif(const ScanReport& report) {
    core::json::Writer json(1);
    json.begin_object()
        .member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
        .member("version", "2.1.0")
        .key("runs")
        .begin_array()
        .begin_object();
    write_driver(json);
    json.key("invocations")
        .begin_array()
        .begin_object()
        .member("executionSuccessful", report.not_looked_into.empty())
        .key("toolExecutionNotifications")
        .begin_array();
    for (const auto& [path, reason] : report.not_looked_into) {
        json.begin_object()
            .member("level", "error")
            .key("message")
            .begin_object()
            .member("text", std::string(path).append(": not looked into: ").append(reason))
            .end_object()
            .end_object();
    }
    json.end_array().end_object().end_array().key("results").begin_array();
    for (const auto& finding : report.findings) {
        write_result(json, finding);
    }
    return json.end_array().end_object().end_array().end_object().text() + "\n";
}

std::string scan_text(const ScanReport& report) {
    std::string text;
    if (!report.findings.empty()) {
        Table table({"种类 Kind", "把握 Confidence", "写法 Encoding", "掩码 Masked", "位置 Place"});
        for (const auto& finding : report.findings) {
            table.add({std::string(audit::name_of(finding.kind)), std::string(audit::name_of(finding.confidence)),
                       finding.encoding, finding.masked, place(finding)});
        }
        text = table.text();
    }
    for (const auto& [path, reason] : report.not_looked_into) {
        text.append(path).append(": NOT LOOKED INTO: ").append(reason).append("\n");
    }
    text += std::to_string(report.files) + " files, " + std::to_string(report.bytes) + " bytes, " +
            std::to_string(report.findings.size() + report.findings_left_out) + " findings";
    const auto more = [&](std::uint64_t count, const char* what) {
        text += count > 0 ? ", " + std::to_string(count) + " " + what : "";
    };
    more(report.findings_left_out, "of them not listed");
    more(report.allowed, "allowed");
    more(report.ids, "ids");
    more(report.not_looked_into.size(), "not looked into");
    return text + "\n";
}

}  // namespace server
