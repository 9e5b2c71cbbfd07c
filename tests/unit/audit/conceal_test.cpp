// What the redactor takes out of texts beside card numbers in plain sight.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "audit/redact.h"
#include "audit/scan.h"
#include "core/crypto/encoding.h"

namespace audit {
namespace {

const Redactor& redactor() {
    static const Redactor one{core::KeyBytes(std::string(32, 'k'))};
    return one;
}

std::string masked(std::string_view card) { return masked_card(card) + "~" + redactor().fingerprint(card); }

std::string in_hex(std::string_view text, std::string_view between = "") {
    std::string hex;
    for (const char c : text) {
        hex += between;
        hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
        hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 0xFU];
    }
    return hex;
}

constexpr std::string_view kCard = "4242424242424242";
constexpr std::string_view kUnionPay = "6221558812340000";

struct Case {
    std::string name;
    std::string text;
    std::string redacted;
};
std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

class Concealing : public testing::TestWithParam<Case> {};

TEST_P(Concealing, LeavesNothing) {
    const auto once = redactor().redact(GetParam().text);
    EXPECT_EQ(once, GetParam().redacted);
    EXPECT_EQ(redactor().redact(once), once);
}

std::string full_width(std::string_view digits) {
    std::string text;
    for (const char c : digits) {
        text += "\xEF\xBC";
        text += static_cast<char>(0x90 + (c - '0'));
    }
    return text;
}

std::string utf16(std::string_view text) {
    std::string units;
    for (const char c : text) {
        units += c;
        units += '\0';
    }
    return units;
}

const std::string kSecret = std::string("sk_") + "live_" + "4eC39HqLyjWDarjtT1zdp7dc";
const std::string kToken = "Zm9vYmFyMTIzNDU2Nzg5MDEyMzQ1Njc4";

INSTANTIATE_TEST_SUITE_P(
    , Concealing,
    testing::Values(
        Case{"Track2", ";4242424242424242=30121011234567890123?", ";" + masked(kCard) + "[track]?"},
        Case{"Track1", "%B4242424242424242^DOE/JANE^30121011234567890?", "%B" + masked(kCard) + "[track]?"},
        Case{"TrackOfChips", "57134242424242424242D30121011234567890", "57134242424242424242D30121011234567890"},
        Case{"ChipsTrackAlone", "data 4242424242424242D30121011234567890F", "data " + masked(kCard) + "[track]F"},
        Case{"TrackByName", R"({"track2":"6221558812340000=3012"})", R"({"track2":"[code]"})"},
        Case{"VerificationCode", R"("cvv": "123", "cvn2":"1234")", R"("cvv": "[code]", "cvn2":"[code]")"},
        Case{"Pin", R"(pin=1234&pinBlock=0123456789ABCDEF&x=1)", "pin=[code]&pinBlock=[code]&x=1"},
        Case{"PinOfXml", "<PIN>123456</PIN>", "<PIN>[code]</PIN>"},
        Case{"NoPin", "shipping=1234 spin: 55 pin=A2 opinion:123", "shipping=1234 spin: 55 pin=A2 opinion:123"},
        Case{"VendorsKey", "key " + kSecret + " here", "key [secret] here"},
        Case{"Password", R"({"password":"hunter2"} passwd=a b)", R"({"password":"[secret]"} passwd=[secret] b)"},
        Case{"Bearer", "Authorization: Bearer " + kToken + "\r\nHost: a", "Authorization: [secret]\r\nHost: a"},
        Case{"BearerAlone", "sent 'Bearer " + kToken + "'", "sent 'Bearer [secret]'"},
        Case{"Token", "/login?token=" + kToken + "&a=1", "/login?token=[secret]&a=1"},
        Case{"WebToken", "jwt eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln.", "jwt [secret]"},
        Case{"WebTokenWhole", "jwt eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln end", "jwt [secret] end"},
        Case{"OwnKey", "dz_acme_0123456789ab_" + std::string(43, 'q'), "dz_acme_0123456789ab_[secret]"},
        Case{"PrivateKey",
             std::string("a\n-----BEGIN ") +
                 "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgE=\n-----END "
                 "PRIVATE KEY-----\nb",
             "a\n[private key]\nb"},
        Case{"PrivateKeyCutOff",
             std::string("-----BEGIN EC ") + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcw",
             "[private key]"},
        Case{"Hexadecimal", "x=" + in_hex(kCard) + ";", "x=" + masked(kCard) + ";"},
        Case{"Url", "card" + in_hex(kCard, "%") + "!", "card" + masked(kCard) + "!"},
        Case{"Json", "a\\u0034\\u0032\\u0034\\u0032424242424242 b", "a" + masked(kCard) + " b"},
        Case{"FullWidth", "卡号：" + full_width(kUnionPay), "卡号：" + masked(kUnionPay)},
        Case{"Utf16", utf16("a 4242424242424242 b"), utf16("a ") + masked(kCard) + utf16(" b")}),
    [](const auto& one) { return one.param.name; });

TEST(Redactor, FindsNumbersInBase64WhereverTheyBegin) {
    for (const std::string before : {"", "a", "ab", "{\"n\":\""}) {
        const auto encoded = core::crypto::base64_encode(before + std::string(kCard) + "\"}");
        const auto shown = redactor().redact("<" + encoded + ">");
        EXPECT_NE(shown.find(masked(kCard)), std::string::npos) << encoded << " -> " << shown;
    }
}

TEST(Redactor, LeavesOrdinaryTextAlone) {
    for (const std::string text :
         {"https://pay.example.com/v1/callbacks/acme/stripe?x=1", "4200001234202611181234567890",
          "2026-11-18T10:00:00+08:00", "evt_1NG8Du2eZvKYlo2CUI79vXWy pi_3MtwBwLkdIwHu7ix28a3tqPa",
          "order key: A-1; token: none; pin board; the secret is out",
          "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "database.password: is missing",
          "signature=dGVzdA==&signMethod=01&version=5.1.0", "退款原因: 商品缺货", "password", "="}) {
        EXPECT_EQ(redactor().redact(text), text);
    }
}

// Whatever the scanner is sure of in a text, it no longer finds in what the redactor makes of it: but for numbers of
// UnionPay's that don't pass Luhn, which it believes by words farther away.
TEST(Redactor, LeavesNothingThatTheScannerIsSureOf) {
    const std::vector<std::string> pieces = {std::string(kCard),
                                             "378282246310005",
                                             "6200000000000005",
                                             "card ",
                                             "cvv=",
                                             "123",
                                             "\"",
                                             "=",
                                             "3012101",
                                             " ",
                                             "\n",
                                             "-",
                                             in_hex(kCard),
                                             core::crypto::base64_encode(kUnionPay),
                                             full_width(kCard),
                                             in_hex(kCard, "%"),
                                             kSecret,
                                             "{",
                                             "}",
                                             "token:",
                                             kToken,
                                             "4242 4242 4242 4242",
                                             utf16(kCard),
                                             "pin=1234",
                                             "x"};
    std::mt19937_64 random(20'261'123);
    std::size_t changed = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto left = 1 + random() % 6; left > 0; --left) {
            text += pieces[random() % pieces.size()];
        }
        const auto shown = redactor().redact(text);
        changed += shown == text ? 0 : 1;
        ASSERT_EQ(redactor().redact(shown), shown) << text;
        ScanReport report;
        const ScanOptions options;
        TextScanner scanner("t", redactor(), options, report);
        scanner.take(shown);
        scanner.finish();
        for (const auto& finding : report.findings) {
            const bool by_words = finding.kind == FindingKind::pan && finding.masked.starts_with("62");
            ASSERT_TRUE(finding.confidence == Confidence::low || by_words) << text << "\n -> " << shown << "\n"
                                                                           << finding.encoding;
        }
    }
    EXPECT_GT(changed, 10'000U);
}

}  // namespace
}  // namespace audit
