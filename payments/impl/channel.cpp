#include "payments/channel.h"

#include <algorithm>
#include <array>

#include "core/text/encoding.h"

namespace payments {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::optional<std::string_view> CallbackRequest::header(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const auto& [header_name, value] : headers) {
        if (!same_name(header_name, name)) {
            continue;
        }
        if (found) {
            return std::nullopt;  // twice: nobody can say which one counts
        }
        found = core::text::trimmed(value);
    }
    return found;
}

std::string_view name_of(VerdictPart part) {
    switch (part) {
        case VerdictPart::signature:
            return "signature";
        case VerdictPart::freshness:
            return "freshness";
        case VerdictPart::binding:
            return "binding";
        case VerdictPart::content:
            return "content";
    }
    return "";
}

VerdictPart part_of(const CallbackRefusal& refusal) {
    constexpr std::array<std::string_view, 4> kBinding = {"merchant_differs", "sub_merchant_differs", "app_id_differs",
                                                          "livemode_differs"};
    if (refusal.reason == "timestamp_stale") {
        return VerdictPart::freshness;
    }
    if (std::find(kBinding.begin(), kBinding.end(), refusal.reason) != kBinding.end()) {
        return VerdictPart::binding;
    }
    return refusal.kind == CallbackRefusal::Kind::unauthentic ? VerdictPart::signature : VerdictPart::content;
}

std::string StatementRefusal::message() const {
    std::string text = file;
    if (line > 0) {
        text += ":" + std::to_string(line);
    }
    text += ": ";
    if (!field.empty()) {
        text += field + ": ";
    }
    text += what;
    if (!remedy.empty()) {
        text += "; " + remedy;
    }
    return text;
}

StatementRefusal without_cards(StatementRefusal refusal, const std::function<std::string(std::string_view)>& redact) {
    for (auto* text : {&refusal.file, &refusal.field, &refusal.what, &refusal.remedy}) {
        *text = redact(*text);
    }
    return refusal;
}

StatementReading without_cards(StatementReading reading, const std::function<std::string(std::string_view)>& redact) {
    if (!reading) {
        return core::Refused{without_cards(reading.error(), redact)};
    }
    for (auto& warning : reading->warnings) {
        warning = redact(warning);
    }
    for (auto& total : reading->totals) {
        total.name = redact(total.name);
    }
    return reading;
}

StatementReading with_lines(const std::function<StatementReading(const LineTaker&)>& read) {
    std::vector<StatementLine> lines;
    auto reading = read([&](StatementLine&& line) { lines.push_back(std::move(line)); });
    if (reading) {
        reading->lines = std::move(lines);
    }
    return reading;
}

StatementReading Channel::read_statement(const std::vector<StatementFile>& files, core::BusinessDay day) const {
    return with_lines([&](const LineTaker& take) { return read_lines(files, day, {}, take); });
}

}  // namespace payments
