// The certificates that settings name, and the alarm before one ends.
#include "server/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/certificate.h"
#include "core/files.h"
#include "core/log.h"
#include "tests/unit/config/configuration.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

core::Instant instant(const char* text) { return core::parse_rfc3339(text).value(); }

class Certificates : public config::Configuration {
protected:
    Certificates() {
        core::write_file(path("tls.pem"),
                         pem("ours", "2026-12-10T00:00:00Z") + "between\n" + pem("above", "2027-06-01T00:00:00Z"));
        core::write_file(path("tls.key"), "a key", 0600);
        core::set_log_sink([this](std::string_view line) { log_ += line; });
    }
    ~Certificates() override { core::set_log_sink({}); }

    static std::string pem(const std::string& name, const char* until) {
        const auto key = core::crypto::PrivateKey::generate_rsa();
        return core::crypto::issue_certificate({name, "", instant("2026-01-01T00:00:00Z"), instant(until)}, key,
                                               nullptr)
            .to_pem();
    }
    config::Settings settings() const {
        return load(std::string(config::kBase) +
                    "[service]\ntls_certificate = \"tls.pem\"\ntls_key = \"file:tls.key\"\n");
    }
    std::string told() { return std::exchange(log_, ""); }

    std::string log_;
};

TEST_F(Certificates, AreAllInTheFilesThatSettingsName) {
    const auto all = configured_certificates(settings());
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].setting, "service.tls_certificate");
    EXPECT_EQ(all[0].file, path("tls.pem"));
    EXPECT_EQ(all[0].subject, "ours");
    EXPECT_EQ(all[0].not_after, instant("2026-12-10T00:00:00Z"));
    EXPECT_EQ(all[1].subject, "above");
    EXPECT_NE(all[0].serial, all[1].serial);
}

TEST_F(Certificates, ThatEndWithinThirtyDaysAreToldAtFirstAndThenOnceADay) {
    const auto in_force = settings();
    CertificateAlarm alarm;
    const auto start = instant("2026-11-09T12:00:00Z");
    EXPECT_EQ(alarm.look(in_force, start), instant("2026-12-10T00:00:00Z"));
    EXPECT_EQ(told(), "") << "thirty days and twelve hours are left";
    EXPECT_EQ(alarm.look(in_force, start + 59min), std::nullopt) << "files are read once an hour";
    EXPECT_TRUE(alarm.look(in_force, start + 13h));
    EXPECT_EQ(told(), "") << "once a day";
    EXPECT_TRUE(alarm.look(in_force, start + 24h));
    EXPECT_THAT(told(), HasSubstr("\"event\":\"certificate_ends_soon\""));
    EXPECT_TRUE(alarm.look(in_force, start + 26h));
    EXPECT_EQ(told(), "");
    EXPECT_TRUE(alarm.look(in_force, start + 48h));
    EXPECT_THAT(told(), HasSubstr("\"setting\":\"service.tls_certificate\""));
}

}  // namespace
}  // namespace server
