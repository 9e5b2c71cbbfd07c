#include "audit/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "audit/impl/scan_triggers.h"
#include "tests/support/card_corpus.h"

namespace audit {
namespace {

using test_support::card_corpus;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Redactor& redactor() {
    static const Redactor made{core::KeyBytes(std::string(32, 'k'))};
    return made;
}

ScanReport scan(const std::string& text, const ScanOptions& options = {}, std::size_t piece = std::string::npos) {
    ScanReport report;
    TextScanner scanner("log.txt", redactor(), options, report);
    for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at)) {
        scanner.take(std::string_view(text).substr(at, piece));
    }
    scanner.finish();
    return report;
}

// What is found, as "kind confidence encoding masked".
std::vector<std::string> found_in(const std::string& text) {
    std::vector<std::string> found;
    for (const auto& one : scan(text).findings) {
        found.push_back(std::string(name_of(one.kind)) + " " + std::string(name_of(one.confidence)) + " " +
                        one.encoding + " " + one.masked);
    }
    return found;
}

struct Written {
    const char* name;
    std::string text;
    std::string found;  // empty: nothing
};

class ANumber : public testing::TestWithParam<Written> {};

TEST_P(ANumber, IsFoundAsItIsWritten) {
    const auto found = found_in(GetParam().text);
    if (GetParam().found.empty()) {
        EXPECT_THAT(found, IsEmpty());
    } else {
        EXPECT_THAT(found, ElementsAre(GetParam().found));
    }
}

const std::string kUtf16 = test_support::corpus::utf16("Zahlung 4242 4242 4242 4242 gebucht\r\n", false);

