// Stripe's own verdicts on 18 signed messages, against ours.
#include "samples.h"

#include "core/crypto/digest.h"
#include "payments/channels/stripe/signature.h"

namespace payments::stripe {
namespace {

class SigningVectors : public samples::WithSamples {};

// The vectors' tolerance is ours, and within it we agree about every one. (Beyond it Stripe's package accepts any time
// in the future, where we don't; no vector goes that far.)
TEST_F(SigningVectors, AreJudgedAsByStripesPackage) {
    const auto file = samples::json(samples::sample("webhook_signing_vectors.json"));
    const auto& vectors = file.find("vectors")->items();
    ASSERT_EQ(vectors.size(), 18U);
    std::vector<core::KeyBytes> secrets;
    secrets.push_back(samples::key(*file.string_at("secret")));
    std::size_t accepted = 0;

    for (const auto& vector : vectors) {
        const auto name = *vector.string_at("name");
        const auto payload = *vector.string_at("payload");
        ASSERT_EQ(*vector.integer_at("tolerance"), kTolerance.count());
        EXPECT_EQ(core::crypto::sha256_hex(payload), *vector.string_at("payload_sha256")) << name;

        const auto verified = verify_signature(*vector.string_at("header"), payload, secrets,
                                               samples::seconds(*vector.integer_at("now")));

        EXPECT_EQ(static_cast<bool>(verified), *vector.boolean_at("valid")) << name;
        accepted += verified ? 1U : 0U;
    }
    EXPECT_EQ(accepted, 7U);
}

TEST_F(SigningVectors, OfTheOlderSecretPassWhileBothAreInForce) {
    const auto file = samples::json(samples::sample("webhook_signing_vectors.json"));
    std::vector<core::KeyBytes> secrets;
    secrets.push_back(samples::key(*file.string_at("secret")));
    secrets.push_back(samples::key(*file.string_at("older_secret")));

    for (const auto& vector : file.find("vectors")->items()) {
        if (*vector.string_at("name") == "rotation: only the older secret") {
            EXPECT_TRUE(verify_signature(*vector.string_at("header"), *vector.string_at("payload"), secrets,
                                         samples::seconds(*vector.integer_at("now"))));
        }
    }
}

// Where the package stops looking: a message signed a year ahead. It would take this one.
TEST_F(SigningVectors, FromTheFutureAreTakenUpToTheToleranceOnly) {
    const auto file = samples::json(samples::sample("webhook_signing_vectors.json"));
    const auto& plain = file.find("vectors")->items().front();
    std::vector<core::KeyBytes> secrets;
    secrets.push_back(samples::key(*file.string_at("secret")));
    const auto signed_at = *plain.integer_at("now");

    EXPECT_TRUE(verify_signature(*plain.string_at("header"), *plain.string_at("payload"), secrets,
                                 samples::seconds(signed_at - 300)));
    EXPECT_FALSE(verify_signature(*plain.string_at("header"), *plain.string_at("payload"), secrets,
                                  samples::seconds(signed_at - 301)));
}

}  // namespace
}  // namespace payments::stripe
