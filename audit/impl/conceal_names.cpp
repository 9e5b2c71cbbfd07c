// Values by the names they are given, and tokens by what they begin with.
#include <algorithm>
#include <array>
#include <cstdint>

#include "audit/impl/conceal.h"

namespace audit::impl {
namespace {

using Kind = Concealed::Kind;

constexpr std::size_t kNameMax = 40;
constexpr std::size_t kBearerMin = 16;
constexpr std::size_t kOwnKeySize = 43;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_alnum(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }
bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }
bool is_token(char c) {
    return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' || c == '=';
}
bool ends_value(char c) {
    constexpr std::string_view kEnds = "\"'\\&;,<>{}[]";
    return static_cast<unsigned char>(c) <= ' ' || kEnds.find(c) != std::string_view::npos;
}
bool ends_line(char c) { return c == '"' || c == '\'' || c == '\\' || c == '&' || c == '\n' || c == '\r' || c == '['; }

template <typename Is>
std::size_t end_of(std::string_view text, std::size_t at, Is is) {
    while (at < text.size() && is(text[at])) {
        ++at;
    }
    return at;
}

// What a name announces.
enum class Names { nothing, pin, stripe, password, token, line };

// In small letters, without _ and -.
Names names(std::string_view name) {
    struct Known {
        std::string_view name;
        Names kind;
    };
    constexpr std::array<Known, 27> kKnown = {{{"pin", Names::pin},
                                               {"cardpin", Names::pin},
                                               {"pinblock", Names::pin},
                                               {"pindata", Names::pin},
                                               {"encryptedpin", Names::pin},
                                               {"encryptedpinblock", Names::pin},
                                               {"pinoffset", Names::pin},
                                               {"pvv", Names::pin},
                                               {"track", Names::stripe},
                                               {"track1", Names::stripe},
                                               {"track2", Names::stripe},
                                               {"track3", Names::stripe},
                                               {"track1data", Names::stripe},
                                               {"track2data", Names::stripe},
                                               {"track3data", Names::stripe},
                                               {"trackdata", Names::stripe},
                                               {"magstripe", Names::stripe},
                                               {"password", Names::password},
                                               {"passwd", Names::password},
                                               {"passphrase", Names::password},
                                               {"accesstoken", Names::token},
                                               {"refreshtoken", Names::token},
                                               {"idtoken", Names::token},
                                               {"token", Names::token},
                                               {"clientsecret", Names::token},
                                               {"authorization", Names::line},
                                               {"setcookie", Names::line}}};
    const auto found = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& one) { return one.name == name; });
    return found == kKnown.end() ? Names::nothing : found->kind;
}

// The name before a sign (= or : or the > that ends a tag), with quotes around it or not.
Names names_before(std::string_view text, std::size_t sign) {
    std::size_t end = sign;
    const auto back_over = [&](std::string_view any, std::size_t most) {
        for (; most > 0 && end > 0 && any.find(text[end - 1]) != std::string_view::npos; --most) {
            --end;
        }
    };
    back_over(" \t", 2);
    back_over("\"'\\", 2);
    std::array<char, kNameMax> name{};
    std::size_t begin = end;
    std::size_t size = 0;
    while (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == '-')) {
        const char c = lower(text[--begin]);
        if (c != '_' && c != '-') {
            if (size == name.size()) {
                return Names::nothing;
            }
            name.at(name.size() - ++size) = c;
        }
    }
    if (size < 3 || (text[sign] == '>' && (begin == 0 || text[begin - 1] != '<'))) {
        return Names::nothing;
    }
    return names({name.data() + name.size() - size, size});
}

