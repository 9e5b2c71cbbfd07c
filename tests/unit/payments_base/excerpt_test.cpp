#include "payments/impl/excerpt.h"

#include <gtest/gtest.h>

namespace payments {
namespace {

std::string same(std::string_view text) { return std::string(text); }
std::string excerpt(std::string_view body, std::size_t bytes_max = 512) { return excerpt_of(body, same, bytes_max); }

struct Kept {
    const char* name;
    const char* body;
    const char* excerpt;
};
void PrintTo(const Kept& kept, std::ostream* out) { *out << kept.name; }

class Excerpt : public testing::TestWithParam<Kept> {};

TEST_P(Excerpt, HasOnlyWhatIsAllowed) { EXPECT_EQ(excerpt(GetParam().body), GetParam().excerpt); }

INSTANTIATE_TEST_SUITE_P(
    Bodies, Excerpt,
    testing::Values(
        Kept{"UnionPay",
             "merId=777290058110048&orderId=A1&accNo=6221558812340000&cvn2=123&customerInfo=e30%3D&txnAmt=100",
             "merId=777290058110048 orderId=A1 txnAmt=100 (3 other fields)"},
        Kept{
            "Stripe",
            R"({"id":"evt_1","livemode":true,"data":{"object":{"id":"ch_1","amount":5,"receipt_email":"a@example.org"}}})",
            "id=evt_1 livemode=true id=ch_1 amount=5 (1 other fields)"},
        Kept{"WeChat", R"({"id":"E1","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"x","nonce":"n"}})",
             "id=E1 algorithm=AEAD_AES_256_GCM (2 other fields)"},
        Kept{"CardInAnyOtherField", R"({"note":"4242424242424242","4242424242424242":"id"})", "(2 other fields)"},
        Kept{"CardInAName", R"({"4242424242424242":{"id":"a"}})", "id=a"},
        Kept{"CardInAFormsName", "4242424242424242.id=a", "(1 other fields)"},
        Kept{"CardSpelledOtherwise", "x=4242+4242+4242+4242&y=4242%204242%204242%204242", "(2 other fields)"},
        Kept{"Lists", R"({"orders":[{"id":"a"},{"id":"b"}]})", "id=a id=b"},
        Kept{"Unprintable", "orderId=a%0Ab%C3%A9", "orderId=a.b.."}, Kept{"Nothing", "", ""},
        Kept{"Noise", "\x01\x02", "(neither a form nor a JSON object)"},
        Kept{"NoObject", "[1,2]", "(neither a form nor a JSON object)"}),
    testing::PrintToStringParamName());

TEST(ExcerptOfABody, IsBounded) {
    EXPECT_EQ(excerpt("orderId=" + std::string(65, 'x')), "orderId=(65 bytes)");
    EXPECT_EQ(excerpt("orderId=abc&merId=defghi&txnAmt=1", 20), "orderId=abc txnAmt=1");
    EXPECT_EQ(excerpt(std::string(70'000, 'x')), "(too large to look into)");
}

TEST(ExcerptOfABody, IsRedacted) {
    const auto redact = [](std::string_view text) { return text == "secret" ? std::string("***") : std::string(text); };
    EXPECT_EQ(excerpt_of("orderId=secret&merId=1", redact, 512), "orderId=*** merId=1");
}

}  // namespace
}  // namespace payments
