#include <algorithm>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "samples.h"

namespace core::crypto {
namespace {

class StripeSamples : public Samples {
protected:
    static std::string code_of(const std::string& secret, const std::string& signed_text) {
        const Sha256 code = hmac_sha256(secret, signed_text);
        return hex_encode({reinterpret_cast<const char*>(code.data()), code.size()});
    }

    static std::string timestamp_of(const std::string& header) {
        return header.starts_with("t=") ? header.substr(2, header.find(',') - 2) : std::string();
    }
};

// What the header says about time is the channel's business; here only: is the right code in it exactly where the
// vector says that the message is genuine?
TEST_F(StripeSamples, CarryTheHmacOfTimestampAndBody) {
    const json::Value file = json_of("stripe/webhook_signing_vectors.json");
    const std::string secret = member(file, "secret");
    std::size_t genuine = 0;
    for (const json::Value& vector : file.find("vectors")->items()) {
        const std::string header = member(vector, "header");
        const std::string payload = member(vector, "payload");
        const std::string code = code_of(secret, timestamp_of(header) + "." + payload);
        EXPECT_EQ(sha256_hex(payload), member(vector, "payload_sha256"));
        if (vector.boolean_at("valid").value()) {
            EXPECT_NE(header.find("v1=" + code), std::string::npos) << member(vector, "name");
            ++genuine;
        }
    }
    EXPECT_GE(genuine, 5U);
}

TEST_F(StripeSamples, DoNotCarryItWhenTheyWereChanged) {
    const json::Value file = json_of("stripe/webhook_signing_vectors.json");
    const std::string secret = member(file, "secret");
    const auto changed = {"another secret", "body changed by one byte", "body with a line feed added",
                          "timestamp changed in the header", "rotation: only the older secret"};
    std::size_t seen = 0;
    for (const json::Value& vector : file.find("vectors")->items()) {
        const std::string name = member(vector, "name");
        if (std::find(changed.begin(), changed.end(), name) == changed.end()) {
            continue;
        }
        ++seen;
        const std::string header = member(vector, "header");
        const std::string code = code_of(secret, timestamp_of(header) + "." + member(vector, "payload"));
        EXPECT_EQ(header.find(code), std::string::npos) << name;
    }
    EXPECT_EQ(seen, changed.size());
}

}  // namespace
}  // namespace core::crypto
