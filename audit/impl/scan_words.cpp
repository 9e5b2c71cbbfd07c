// Secrets and card verification codes, by the words that come with them.
#include <algorithm>
#include <array>
#include <optional>

#include "audit/impl/scan_window.h"

namespace audit::impl {
namespace {

constexpr std::size_t kNameMax = 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_alnum(char c) { return is_digit(c) || is_letter(c); }
bool is_name(char c) { return is_alnum(c) || c == '_' || c == '-'; }

std::size_t run_of(std::string_view text, bool (*is)(char)) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin());
}

// What vendors' secrets begin with, and how long what follows is at least.
struct Prefix {
    std::string_view text;
    std::size_t behind_min;
    Confidence confidence;
};
constexpr std::array<Prefix, 6> kPrefixes = {{{"sk_live_", 16, Confidence::high},
                                              {"rk_live_", 16, Confidence::high},
                                              {"whsec_", 16, Confidence::high},
                                              {"sk_test_", 16, Confidence::low},
                                              {"rk_test_", 16, Confidence::low},
                                              {"sk_org_", 16, Confidence::medium}}};

struct Value {
    std::size_t begin;
    std::size_t end;
};

// Behind a name, quotes around it or not, its value's letters and digits: name=..., name: ..., "name" : "...".
std::optional<Value> value_behind(std::string_view text, std::size_t name_end) {
    std::size_t at = name_end;
    const auto pass = [&](std::string_view any, std::size_t most) {
        for (; most > 0 && at < text.size() && any.find(text[at]) != std::string_view::npos; --most) {
            ++at;
        }
    };
    pass("\\\"'", 2);
    pass(" \t", 4);
    const auto assigned = at;
    pass("=:>", 2);
    if (at == assigned) {
        return std::nullopt;
    }
    pass(" \t\\\"'", 6);
    return Value{at, at + run_of(text.substr(at), is_alnum)};
}

// The whole name that `part` stands in, in small letters without _ and -; and where it ends.
std::string name_around(std::string_view text, std::size_t part, std::size_t& end) {
    std::size_t begin = part;
    while (begin > 0 && part - begin < kNameMax && is_name(text[begin - 1])) {
        --begin;
    }
    end = part + std::min(run_of(text.substr(part, kNameMax), is_name), kNameMax);
    std::string name;
    for (const char c : text.substr(begin, end - begin)) {
        if (c != '_' && c != '-') {
            name.push_back(lower(c));
        }
    }
    return name;
}

// Of random letters and digits: both of them, and not few of either kind repeated.
bool looks_random(std::string_view value) {
    std::array<bool, 256> seen{};
    for (const char c : value) {
        seen.at(static_cast<unsigned char>(c)) = true;
    }
    const auto kinds = std::count(seen.begin(), seen.end(), true);
    return kinds >= 10 && std::any_of(value.begin(), value.end(), is_digit) &&
           std::any_of(value.begin(), value.end(), is_letter);
}

bool is_hex(std::string_view value) {
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); });
}

Hit secret(Value value, Confidence confidence, std::string masked) {
    return {value.begin, value.end, FindingKind::secret, confidence, "plain", "", std::move(masked), ""};
}

