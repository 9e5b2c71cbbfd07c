#include "audit/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <random>

#include "core/failure.h"

namespace audit {
namespace {

using testing::HasSubstr;
using testing::Not;

// Published test numbers of every brand, all of which pass Luhn.
const std::vector<std::string> kCards = {
    "4242424242424242", "4012888888881881", "4000056655665556",    "4222222222222",    "5555555555554444",
    "5105105105105100", "5200828282828210", "2223003122003222",    "2221000010000015", "378282246310005",
    "371449635398431",  "6011111111111117", "6011000990139424",    "6011981111111113", "3056930009020004",
    "36227206271667",   "30569309025904",   "38520000023237",      "3566002020360505", "3530111333300000",
    "6200000000000005", "6200000000000047", "6205500000000000004", "6555900000604105"};

// UnionPay's sandbox card, which fails Luhn.
const std::string kUnluhny = "6221558812340000";

core::KeyBytes key(char filler) { return core::KeyBytes(std::string(32, filler)); }

std::string digits_of(const std::string& text) {
    std::string digits;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digits.push_back(c);
        }
    }
    return digits;
}

// The card in groups of `size`, joined by the separator.
std::string grouped(const std::string& card, std::size_t size, const std::string& separator) {
    std::string text;
    for (std::size_t i = 0; i < card.size(); i += size) {
        text += (i == 0 ? "" : separator) + card.substr(i, size);
    }
    return text;
}

class Redact : public testing::Test {
protected:
    std::string masked(const std::string& card) const { return masked_card(card) + "~" + redactor_.fingerprint(card); }

    Redactor redactor_{key('k')};
};

TEST(MaskedCard, ShowsAtMostFirstSixAndLastFour) {
    for (std::size_t length = 0; length <= 19; ++length) {
        const auto digits = std::string("6205500000000000004").substr(0, length);
        const auto masked = masked_card(digits);
        EXPECT_EQ(masked.size(), length);
        EXPECT_LE(digits_of(masked).size(), 10U) << masked;
        if (length < 13) {
            EXPECT_EQ(masked, std::string(length, '*'));
        } else {
            EXPECT_EQ(masked.substr(0, 6), digits.substr(0, 6));
            EXPECT_EQ(masked.substr(length - 4), digits.substr(length - 4));
            EXPECT_EQ(masked.substr(6, length - 10), std::string(length - 10, '*'));
        }
    }
}

TEST(PassesLuhn, TellsGoodNumbersFromOnesWithADigitChanged) {
    for (const auto& card : kCards) {
        EXPECT_TRUE(passes_luhn(card)) << card.substr(0, 6);
        auto changed = card;
        changed.back() = changed.back() == '9' ? '0' : static_cast<char>(changed.back() + 1);
        EXPECT_FALSE(passes_luhn(changed));
    }
    EXPECT_FALSE(passes_luhn(kUnluhny));
    EXPECT_FALSE(passes_luhn(""));
}

TEST(LooksLikeCard, KnowsEveryBrandByPrefixAndLength) {
    for (const auto& card : kCards) {
        EXPECT_TRUE(looks_like_card(card)) << card.substr(0, 6);
    }
    EXPECT_TRUE(looks_like_card(kUnluhny));
    for (const std::string length : {"622155881234", "62215588123400001234", "424242424242", "42424242424242"}) {
        EXPECT_FALSE(looks_like_card(length)) << length;
    }
    EXPECT_TRUE(looks_like_card("2221000000000000"));
    EXPECT_FALSE(looks_like_card("2220000000000000"));
    EXPECT_TRUE(looks_like_card("2720000000000000"));
    EXPECT_FALSE(looks_like_card("2721000000000000"));
    EXPECT_FALSE(looks_like_card("1111111111111111"));
}

TEST_F(Redact, ReplacesEveryBrandsNumber) {
    for (const auto& card : kCards) {
        EXPECT_EQ(redactor_.redact(card), masked(card));
        EXPECT_EQ(redactor_.redact("{\"card\":\"" + card + "\",\"n\":1}"),
                  "{\"card\":\"" + masked(card) + "\",\"n\":1}");
        EXPECT_EQ(redactor_.redact("x" + card + "y"), "x" + masked(card) + "y");
        EXPECT_EQ(redactor_.redact("卡号" + card + "。"), "卡号" + masked(card) + "。");
    }
}