INSTANTIATE_TEST_SUITE_P(
    , ANumber,
    testing::Values(
        Written{"Alone", "4242424242424242", "pan medium plain 424242******4242"},
        Written{"BehindTheWord", "card 4242424242424242", "pan high plain 424242******4242"},
        Written{"FailingLuhn", "card 4242424242424241", ""},
        Written{"UnionPayWithoutLuhnBehindTheWord", "accNo=6221558812340000", "pan medium plain 622155******0000"},
        Written{"UnionPayWithoutLuhnInChinese", "卡号：6221558812340000", "pan medium plain 622155******0000"},
        Written{"UnionPayWithoutLuhnBehindAnotherWord", "discarded 6221558812340000", ""},
        Written{"WithADigitBefore", "14242424242424242", ""}, Written{"WithADigitBehind", "42424242424242421", ""},
        Written{"TransactionId", "4200001234202611181234567890", ""}, Written{"RareRangeAlone", "3056930009020004", ""},
        Written{"RareRangeBehindTheWord", "card 3056930009020004", "pan medium plain 305693******0004"},
        Written{"Fraction", "0.4242424242424242", ""},
        Written{"WithinADigest", "a3f4242424242424242bcdeadbeefdeadbeefcafe", ""},
        Written{"IdentityNumber", "620102198507150252", ""},
        Written{"InGroups", "4242 4242 4242 4242", "pan high grouped 424242******4242"},
        Written{"InGroupsBeforeADate", "4242 4242 4242 4242 12/30", "pan high grouped 424242******4242"},
        Written{"AmexInGroups", "3782-822463-10005", "pan high grouped 378282*****0005"},
        Written{"SixAndThirteen", "620550 0000000000004", "pan high grouped 620550*********0004"},
        Written{"InGroupsWithOtherSigns", "4242-4242 4242-4242", ""},
        Written{"DigitByDigit", "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", "pan medium grouped 424242******4242"},
        Written{"Times", "2026-11-18 10-12-00 2026-11-18 10-12-01", ""},
        Written{"Address", "192.168.100.101 10.11.12.13", ""},
        Written{"BrokenByALineEnd", "no=42424242\r\n  42424242;", "pan low broken-line 424242******4242"},
        Written{"ListOfShortNumbers", "42424242\n42424242\n", ""},
        Written{"QuotedPrintable", "card 424242424242=\n4242", "pan medium broken-line 424242******4242"},
        Written{"Track1", "%B4242424242424242^A/B^30121010000?", "track high plain 424242******4242"},
        Written{"Track2WithoutLuhn", ";6221558812340000=30121010000?", "track medium plain 622155******0000"},
        Written{"SpreadsheetsFifteenDigits", "3.78282246310005E+14", "pan medium scientific 378282*****0005"},
        Written{"SpreadsheetsSixteenthIsLost", "4.24242424242424E+15", "pan low scientific 424242**********"},
        Written{"SpreadsheetsRoundNumber", "4.2E+15", ""}, Written{"SpreadsheetsNineteen", "6.20550000000001E+18", ""},
        Written{"Hexadecimal", "\\x34323432343234323432343234323432", "pan medium hex 424242******4242"},
        Written{"HexadecimalApart", "34 32 34 32 34 32 34 32 34 32 34 32 34 32 34 32",
                "pan medium hex 424242******4242"},
        Written{"Base64OfBase64", "NDI0MjQyNDI0MjQyNDI0Mg==", "pan medium base64 424242******4242"},
        Written{"Utf16", kUtf16, "pan high utf-16le+grouped 424242******4242"},
        Written{"UrlInGroups", "q=4242%204242%204242%204242", "pan high grouped 424242******4242"},
        Written{"Epoch", "1763460720123456", ""}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(
    OfSecrets, ANumber,
    testing::Values(
        Written{"VerificationCode", R"({"cvv": "123"})", "cvv medium plain ***"},
        Written{"VerificationCodeCvn", "cvn2=1234&", "cvv medium plain ****"},
        Written{"NoVerificationCode", "cvs=123 canvas: 123 cv: 123", ""},
        Written{"StripeKey", "key = sk_live_" + std::string("51AbCdEfGhIjKlMnOp2"), "secret high plain sk_live_***"},
        Written{"StripePlaceholder", "sk_live_xxxxxxxxxxxxxxxxxxxx", ""},
        Written{"WebhookSecret", "whsec_" + std::string("A1b2C3d4E5f6G7h8I9j0"), "secret high plain whsec_***"},
        Written{"WechatKey", "api_v3_key = \"0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P\"", "secret high plain apiv3key=***"},
        Written{"ReferenceToAKey", "api_v3_key = \"file:keys/acme/wechatpay.key\"", ""},
        Written{"PrivateKey", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh",
                "private_key high plain -----BEGIN PRIVATE KEY-----"},
        Written{"PrivateKeyInJson", "-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEEIBkg",
                "private_key high plain -----BEGIN EC PRIVATE KEY-----"},
        Written{"TalkOfAPrivateKey", "begins with -----BEGIN PRIVATE KEY-----, then", ""},
        Written{"PublicKey", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqh", ""}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(TheCorpus, IsFoundButForWhatIsGone) {
    std::size_t found = 0;
    for (const auto& one : card_corpus()) {
        if (one.encoding == "gzip" || one.encoding == "in a zip") {
            continue;  // of whole files; see scan_paths_test
        }
        const auto report = scan(one.text);
        const bool is = std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
            return finding.masked.starts_with(one.card_digits.substr(0, 6));
        });
        // A spreadsheet shows this one as 6.2E+15.
        const bool round = one.card == "UnionPay 16" && one.encoding == "scientific";
        EXPECT_EQ(is, one.is_to_be_found && !round) << one.card << ", " << one.encoding;
        found += is ? 1 : 0;
    }
    EXPECT_GE(found + 26, 350U);
}

TEST(AFinding, NeverShowsANumberWhole) {
    for (const auto& one : card_corpus()) {
        for (const auto& finding : scan(one.text).findings) {
            const auto shown = std::count_if(finding.masked.begin(), finding.masked.end(),
                                             [](char c) { return c >= '0' && c <= '9'; });
            EXPECT_LE(shown, 10) << one.encoding << " " << finding.masked;
            EXPECT_EQ(finding.masked.find(one.card_digits), std::string::npos);
        }
    }
}

TEST(IdsOfOthers, AreSeldomTakenForCards) {
    constexpr std::size_t kIds = 100'000;
    for (const auto& family : test_support::id_families()) {
        std::mt19937_64 random(7);
        std::string lines;
        for (std::size_t i = 0; i < kIds; ++i) {
            lines += family.make(random) + "\n";
        }
        // Of a tenth of a million, with room for chance: three deviations.
        const auto expected = family.alarms_max / 10;
        EXPECT_LE(scan(lines).findings.size(), expected + expected / 16 + (expected > 0 ? 25 : 0)) << family.name;
    }
}

class AFieldOfIds : public testing::TestWithParam<const char*> {};

// %s stands for the id.
TEST_P(AFieldOfIds, GivesNoAlarms) {
    std::mt19937_64 random(7);
    const std::string form = GetParam();
    std::string text = form.find(',') != std::string::npos && form.front() == '2' ? "day,transaction_id,amount\n" : "";
    for (int i = 0; i < 3000; ++i) {
        text += form.substr(0, form.find("%s")) + test_support::corpus::number(random, 16) +
                form.substr(form.find("%s") + 2) + "\n";
    }
    const auto report = scan(text);
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_GT(report.ids, 30U);
}

INSTANTIATE_TEST_SUITE_P(, AFieldOfIds,
                         testing::Values(R"({"out_trade_no":"%s"})", R"({"data":"{\"transactionId\": \"%s\"}"})",
                                         "<out_trade_no><![CDATA[%s]]></out_trade_no>", "&orderId=%s&",
                                         "2026-11-18,%s,1"));

TEST(ACardInAFieldOfIds, IsFoundWhereItIsAlone) {
    EXPECT_THAT(scan(R"({"out_trade_no":"4242424242424242"})").findings, SizeIs(1));
}

TEST(ACardFieldOfManyCards, IsNotTakenForIds) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
        text += "{\"order_id\":\"4242424242424242\"}\n";
    }
    EXPECT_THAT(scan(text).findings, SizeIs(200));
}

