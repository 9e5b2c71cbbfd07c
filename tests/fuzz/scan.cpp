// The scanner on a text: in whatever pieces it comes, and with whatever instructions.
#include <algorithm>
#include <vector>

#include "audit/impl/scan_triggers.h"
#include "audit/scan.h"
#include "tests/fuzz/fuzz.h"

namespace {

const audit::Redactor& redactor() {
    static const audit::Redactor made{core::KeyBytes(std::string(32, 'k'))};
    return made;
}

audit::ScanReport scan(std::string_view text, std::size_t piece) {
    audit::ScanReport report;
    const audit::ScanOptions options;
    audit::TextScanner scanner("fuzz", redactor(), options, report);
    for (std::size_t at = 0; at < text.size(); at += piece) {
        scanner.take(text.substr(at, piece));
    }
    scanner.finish();
    return report;
}

void check_findings(const audit::ScanReport& report, std::string_view text) {
    for (const auto& found : report.findings) {
        const auto digits =
            std::count_if(found.masked.begin(), found.masked.end(), [](char c) { return c >= '0' && c <= '9'; });
        const bool is_card = found.kind == audit::FindingKind::pan || found.kind == audit::FindingKind::track;
        fuzz::promise(!is_card || digits <= 10, "no more than ten digits are shown");
        fuzz::promise(found.line >= 1 && found.column >= 1, "a finding has its place");
        const bool embedded = found.path != "fuzz";
        fuzz::promise(embedded || found.column <= text.size(), "its place is in the text");
    }
}

void check_lanes(std::string_view bytes, std::size_t from) {
    std::string padded(bytes);
    padded.append(audit::impl::kReadBehind, '\0');
    const std::string_view text(padded.data(), bytes.size());
    std::vector<audit::impl::Trigger> plain;
    std::vector<audit::impl::Trigger> fast;
    from = std::min(from, text.size());
    const auto lines = audit::impl::find_triggers(text, from, text.size(), plain, audit::impl::Lanes::plain);
    fuzz::promise(lines == audit::impl::find_triggers(text, from, text.size(), fast, audit::impl::fastest_lanes()),
                  "both kinds of instructions count the same lines");
    fuzz::promise(std::equal(plain.begin(), plain.end(), fast.begin(), fast.end(),
                             [](const auto& a, const auto& b) { return a.at == b.at && a.kind == b.kind; }),
                  "both kinds of instructions name the same places");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t piece = input.choice(64) + 1;
    const auto text = input.rest();
    check_lanes(text, piece);
    const auto whole = scan(text, std::max<std::size_t>(text.size(), 1));
    check_findings(whole, text);
    fuzz::promise(scan(text, piece).findings.size() == whole.findings.size(), "pieces change nothing");
    const auto name = audit::shown_name(text);
    fuzz::promise(audit::shown_name(name) == name, "a name that is shown is shown as it is");
    return 0;
}