TEST_F(Redact, SeesThroughSeparators) {
    for (const auto& card : kCards) {
        for (const std::string separator : {" ", "-", ".", "_"}) {
            EXPECT_EQ(redactor_.redact("pay " + grouped(card, 4, separator) + ", thanks"),
                      "pay " + masked(card) + ", thanks");
        }
        EXPECT_EQ(redactor_.redact(grouped(card, 1, "-")), masked(card));
    }
    EXPECT_EQ(redactor_.redact("3782 822463 10005"), masked("378282246310005"));
    EXPECT_EQ(redactor_.redact("620550 0000000000004"), masked("6205500000000000004"));
}

TEST_F(Redact, SeesACardBesideOtherFigures) {
    const std::string card = "4242424242424242";
    for (const std::string& written : {card, grouped(card, 4, " "), grouped(card, 4, "-")}) {
        for (const std::string before : {"", "2026-11-18 ", "3 ", "13800138000 ", "4200001234202611181234567890 "}) {
            for (const std::string after : {"", " 12/30", " 123", " 12.30", "-00", ".00", " 13800138000"}) {
                const auto text = redactor_.redact(before + written + after);
                EXPECT_THAT(text, HasSubstr("424242***")) << before << "|" << after;
                EXPECT_THAT(digits_of(text), Not(HasSubstr(card))) << before << "|" << after;
                if (written == card) {
                    // In one piece it is the same text whatever stands beside it.
                    EXPECT_EQ(text, before + masked(card) + after);
                }
            }
        }
    }
}

TEST_F(Redact, GoesByTheNameWhereANumberDoesNotPassLuhn) {
    for (const std::string before :
         {"accNo=", "\"cardNo\":\"", "card number: ", "CARD_NO ", "acct_no=", "pan=", "卡号 "}) {
        EXPECT_EQ(redactor_.redact(before + kUnluhny + "&"), before + masked(kUnluhny) + "&");
        EXPECT_EQ(redactor_.redact(before + grouped(kUnluhny, 4, " ")), before + masked(kUnluhny));
    }
    for (const std::string before : {"orderId=", "", "company ", "card is long gone, here comes an order: "}) {
        EXPECT_EQ(redactor_.redact(before + kUnluhny), before + kUnluhny);
    }
    EXPECT_EQ(redactor_.redact("cardNo=4242424242424241"), "cardNo=4242424242424241") << "every other brand's pass";
}

TEST_F(Redact, TakesTheNameOfAListForEachOfIt) {
    EXPECT_EQ(redactor_.redact("pan: " + kUnluhny + ", " + kUnluhny + " order " + kUnluhny),
              "pan: " + masked(kUnluhny) + ", " + masked(kUnluhny) + " order " + kUnluhny);
}

// Fingerprints are letters, and some end as the word does that another would begin: "...p" and "an".
TEST_F(Redact, DoesNotReadAFingerprintAsAWord) {
    int ends_in_p = 0;
    for (int i = 100; i < 200; ++i) {
        const auto once = redactor_.redact("card " + ("6212345678901" + std::to_string(i)) + "an " + kUnluhny);
        ends_in_p += once.find("pan ") != std::string::npos ? 1 : 0;
        EXPECT_THAT(once, testing::EndsWith("an " + kUnluhny));
        EXPECT_EQ(redactor_.redact(once), once);
    }
    EXPECT_GT(ends_in_p, 0);
}

TEST_F(Redact, ReplacesEachOfSeveral) {
    EXPECT_EQ(redactor_.redact("4242424242424242,378282246310005;4242424242424242"),
              masked("4242424242424242") + "," + masked("378282246310005") + ";" + masked("4242424242424242"));
}