void add_value(std::string_view text, std::size_t sign, Names kind, std::vector<Concealed>& found) {
    std::size_t begin = end_of(text, sign + 1, [](char c) { return c == ' ' || c == '\t'; });
    begin = end_of(text, begin, [](char c) { return c == '"' || c == '\'' || c == '\\'; });
    const bool whole_line = kind == Names::line || kind == Names::stripe;
    const std::size_t end = end_of(text, begin, [&](char c) { return !(whole_line ? ends_line(c) : ends_value(c)); });
    const auto value = text.substr(begin, end - begin);
    const bool all_digits = std::all_of(value.begin(), value.end(), is_digit);
    const bool all_hex = std::all_of(value.begin(), value.end(), is_hex);
    switch (kind) {
        case Names::nothing:
            return;
        case Names::pin:
            if (value.size() >= 3 && (all_digits ? value.size() <= 16 : all_hex && value.size() % 8 == 0)) {
                found.push_back({begin, end, Kind::code, ""});
            }
            return;
        case Names::stripe:
            // What is masked already stays so.
            if (value.size() >= 13 && std::any_of(value.begin(), value.end(), is_digit) &&
                !text.substr(end).starts_with("[track]")) {
                found.push_back({begin, end, Kind::code, ""});
            }
            return;
        case Names::password: {
            // "password: is missing" has none.
            const bool given = text[sign] != ':' || text[begin - 1] == '"' || text[begin - 1] == '\'' ||
                               std::any_of(value.begin(), value.end(), is_digit);
            if (!value.empty() && given) {
                found.push_back({begin, end, Kind::secret, ""});
            }
            return;
        }
        case Names::token:
        case Names::line:
            if (value.size() >= kBearerMin) {
                found.push_back({begin, end, Kind::secret, ""});
            }
            return;
    }
}

void add_secret(std::size_t begin, std::size_t end, std::vector<Concealed>& found) {
    found.push_back({begin, end, Kind::secret, ""});
}

// Behind "Bearer ".
void add_bearer(std::string_view text, std::size_t blank, std::vector<Concealed>& found) {
    if (text.substr(0, blank).ends_with("earer")) {
        const auto end = end_of(text, blank + 1, is_token);
        if (end - blank > kBearerMin) {
            add_secret(blank + 1, end, found);
        }
    }
}

// Three parts of a JSON Web Token.
void add_web_token(std::string_view text, std::size_t at_j, std::vector<Concealed>& found) {
    if (text.substr(0, at_j).ends_with("ey")) {
        const auto end = end_of(text, at_j, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
        const auto token = text.substr(at_j, end - at_j);
        if (std::count(token.begin(), token.end(), '.') >= 2) {
            add_secret(at_j - 2, end, found);
        }
    }
}

// Our own keys for the API: dz_TENANT_NUMBER_ and 43 letters and digits.
void add_own_key(std::string_view text, std::size_t underscore, std::vector<Concealed>& found) {
    if (text.substr(0, underscore).ends_with("dz")) {
        const auto end = end_of(text, underscore, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
        const auto secret = text.substr(0, end).rfind('_') + 1;
        if (end - secret == kOwnKeySize) {
            add_secret(secret, end, found);
        }
    }
}

// Characters by which something is noticed.
enum class Sign : std::uint8_t { none, assigns, blank, j, underscore };
constexpr std::array<Sign, 256> kSigns = [] {
    std::array<Sign, 256> signs{};
    signs['='] = signs[':'] = signs['>'] = Sign::assigns;
    signs[' '] = Sign::blank;
    signs['J'] = Sign::j;
    signs['_'] = Sign::underscore;
    return signs;
}();

}  // namespace

void find_named(std::string_view text, std::vector<Concealed>& found) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        switch (kSigns[static_cast<unsigned char>(text[at])]) {
            case Sign::none:
                break;
            case Sign::assigns:
                if (const auto kind = names_before(text, at); kind != Names::nothing) {
                    add_value(text, at, kind, found);
                }
                break;
            case Sign::blank:
                add_bearer(text, at, found);
                break;
            case Sign::j:
                add_web_token(text, at, found);
                break;
            case Sign::underscore:
                add_own_key(text, at, found);
                break;
        }
    }
}

}  // namespace audit::impl
