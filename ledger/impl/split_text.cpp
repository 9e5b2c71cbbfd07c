// How an order keeps its split. Text that was stored once must be read for ever.
#include <algorithm>

#include "core/money.h"
#include "ledger/split.h"

namespace ledger {
namespace {

using config::SplitShare;

constexpr std::string_view kSecondForm = "v2;";
constexpr std::string_view kWhen = "when=";

bool needs_second_form(const SplitShare& share) {
    return share.at_least || share.at_most || (share.remainder && share.basis_points);
}

std::string text_of(const SplitShare& share) {
    std::string text = share.to + "=";
    if (share.fixed_minor) {
        return text + "f" + std::to_string(*share.fixed_minor);
    }
    if (!share.basis_points) {
        return text + "r";
    }
    text += "b" + std::to_string(*share.basis_points);
    text += share.at_least ? ",at_least=" + std::to_string(*share.at_least) : "";
    text += share.at_most ? ",at_most=" + std::to_string(*share.at_most) : "";
    return text + (share.remainder ? ",remainder" : "");
}

// What stands before the next `mark`, which goes with it.
std::string_view take_until(std::string_view& text, char mark) {
    const auto end = std::min(text.find(mark), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::optional<std::int64_t> number_in(std::string_view text) {
    const auto number = core::minor_from_integer(text);
    return number ? std::optional(*number) : std::nullopt;
}

// "r", "f50", "b9300". False when it is something else.
bool read_how_much(std::string_view text, SplitShare& share) {
    if (text == "r") {
        share.remainder = true;
        return true;
    }
    auto& number = text.starts_with('f') ? share.fixed_minor : share.basis_points;
    if (text.starts_with('f') || text.starts_with('b')) {
        number = number_in(text.substr(1));
    }
    return number.has_value();
}

bool read_further_word(std::string_view text, SplitShare& share) {
    if (text == "remainder") {
        share.remainder = true;
        return true;
    }
    const auto name = take_until(text, '=');
    auto& number = name == "at_least" ? share.at_least : share.at_most;
    if (name == "at_least" || name == "at_most") {
        number = number_in(text);
    }
    return number.has_value();
}

std::optional<SplitShare> read_share(std::string_view text, bool second_form) {
    SplitShare share;
    share.to = take_until(text, '=');
    if (!read_how_much(second_form ? take_until(text, ',') : std::exchange(text, {}), share)) {
        return std::nullopt;
    }
    while (!text.empty()) {
        if (!read_further_word(take_until(text, ','), share)) {
            return std::nullopt;
        }
    }
    return share;
}

}  // namespace

std::string terms_to_text(const config::SplitPolicy& policy) {
    const bool at_capture = policy.when == config::SplitTime();
    const bool second_form = !at_capture || std::any_of(policy.shares.begin(), policy.shares.end(), needs_second_form);
    std::string text = second_form ? std::string(kSecondForm) : "";
    text += at_capture ? "" : std::string(kWhen) + config::text_of(policy.when) + ";";
    for (const auto& share : policy.shares) {
        text += text_of(share) + ";";
    }
    if (!policy.shares.empty()) {
        text.pop_back();
    }
    return text;
}

std::optional<config::SplitPolicy> terms_from_text(const std::string& text) {
    std::string_view rest(text);
    const bool second_form = rest.starts_with(kSecondForm);
    rest.remove_prefix(second_form ? kSecondForm.size() : 0);
    config::SplitPolicy policy;
    if (second_form && rest.starts_with(kWhen)) {
        const auto when = config::split_time_from(take_until(rest, ';').substr(kWhen.size()));
        if (!when) {
            return std::nullopt;
        }
        policy.when = *when;
    }
    while (!rest.empty()) {
        const auto share = read_share(take_until(rest, ';'), second_form);
        if (!share) {
            return std::nullopt;
        }
        policy.shares.push_back(*share);
    }
    return policy;
}

}  // namespace ledger
