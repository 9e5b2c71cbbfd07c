// Card numbers as they are met: thirteen test numbers in each of 29 ways to write them, each in a line such as logs
// have. And numbers that are none: ten families of ids. Only numbers that the networks publish for testing, and two of
// 19 digits made of theirs with a check digit.
#pragma once

#include <array>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/archive.h"

namespace test_support {

struct CorpusCase {
    std::string card;  // its name
    std::string card_digits;
    std::string encoding;  // the way of writing
    std::string text;      // a file's bytes
    bool is_to_be_found;
};

struct CorpusCard {
    std::string name;
    std::string digits;
};

inline const std::vector<CorpusCard>& corpus_cards() {
    static const std::vector<CorpusCard> cards = {
        {"Visa", "4242424242424242"},
        {"Visa 13", "4222222222222"},
        {"Visa 19", "4000000000000000006"},
        {"Mastercard", "5555555555554444"},
        {"Mastercard 2-series", "2223003122003222"},
        {"Amex", "378282246310005"},
        {"Discover", "6011111111111117"},
        {"JCB", "3566002020360505"},
        {"Diners", "30569309025904"},
        {"UnionPay 16", "6200000000000005"},
        {"UnionPay 19", "6205500000000000004"},
        {"UnionPay 19, second", "6222222222222222222"},
        {"UnionPay without Luhn", "6221558812340000"},
    };
    return cards;
}

namespace corpus {

inline std::string each(const std::string& digits, const std::function<std::string(char)>& write) {
    std::string out;
    for (const char c : digits) {
        out += write(c);
    }
    return out;
}

// In groups of four, Amex 4-6-5, Diners 4-6-4.
inline std::string grouped(const std::string& digits, const std::string& separator) {
    std::vector<std::size_t> sizes = {4, 4, 4, 4, 4};
    if (digits.size() == 15 || digits.size() == 14) {
        sizes = {4, 6, digits.size() - 10};
    }
    std::string out;
    std::size_t at = 0;
    for (const auto size : sizes) {
        if (at < digits.size()) {
            out += (at > 0 ? separator : "") + digits.substr(at, size);
            at += size;
        }
    }
    return out;
}

inline std::string hex_of(unsigned value, std::size_t width) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(width, '0');
    for (std::size_t i = width; i > 0; --i, value /= 16) {
        out[i - 1] = kDigits[value % 16];
    }
    return out;
}

inline unsigned code(char c) { return static_cast<unsigned char>(c); }

inline std::string base64(const std::string& text, std::string_view last_two, bool padded) {
    const std::string alphabet =
        std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").append(last_two);
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        unsigned bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = bits * 256 + (i + j < text.size() ? code(text[i + j]) : 0);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            const bool is_there = i + j <= text.size();
            if (is_there || padded) {
                out += is_there ? alphabet[(bits >> (18 - 6 * j)) % 64] : '=';
            }
        }
    }
    return out;
}

inline std::string utf16(const std::string& text, bool big) {
    return each(text, [big](char c) { return big ? std::string(1, '\0') + c : std::string(1, c) + '\0'; });
}

// As a spreadsheet shows it: fifteen digits are kept.
inline std::string scientific(const std::string& digits) {
    auto kept = digits.substr(0, 15);
    kept.erase(kept.find_last_not_of('0') + 1);
    return kept.substr(0, 1) + "." + kept.substr(1) + "E+" + std::to_string(digits.size() - 1);
}

struct Way {
    std::string name;
    std::function<std::string(const std::string&)> file;  // a whole file with the number
};

inline std::string line_with(const std::string& number) {
    return "2026-11-18T10:12:00.123Z INFO pay order=A-1001 card=" + number + " amount=12300 CNY\n";
}

inline std::string json_escaped(const std::string& digits) {
    return each(digits, [](char c) { return "\\u" + hex_of(code(c), 4); });
}

