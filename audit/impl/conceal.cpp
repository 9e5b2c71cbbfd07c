#include "audit/impl/conceal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "audit/impl/scan_cards.h"
#include "audit/impl/scan_window.h"

namespace audit::impl {
namespace {

using Kind = Concealed::Kind;

constexpr std::size_t kShortest = 6;  // "pin=12"
constexpr std::size_t kOnStack = 1024;

bool is_key_text(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/' ||
           c == '=' || c == '\n' || c == '\r' || c == '\\' || c == ' ' || c == '-' || c == ':' || c == ',';
}

// A private key's lines, up to the line that ends them, or as far as they go.
std::size_t private_key_end(std::string_view text, std::size_t at) {
    const auto body = text.substr(at);
    const auto last = body.find("-----END ");
    if (last != std::string_view::npos) {
        const auto closing = body.find("-----", last + 9);
        return closing == std::string_view::npos ? text.size() : at + closing + 5;
    }
    return at + static_cast<std::size_t>(std::find_if_not(body.begin(), body.end(), is_key_text) - body.begin());
}

std::optional<Concealed> concealed(std::string_view text, const Hit& hit) {
    switch (hit.kind) {
        case FindingKind::pan: {
            // A guess is for auditors to look at, not for a record's name to be changed by; and numbers in plain sight
            // have been judged.
            const bool stays = hit.confidence == Confidence::low || hit.encoding == "plain" ||
                               (hit.encoding == "grouped" && !passes_luhn(hit.digits)) || hit.digits.empty();
            return stays ? std::nullopt : std::optional(Concealed{hit.begin, hit.end, Kind::card, hit.digits});
        }
        case FindingKind::track:
            return Concealed{hit.begin, hit.end, Kind::track, hit.digits};
        case FindingKind::cvv:
            return Concealed{hit.begin, hit.end, Kind::code, ""};
        case FindingKind::secret:
            return Concealed{hit.begin, hit.end, Kind::secret, ""};
        case FindingKind::private_key:
            return Concealed{hit.begin, private_key_end(text, hit.end), Kind::private_key, ""};
    }
    return std::nullopt;
}

// `text` has kReadBehind readable bytes behind it.
void find_as_scanner(std::string_view text, std::vector<Concealed>& found) {
    std::vector<Trigger> triggers;
    find_triggers(text, 0, text.size(), triggers, fastest_lanes());
    if (triggers.empty()) {
        return;
    }
    Dealt dealt;
    std::vector<Hit> hits;
    Window window(text, 0, false, dealt, hits);
    for (const auto& trigger : triggers) {
        window.look_at(trigger);
    }
    for (const auto& hit : hits) {
        if (auto one = concealed(text, hit)) {
            found.push_back(*std::move(one));
        }
    }
}

}  // namespace

std::vector<Concealed> find_concealed(std::string_view text) {
    std::vector<Concealed> found;
    if (text.size() < kShortest) {
        return found;
    }
    if (text.size() <= kOnStack) {
        std::array<char, kOnStack + kReadBehind> padded;  // NOLINT(*-member-init): what is read is written first
        std::memcpy(padded.data(), text.data(), text.size());
        std::memset(padded.data() + text.size(), 0, kReadBehind);
        find_as_scanner({padded.data(), text.size()}, found);
    } else {
        std::string padded(text);
        padded.append(kReadBehind, '\0');
        find_as_scanner({padded.data(), text.size()}, found);
    }
    find_named(text, found);
    std::sort(found.begin(), found.end(), [](const Concealed& a, const Concealed& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    // Of what lies one over the other, the first goes as far as any.
    std::vector<Concealed> apart;
    for (auto& one : found) {
        if (!apart.empty() && one.begin < apart.back().end) {
            apart.back().end = std::max(apart.back().end, one.end);
        } else {
            apart.push_back(std::move(one));
        }
    }
    return apart;
}

}  // namespace audit::impl
