// [service]: TLS and limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "configuration.h"

namespace config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Limit {
    const char* key;
    std::int64_t min;
    std::int64_t max;
    std::int64_t by_default;
    std::function<std::int64_t(const ServiceLimits&)> value;
};
void PrintTo(const Limit& row, std::ostream* out) { *out << row.key; }

template <typename Number>
std::int64_t number(Number value) {
    return static_cast<std::int64_t>(value);
}

const std::vector<Limit>& limits() {
    using L = const ServiceLimits&;
    static const std::vector<Limit> kLimits = {
        {"io_threads", 1, 64, 2, [](L l) { return number(l.io_threads); }},
        {"workers", 1, 1'024, 16, [](L l) { return number(l.workers); }},
        {"waiting_requests_max", 1, 1'000'000, 1'024, [](L l) { return number(l.waiting_requests_max); }},
        {"connections_max", 16, 200'000, 4'096, [](L l) { return number(l.connections_max); }},
        {"header_bytes_max", 4'096, 262'144, 16'384, [](L l) { return number(l.header_bytes_max); }},
        {"header_fields_max", 20, 1'000, 100, [](L l) { return number(l.header_fields_max); }},
        {"target_bytes_max", 1'024, 65'536, 8'192, [](L l) { return number(l.target_bytes_max); }},
        {"body_bytes_max", 65'536, 67'108'864, 1'048'576, [](L l) { return number(l.body_bytes_max); }},
        {"all_bodies_bytes_max", 1'048'576, 68'719'476'736, 268'435'456,
         [](L l) { return number(l.all_bodies_bytes_max); }},
        {"header_deadline_ms", 500, 60'000, 5'000, [](L l) { return number(l.header_deadline.count()); }},
        {"body_deadline_ms", 500, 600'000, 10'000, [](L l) { return number(l.body_deadline.count()); }},
        {"idle_deadline_ms", 500, 3'600'000, 30'000, [](L l) { return number(l.idle_deadline.count()); }},
        {"write_deadline_ms", 500, 600'000, 60'000, [](L l) { return number(l.write_deadline.count()); }},
        {"drain_deadline_ms", 500, 600'000, 20'000, [](L l) { return number(l.drain_deadline.count()); }},
    };
    return kLimits;
}

class ServiceLimit : public Configuration, public testing::WithParamInterface<Limit> {
protected:
    static std::string saying(std::int64_t value) {
        return std::string(kBase) + "[service.limits]\n" + GetParam().key + " = " + std::to_string(value) + "\n";
    }
    std::string refusal_of(std::int64_t value) const { return complaints(saying(value)); }
};

TEST_P(ServiceLimit, HasADefault) {
    EXPECT_EQ(GetParam().value(load(kBase).service.limits), GetParam().by_default);
    EXPECT_EQ(GetParam().value(ServiceLimits{}), GetParam().by_default);
}

TEST_P(ServiceLimit, IsTakenWithinItsBounds) {
    for (const auto value : {GetParam().min, GetParam().max}) {
        const auto settings = load(saying(value));
        EXPECT_NO_THROW(finish(settings));
        EXPECT_EQ(GetParam().value(settings.service.limits), value);
    }
}

TEST_P(ServiceLimit, IsRefusedBeyondThemNamingKeyValueAndBounds) {
    for (const auto value : {GetParam().min - 1, GetParam().max + 1, std::int64_t{-1}}) {
        EXPECT_THAT(refusal_of(value),
                    HasSubstr(std::string(":6: service.limits.") + GetParam().key + ": must be a whole number from " +
                              std::to_string(GetParam().min) + " to " + std::to_string(GetParam().max) + ", not " +
                              std::to_string(value)));
    }
}

TEST_P(ServiceLimit, MayComeFromTheEnvironment) {
    std::string name = std::string("DUIZHANG_SERVICE_LIMITS_") + GetParam().key;
    for (char& c : name) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const Environment single(name, std::to_string(GetParam().max));
    for (const auto& toml : {std::string(kBase), saying(GetParam().min)}) {
        const auto settings = load(toml);
        EXPECT_NO_THROW(finish(settings));
        EXPECT_EQ(GetParam().value(settings.service.limits), GetParam().max);
    }
}

TEST_P(ServiceLimit, IsShownWithItsDefaultInTheExampleAndTheReference) {
    const std::filesystem::path source(DUIZHANG_SOURCE_DIR);
    const auto example = core::read_file(source / "config" / "example.toml", 1U << 20U);
    EXPECT_THAT(example,
                HasSubstr(std::string("\n# ") + GetParam().key + " = " + std::to_string(GetParam().by_default) + " "));
    const auto reference = core::read_file(source / "docs" / "reference.md", 1U << 20U);
    EXPECT_THAT(reference, HasSubstr(std::string("| `service.limits.") + GetParam().key + "` | " +
                                     std::to_string(GetParam().by_default) + " | " + std::to_string(GetParam().min) +
                                     " to " + std::to_string(GetParam().max) + " |"));
}

INSTANTIATE_TEST_SUITE_P(, ServiceLimit, testing::ValuesIn(limits()),
                         [](const auto& row) { return std::string(row.param.key); });

class ServiceLimitsTogether : public Configuration {};

TEST_F(ServiceLimitsTogether, AreOnlyThoseThereAre) {
    EXPECT_THAT(complaints_about("[service.limits]\nconnection_max = 20\n"),
                HasSubstr(":6: service.limits.connection_max: unknown key; did you mean \"connections_max\"?"));
    EXPECT_THAT(complaints_about("[service]\nlimits = 5\n"), HasSubstr("service.limits: must be a table"));
    EXPECT_THAT(complaints_about("[service.limits]\nworkers = \"many\"\n"),
                HasSubstr("service.limits.workers: must be a whole number from 1 to 1024"));
    const Environment single("DUIZHANG_SERVICE_LIMITS_WORKERS", "7");
    EXPECT_THAT(complaints_about("[service]\nlimits = 5\n"), HasSubstr("service.limits: must be a table"));
}

TEST_F(ServiceLimitsTogether, LeaveRoomForOneBody) {
    const auto text = complaints_about("[service.limits]\nbody_bytes_max = 2000000\nall_bodies_bytes_max = 1999999\n");
    EXPECT_THAT(text, HasSubstr(":7: service.limits.all_bodies_bytes_max: must not be below body_bytes_max, which is "
                                "2000000, and is 1999999"));
}

class ServiceTlsSettings : public Configuration {
protected:
    ServiceTlsSettings() {
        core::write_file(path("tls.pem"), "certificate\n");
        core::write_file(path("tls.key"), "key\n", 0600);
    }
};

TEST_F(ServiceTlsSettings, AreLeftOutByDefault) { EXPECT_FALSE(load(kBase).service.tls); }

TEST_F(ServiceTlsSettings, AreAFileAndASecret) {
    const auto settings =
        load(std::string(kBase) + "[service]\ntls_certificate = \"tls.pem\"\ntls_key = \"file:tls.key\"\n");
    EXPECT_NO_THROW(finish(settings));
    ASSERT_TRUE(settings.service.tls);
    EXPECT_EQ(settings.service.tls->certificate_file, path("tls.pem"));
    EXPECT_EQ(settings.service.tls->certificate, "certificate\n");
    EXPECT_EQ(settings.service.tls->key.reveal(), "key\n");
}

TEST_F(ServiceTlsSettings, MayComeFromTheEnvironment) {
    const Environment certificate("DUIZHANG_SERVICE_TLS_CERTIFICATE", "tls.pem");
    const Environment key("DUIZHANG_SERVICE_TLS_KEY", "env:DUIZHANG_TEST_TLS_KEY");
    const Environment value("DUIZHANG_TEST_TLS_KEY", "another key");
    const auto settings = load(kBase);
    EXPECT_NO_THROW(finish(settings));
    ASSERT_TRUE(settings.service.tls);
    EXPECT_EQ(settings.service.tls->key.reveal(), "another key");
}

TEST_F(ServiceTlsSettings, BelongTogether) {
    EXPECT_THAT(complaints_about("[service]\ntls_certificate = \"tls.pem\"\n"),
                HasSubstr("service.tls_key: is missing: a certificate and its key belong together"));
    EXPECT_THAT(complaints_about("[service]\ntls_key = \"file:tls.key\"\n"),
                HasSubstr("service.tls_certificate: is missing: a certificate and its key belong together"));
}

TEST_F(ServiceTlsSettings, AreRefusedWhenOthersMayReadTheKey) {
    for (const unsigned mode : {0640U, 0604U, 0660U, 0666U}) {
        core::write_file(path("tls.key"), "key\n", mode);
        EXPECT_THAT(complaints_about("[service]\ntls_certificate = \"tls.pem\"\ntls_key = \"file:tls.key\"\n"),
                    AllOf(HasSubstr(":7: service.tls_key: "), HasSubstr("tls.key: others than its owner may read"),
                          HasSubstr("chmod 600")));
    }
}

TEST_F(ServiceTlsSettings, NameWhatIsMissing) {
    EXPECT_THAT(complaints_about("[service]\ntls_certificate = \"none.pem\"\ntls_key = \"file:none.key\"\n"),
                AllOf(HasSubstr(":6: service.tls_certificate: "), HasSubstr("none.pem"),
                      HasSubstr(":7: service.tls_key: "), HasSubstr("none.key")));
    EXPECT_THAT(complaints_about("[service]\ntls_certificate = \"\"\ntls_key = \"file:tls.key\"\n"),
                HasSubstr("service.tls_certificate: must name a file"));
}

TEST_F(ServiceTlsSettings, NeverHoldTheKeyItself) {
    const auto text = complaints_about("[service]\ntls_certificate = \"tls.pem\"\ntls_key = \"-----BEGIN KEY\"\n");
    EXPECT_THAT(text, AllOf(HasSubstr("service.tls_key: a secret is a reference"), Not(HasSubstr("BEGIN KEY"))));
}

}  // namespace
}  // namespace config