inline std::vector<Way> ways() {
    const auto in_line = [](const std::string& name, std::function<std::string(const std::string&)> write) {
        return Way{name, [write = std::move(write)](const std::string& d) { return line_with(write(d)); }};
    };
    const auto with = [&](const std::string& name, const std::string& separator) {
        return in_line(name, [separator](const std::string& d) { return grouped(d, separator); });
    };
    return {
        in_line("plain", [](const std::string& d) { return d; }),
        with("blanks", " "),
        with("dashes", "-"),
        with("dots", "."),
        with("no-break space", "\xC2\xA0"),
        with("underscores", "_"),
        with("URL %20", "%20"),
        with("URL +", "+"),
        in_line("URL each character",
                [](const std::string& d) { return each(d, [](char c) { return "%" + hex_of(code(c), 2); }); }),
        in_line("JSON \\u", [](const std::string& d) { return "\"" + json_escaped(d) + "\""; }),
        in_line(
            "XML &#;",
            [](const std::string& d) { return each(d, [](char c) { return "&#" + std::to_string(code(c)) + ";"; }); }),
        in_line("base64", [](const std::string& d) { return base64(d, "+/", true); }),
        in_line("base64url",
                [](const std::string& d) { return base64("{\"pan\":\"" + d + "\"}\xFB\xFF", "-_", false); }),
        in_line("hexadecimal", [](const std::string& d) { return each(d, [](char c) { return hex_of(code(c), 2); }); }),
        Way{"UTF-16 LE", [](const std::string& d) { return utf16(line_with(d), false); }},
        Way{"UTF-16 BE", [](const std::string& d) { return utf16(line_with(d), true); }},
        in_line("track 1", [](const std::string& d) { return "%B" + d + "^TEST/CARD^30121010000000000?"; }),
        in_line("track 2", [](const std::string& d) { return ";" + d + "=30121010000000000?"; }),
        in_line("full width",
                [](const std::string& d) {
                    return each(d,
                                [](char c) { return std::string("\xEF\xBC") + static_cast<char>(0x90 + (c - '0')); });
                }),
        in_line("glued to letters", [](const std::string& d) { return "acc" + d + "end"; }),
        Way{"gzip", [](const std::string& d) { return core::gzip(line_with(d)); }},
        in_line("glued between digits", [](const std::string& d) { return "90210" + d + "77310"; }),
        in_line("scientific", scientific),
        in_line("base64 of JSON \\u",
                [](const std::string& d) { return base64("{\"card\":\"" + json_escaped(d) + "\"}", "+/", true); }),
        in_line("URL of URL",
                [](const std::string& d) { return each(d, [](char c) { return "%25" + hex_of(code(c), 2); }); }),
        in_line("broken by a line's end",
                [](const std::string& d) { return d.substr(0, d.size() / 2) + "\n" + d.substr(d.size() / 2); }),
        Way{"over a border of 64 KiB",
            [](const std::string& d) {
                std::string text;
                while (text.size() < (std::size_t{64} << 10U) - 200) {
                    text += "2026-11-18T10:12:00.123Z INFO nothing to see\n";
                }
                const auto line = line_with(d);
                text.append((std::size_t{64} << 10U) - text.size() - line.find(d) - 7, '.');
                return text + line;
            }},
        in_line("PostgreSQL's DETAIL",
                [](const std::string& d) { return "DETAIL:  Failing row contains (2, 1, " + d + ", -5)."; }),
        Way{"in a zip",
            [](const std::string& d) {
                return core::zip({{"log.txt", line_with(d)}});
            }},
    };
}

}  // namespace corpus

// 13 times 29. What stands between other digits is part of a longer number, and of 19 digits a spreadsheet has lost
// four: these are not to be found.
inline std::vector<CorpusCase> card_corpus() {
    std::vector<CorpusCase> cases;
    for (const auto& way : corpus::ways()) {
        for (const auto& card : corpus_cards()) {
            const bool is_gone =
                way.name == "glued between digits" || (way.name == "scientific" && card.digits.size() > 16);
            cases.push_back({card.name, card.digits, way.name, way.file(card.digits), !is_gone});
        }
    }
    return cases;
}