std::optional<Hit> private_key(std::string_view text, std::size_t at) {
    const auto head = text.substr(at, 64);
    const auto end = head.find("-----", 5);
    if (!head.starts_with("-----BEGIN ") || end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto label = head.substr(11, end - 11);
    if (!label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK")) {
        return std::nullopt;
    }
    // Behind the line must be something like a key: texts about keys quote the line alone.
    std::size_t body = at + end + 5;
    while (body < text.size() && (!is_alnum(text[body]) || (text[body] == 'n' && text[body - 1] == '\\'))) {
        if (++body > at + end + 16) {
            return std::nullopt;
        }
    }
    const bool has_body =
        run_of(text.substr(body, 64), [](char c) { return is_alnum(c) || c == '+' || c == '/' || c == '-'; }) >= 8;
    const auto kind = std::string(head.substr(0, end + 5));
    return has_body
               ? std::optional(Hit{at, at + end + 5, FindingKind::private_key, Confidence::high, "plain", "", kind, ""})
               : std::nullopt;
}

std::optional<Hit> prefixed(std::string_view text, std::size_t at) {
    for (const auto& prefix : kPrefixes) {
        // The trigger is the letter before the first _.
        const auto offset = prefix.text.find('_') - 1;
        if (at < offset || !text.substr(at - offset).starts_with(prefix.text)) {
            continue;
        }
        const auto begin = at - offset;
        const auto size = run_of(text.substr(begin + prefix.text.size(), 256), is_alnum);
        const bool is_part = begin > 0 && is_name(text[begin - 1]);
        if (size >= prefix.behind_min && !is_part && looks_random(text.substr(begin + prefix.text.size(), size))) {
            return secret({begin, begin + prefix.text.size() + size}, prefix.confidence,
                          std::string(prefix.text) + "***");
        }
    }
    return std::nullopt;
}

// Names of keys in configurations: WeChat Pay's APIv3 key (32 letters and digits), master keys (64 hexadecimal digits),
// and what is called secret or key elsewhere.
std::optional<Hit> named_key(std::string_view text, std::size_t at) {
    std::size_t end = 0;
    const auto name = name_around(text, at, end);
    const auto value = value_behind(text, end);
    if (!value) {
        return std::nullopt;
    }
    const auto shown = text.substr(value->begin, value->end - value->begin);
    const auto ends_with = [&](std::string_view word) { return name.ends_with(word); };
    const bool wechatpay =
        ends_with("apiv3key") || ends_with("apiv3secret") || ends_with("mchkey") || ends_with("wxpaykey");
    if (wechatpay && shown.size() == 32) {
        return secret(*value, looks_random(shown) ? Confidence::high : Confidence::medium, name + "=***");
    }
    const bool master =
        ends_with("masterkey") || ends_with("privatekey") || ends_with("encryptionkey") || ends_with("signkey");
    if (master && (shown.size() == 64 || shown.size() == 32 || shown.size() == 48) && is_hex(shown) &&
        looks_random(shown)) {
        return secret(*value, Confidence::medium, name + "=***");
    }
    const bool secretive =
        ends_with("secret") || ends_with("secretkey") || ends_with("apikey") || ends_with("accesskey");
    return secretive && shown.size() >= 24 && shown.size() <= 128 && looks_random(shown)
               ? std::optional(secret(*value, Confidence::low, name + "=***"))
               : std::nullopt;
}

// "cvv": "...", cvc=..., CVN2: ... The name must be all of it.
std::optional<Hit> verification_code(std::string_view text, std::size_t at) {
    constexpr std::array<std::string_view, 12> kNames = {"cvv",      "cvv2",      "cvvcode", "cvv2code",
                                                         "cardcvv",  "cvvnumber", "cvvno",   "cvvvalue",
                                                         "cardcvv2", "cvvcvc",    "icvv",    "dcvv"};
    std::size_t end = 0;
    const auto name = name_around(text, at, end);
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
        // cvc and cvn go by the same list.
        auto same = name;
        std::replace_if(
            same.begin(), same.end(), [](char c) { return c == 'c' || c == 'n'; }, 'v');
        const bool known = same.starts_with("vvv") && same.size() <= 4 && name.starts_with("cv");
        if (!known || (same.size() == 4 && same[3] != '2')) {
            return std::nullopt;
        }
    }
    const auto value = value_behind(text, end);
    const auto size = value ? value->end - value->begin : 0;
    if ((size != 3 && size != 4) || run_of(text.substr(value->begin, size), is_digit) != size) {
        return std::nullopt;
    }
    return Hit{value->begin, value->end, FindingKind::cvv, Confidence::medium, "plain", "", std::string(size, '*'), ""};
}

}  // namespace

void Window::look_at_word(std::size_t at) {
    const char first = lower(text_[at]);
    const char second = lower(this->at(at + 1));
    std::optional<Hit> hit;
    if (first == '-') {
        hit = private_key(text_, at);
    } else if (second == '_') {
        hit = prefixed(text_, at);
    } else if (second == 'v') {
        hit = verification_code(text_, at);
    } else {
        hit = named_key(text_, at);
    }
    if (hit) {
        dealt_.of(TriggerKind::word) = hit->end;
        hits_.push_back(std::move(*hit));
    }
}

}  // namespace audit::impl