TEST(TestNumbers, MayBeAllowed) {
    ScanOptions options;
    options.allow_test_numbers = true;
    const auto report = scan("card 4242424242424242, card 4242424242424242428", options);
    EXPECT_THAT(report.findings, SizeIs(1));
    EXPECT_EQ(report.allowed, 1U);
}

TEST(AFingerprint, MayBeAllowed) {
    ScanOptions options;
    options.allowed.insert(redactor().fingerprint("4242424242424242"));
    const auto report = scan("4242 4242 4242 4242 and 5555555555554444", options);
    ASSERT_THAT(report.findings, SizeIs(1));
    EXPECT_EQ(report.findings[0].masked, "555555******4444");
}

TEST(AFinding, HasItsPlace) {
    const auto report = scan("one\ntwo 4242424242424242\n\nx card=NDI0MjQyNDI0MjQyNDI0Mg==\n");
    ASSERT_THAT(report.findings, SizeIs(2));
    EXPECT_EQ(report.findings[0].line, 2U);
    EXPECT_EQ(report.findings[0].column, 5U);
    EXPECT_EQ(report.findings[1].line, 4U);
    EXPECT_EQ(report.findings[1].column, 8U);
}

// Borders of the buffer are where they are; what is found, and where, doesn't depend on them.
TEST(ALongText, IsTheSameInWhateverPieces) {
    std::mt19937_64 random(3);
    std::string text;
    std::size_t planted = 0;
    const auto corpus = card_corpus();
    while (text.size() < (std::size_t{3} << 20U)) {
        text += "2026-11-18 10:12:00.123456 id=" + test_support::corpus::digits(random, random() % 40) + "\n";
        const auto& one = corpus[random() % corpus.size()];
        const bool is_line = one.encoding.find("UTF") == std::string::npos &&
                             one.encoding.find("zip") == std::string::npos &&
                             one.encoding.find("border") == std::string::npos;
        if (random() % 50 == 0 && is_line && one.is_to_be_found) {
            text += one.text;
            ++planted;
        }
    }
    const auto whole = scan(text);
    EXPECT_GE(whole.findings.size() + 60, planted);
    for (const std::size_t piece : {std::size_t{4097}, std::size_t{65536}, std::size_t{1} << 20U}) {
        const auto apart = scan(text, {}, piece);
        ASSERT_EQ(apart.findings.size(), whole.findings.size());
        for (std::size_t i = 0; i < whole.findings.size(); ++i) {
            EXPECT_EQ(apart.findings[i].line, whole.findings[i].line);
            EXPECT_EQ(apart.findings[i].column, whole.findings[i].column);
        }
    }
}