TEST_F(Redact, LeavesIdsOfTheChannelsAlone) {
    for (const std::string id :
         {"4200001234202611181234567890", "1217752501201407033233368018", "202611181234560000001",
          "611111202611180800001", "20261118080001", "20261118080001123", "pi_3MtwBwLkdIwHu7ix28a3tqPa",
          "O-20261118-0001", "2026-11-18T08:00:01.123456Z", "1763452801123456", "4242424242424241", "",
          "no digits at all"}) {
        EXPECT_EQ(redactor_.redact(id), id);
    }
    // Twenty digits are nobody's card, even where nineteen of them would be.
    EXPECT_EQ(redactor_.redact("62055000000000000040"), "62055000000000000040");
}

TEST_F(Redact, ChangesNothingTheSecondTime) {
    std::mt19937_64 random(20261118);
    const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    const std::vector<std::string> pieces = {" ",       "-",    ".",      "_",           "*",        "~",
                                             "a",       "/",    "6",      "62000001",    "4111111",  "12",
                                             "5000000", "2026", "******", "13800138000", "810000000"};
    int redacted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t n = 1 + below(8); n > 0; --n) {
            text += below(3) == 0 ? kCards[below(kCards.size())] : pieces[below(pieces.size())];
        }
        const auto once = redactor_.redact(text);
        redacted += once == text ? 0 : 1;
        ASSERT_EQ(redactor_.redact(once), once) << "from " << text;
    }
    EXPECT_GT(redacted, 5'000);
}

TEST_F(Redact, LeavesNoCardBehind) {
    std::mt19937_64 random(7);
    const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    const std::vector<std::string> glue = {" ", "x", ",", "\n", "\":\"", "=", "&", "卡"};
    for (int i = 0; i < 5'000; ++i) {
        const auto& card = kCards[below(kCards.size())];
        const auto text = "order " + glue[below(glue.size())] + (below(2) == 0 ? card : grouped(card, 4, " ")) +
                          glue[below(glue.size())] + "end";
        ASSERT_THAT(digits_of(redactor_.redact(text)), Not(HasSubstr(card))) << i;
    }
}

TEST(Fingerprint, DependsOnNumberAndKeyAlone) {
    const Redactor first(key('a'));
    const Redactor same(key('a'));
    const Redactor second(key('b'));
    for (const auto& card : kCards) {
        const auto print = first.fingerprint(card);
        EXPECT_EQ(print.size(), 16U);
        EXPECT_TRUE(std::all_of(print.begin(), print.end(), [](char c) { return c >= 'a' && c <= 'p'; })) << print;
        EXPECT_EQ(same.fingerprint(card), print);
        EXPECT_NE(second.fingerprint(card), print);
        for (const auto& other : kCards) {
            EXPECT_EQ(first.fingerprint(other) == print, other == card);
        }
    }
    EXPECT_EQ(first.redact("4242 4242 4242 4242"), first.redact("4242424242424242"));
}

TEST(Fingerprint, NeedsAKey) {
    EXPECT_THROW(Redactor{core::KeyBytes()}, core::BrokenRule);
    EXPECT_THROW(Redactor{core::KeyBytes(std::string(15, 'k'))}, core::BrokenRule);
    EXPECT_NO_THROW(Redactor{core::KeyBytes(std::string(16, 'k'))});
}

// Ids of other people that are no cards: how many of 20,000 are taken for one, at most, in 10,000.
struct Family {
    const char* name;
    std::function<std::string(std::mt19937_64&)> make;
    int alarms_max;
};
void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }

class FalseAlarms : public testing::TestWithParam<Family> {};

std::string random_digits(std::mt19937_64& random, std::size_t count) {
    std::string digits;
    while (digits.size() < count) {
        digits.push_back(static_cast<char>('0' + random() % 10));
    }
    return digits;
}
std::string number(std::mt19937_64& random, std::uint64_t first, std::uint64_t count) {
    return std::to_string(first + random() % count);
}
std::string day_text(std::mt19937_64& random) {
    return number(random, 2020, 10) + number(random, 10, 3) + number(random, 10, 19);
}

