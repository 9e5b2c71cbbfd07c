#include "payments/channel.h"

#include <algorithm>

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

}  // namespace payments