// Numbers at every place around where the first buffer is looked at up to, and where it ends.
TEST(ANumberAtABorder, IsFoundOnce) {
    for (const std::size_t border : {std::size_t{260} << 10U, std::size_t{264} << 10U}) {
        for (std::size_t shift = 0; shift < 48; ++shift) {
            std::string text(border - 36 + shift, '.');
            text += " 4242 4242 4242 4242 ";
            text.append(10'000, '.');
            EXPECT_THAT(scan(text).findings, SizeIs(1)) << border << " " << shift;
        }
    }
}

TEST(BothKindsOfInstructions, NameTheSamePlaces) {
    if (impl::fastest_lanes() == impl::Lanes::plain) {
        GTEST_SKIP() << "this machine has one kind";
    }
    std::mt19937_64 random(5);
    const std::string kLikely =
        "0123456789333 -._+%\\&=\r\n\tMNODTjzAEIwx\xC2\xA0\xE2\xE3\xEF\xBC\x90\x1F\x8B\x08keycvrBE_";
    for (int round = 0; round < 300; ++round) {
        std::string text;
        const std::size_t size = random() % 700;
        while (text.size() < size) {
            text += random() % 3 == 0 ? static_cast<char>(random())
                                      : kLikely[random() % (random() % 2 == 0 ? 10 : kLikely.size())];
        }
        text.append(impl::kReadBehind, '\0');
        const std::string_view view(text.data(), size);
        const std::size_t from = random() % (size + 1);
        std::vector<impl::Trigger> plain;
        std::vector<impl::Trigger> fast;
        const auto lines = impl::find_triggers(view, from, size, plain, impl::Lanes::plain);
        EXPECT_EQ(lines, impl::find_triggers(view, from, size, fast, impl::Lanes::avx2));
        EXPECT_EQ(lines, static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(from),
                                                             text.begin() + static_cast<std::ptrdiff_t>(size), '\n')));
        ASSERT_EQ(plain.size(), fast.size());
        for (std::size_t i = 0; i < plain.size(); ++i) {
            ASSERT_TRUE(plain[i].at == fast[i].at && plain[i].kind == fast[i].kind);
        }
    }
}

TEST(ANameOfAFile, IsShownMasked) {
    EXPECT_EQ(shown_name("scans/4242424242424242.pdf"), "scans/424242******4242.pdf");
    EXPECT_EQ(shown_name("2026-11-18/4200001234202611181234567890.csv"), "2026-11-18/4200001234202611181234567890.csv");
}

TEST(FindingsBeyondTheLimit, AreCounted) {
    ScanOptions options;
    options.findings_max = 2;
    std::string text;
    for (int i = 0; i < 5; ++i) {
        text += "4242424242424242\n";
    }
    const auto report = scan(text, options);
    EXPECT_THAT(report.findings, SizeIs(2));
    EXPECT_EQ(report.findings_left_out, 3U);
}

}  // namespace
}  // namespace audit