// Ids as others make them, each family by how it is made, with how many of a million a scanner of whole runs of digits
// may take for card numbers.
struct IdFamily {
    std::string name;
    std::string field;  // where it stands in messages
    std::size_t alarms_max;
    std::function<std::string(std::mt19937_64&)> make;
};

namespace corpus {

inline std::string digits(std::mt19937_64& random, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) {
        out += static_cast<char>('0' + random() % 10);
    }
    return out;
}
inline std::string padded(std::uint64_t value, std::size_t width) {
    auto text = std::to_string(value);
    return std::string(width - std::min(width, text.size()), '0') + text;
}
// Of the years 2024 to 2026.
inline std::string day(std::mt19937_64& random) {
    return padded(2024 + random() % 3, 4) + padded(1 + random() % 12, 2) + padded(1 + random() % 28, 2);
}
inline std::string day_time(std::mt19937_64& random) {
    return day(random) + padded(random() % 24, 2) + padded(random() % 60, 2) + padded(random() % 60, 2);
}
// The first digit isn't zero.
inline std::string number(std::mt19937_64& random, std::size_t size) {
    return std::string(1, static_cast<char>('1' + random() % 9)) + digits(random, size - 1);
}
// GB 11643: region, birthday, sequence, check digit; those with X are no number.
inline std::string identity_number(std::mt19937_64& random) {
    constexpr std::array<unsigned, 31> kProvinces = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41,
                                                     42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65};
    constexpr std::array<unsigned, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    const auto region = std::to_string(kProvinces.at(random() % kProvinces.size())) + padded(1 + random() % 20, 2) +
                        padded(1 + random() % 30, 2);
    const auto born = padded(1950 + random() % 60, 4) + padded(1 + random() % 12, 2) + padded(1 + random() % 28, 2);
    auto text = region + born + digits(random, 3);
    unsigned sum = 0;
    for (std::size_t i = 0; i < kWeights.size(); ++i) {
        sum += static_cast<unsigned>(text[i] - '0') * kWeights.at(i);
    }
    return text + "10X98765432"[sum % 11];
}

}  // namespace corpus

inline const std::vector<IdFamily>& id_families() {
    using Random = std::mt19937_64;
    static const std::vector<IdFamily> families = {
        {"WeChat Pay transaction id, 28 digits", "transaction_id", 0,
         [](Random& r) { return "4200" + corpus::padded(r() % 10000, 6) + corpus::day(r) + corpus::digits(r, 10); }},
        {"Alipay trade number, 28 digits", "trade_no", 0,
         [](Random& r) { return corpus::day(r) + "2200" + corpus::digits(r, 16); }},
        {"Chinese identity number, 18 digits", "order_no", 3200, corpus::identity_number},
        {"phone number and date, 19 digits", "out_trade_no", 0,
         [](Random& r) { return "1" + corpus::padded(30 + r() % 70, 2) + corpus::digits(r, 8) + corpus::day(r); }},
        {"random order number, 18 digits", "out_trade_no", 1200, [](Random& r) { return corpus::number(r, 18); }},
        {"UnionPay queryId, 21 digits", "queryId", 0,
         [](Random& r) { return corpus::day_time(r) + corpus::digits(r, 7); }},
        {"Snowflake id, 19 digits", "order_id", 0,
         [](Random& r) {
             return std::to_string((1700000000000 + r() % 100000000000 - 1288834974657) << 22U | (r() % (1U << 22U)));
         }},
        {"random order number, 16 digits", "out_trade_no", 25700, [](Random& r) { return corpus::number(r, 16); }},
        {"microseconds since 1970, 16 digits", "request_id", 0,
         [](Random& r) { return std::to_string(1700000000000000 + r() % 100000000000000); }},
        {"time stamp, 14 or 17 digits", "trace_id", 0,
         [](Random& r) { return corpus::day_time(r) + (r() % 2 == 0 ? "" : corpus::digits(r, 3)); }},
    };
    return families;
}

}  // namespace test_support