TEST_P(FalseAlarms, AreAsRareAsMeasured) {
    constexpr int kIds = 20'000;
    const Redactor redactor(key('k'));
    std::mt19937_64 random(20261118);
    int alarms = 0;
    for (int i = 0; i < kIds; ++i) {
        const auto id = GetParam().make(random);
        alarms += redactor.redact(id) == id ? 0 : 1;
    }
    RecordProperty("alarms_in_10000", alarms / (kIds / 10'000));
    EXPECT_LE(alarms, GetParam().alarms_max * (kIds / 10'000));
}

INSTANTIATE_TEST_SUITE_P(
    , FalseAlarms,
    testing::Values(
        Family{"WeChatTransactionId", [](auto& r) { return "4200" + random_digits(r, 24); }, 0},
        Family{"AlipayTradeNumber", [](auto& r) { return day_text(r) + random_digits(r, 20); }, 0},
        Family{"UnionPayQueryId", [](auto& r) { return random_digits(r, 21); }, 0},
        Family{"TimeOfDay14", [](auto& r) { return day_text(r) + number(r, 100'000, 100'000); }, 0},
        Family{"TimeOfDay17", [](auto& r) { return day_text(r) + number(r, 100'000, 100'000) + random_digits(r, 3); },
               0},
        Family{"MicrosecondEpoch", [](auto& r) { return number(r, 1'700'000'000'000'000, 99'000'000'000'000); }, 0},
        Family{"PhoneAndDay", [](auto& r) { return "13" + random_digits(r, 9) + day_text(r); }, 0},
        Family{"PhoneAndDayApart", [](auto& r) { return "13" + random_digits(r, 9) + " " + day_text(r); }, 0},
        // Of the provinces 41 to 46 they look like Visa's longer numbers.
        Family{"IdentityNumber",
               [](auto& r) {
                   return number(r, 110'000, 550'000) + number(r, 1950, 60) + "0" + number(r, 1, 9) +
                          number(r, 10, 18) + random_digits(r, 4);
               },
               250},
        Family{"Snowflake", [](auto& r) { return number(r, 1'500'000'000'000'000'000, 500'000'000'000'000'000); }, 30},
        Family{"RandomOrderNumber18", [](auto& r) { return number(r, 1, 9) + random_digits(r, 17); }, 250},
        Family{"RandomOrderNumber16", [](auto& r) { return number(r, 1, 9) + random_digits(r, 15); }, 400},
        Family{"DayAndCounter", [](auto& r) { return "O-" + day_text(r) + "-" + random_digits(r, 6); }, 0},
        Family{"Uuid",
               [](auto& r) {
                   std::string text;
                   for (const int length : {8, 4, 4, 4, 12}) {
                       text += text.empty() ? "" : "-";
                       for (int i = 0; i < length; ++i) {
                           text.push_back("0123456789abcdef"[r() % 16]);
                       }
                   }
                   return text;
               },
               10}),
    [](const auto& row) { return std::string(row.param.name); });

// What the quick look lets pass is nothing that redact_cards() would change.
TEST(MayHoldCard, NeverDeniesWhatRedactFinds) {
    const Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    std::mt19937_64 random(20'261'118);
    static constexpr std::array<std::string_view, 12> kPieces{
        "4242424242424242", "4242", "378282246310005", "62", "6217", "card", "-", " ", ".", "x", "0005",
        "123456789012"};
    int changed = 0;
    for (int round = 0; round < 60'000; ++round) {
        std::string text;
        for (auto left = 1 + random() % 7; left > 0; --left) {
            text += kPieces[random() % kPieces.size()];
        }
        const bool changes = redactor.redact_cards(text) != text;
        changed += changes ? 1 : 0;
        ASSERT_TRUE(may_hold_card(text) || !changes) << text.size();
        ASSERT_FALSE(may_hold_card(text) && text.find_first_of("0123456789") == std::string::npos);
    }
    EXPECT_GT(changed, 1000);
    EXPECT_FALSE(may_hold_card("4200001234202611181234567890"));  // WeChat Pay's, 28 digits
    EXPECT_FALSE(may_hold_card("PAY-2026-11-18-0001"));
}

}  // namespace
}  // namespace audit
