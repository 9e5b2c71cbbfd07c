// config/example.toml shows only keys that somebody reads, those behind a '#' too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "config/channel_calendar.h"
#include "config/settings.h"
#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/failure.h"
#include "core/files.h"
#include "payments/channels/registry.h"
#include "tests/support/test_database.h"

namespace payments {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string example() {
    return core::read_file(std::filesystem::path(DUIZHANG_SOURCE_DIR) / "config" / "example.toml", 1U << 20U);
}

// The same with every key in force that stands behind a '#'. Of the two databases the first stays.
std::string uncommented(const std::string& toml) {
    const std::regex shown(R"(# ?(\[.*|[a-z0-9_]+ = .*))");
    std::istringstream lines(toml);
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        const bool key = std::regex_match(line, match, shown);
        text += (key && !line.starts_with("# url") ? match[1].str() : line) + "\n";
    }
    return text;
}

class Example : public testing::Test {
protected:
    Example() {
        std::filesystem::create_directories(path("keys"));
        core::write_file(path("keys/master.key"), std::string(64, 'a') + "\n", 0600);
        core::write_file(path("keys/previous.key"), std::string(64, 'b') + "\n", 0600);
        const auto wrapped = core::keys::wrap_derivation_key(
            core::KeyBytes(std::string(32, '\xaa')), core::keys::Environment::production, core::crypto::random_key());
        core::write_file(path("keys/derivation.key"), core::crypto::hex_encode(wrapped));
    }
    std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

    // Reads it as the service does, channels and all.
    config::Settings read(const std::string& toml) {
        core::write_file(path("duizhang.toml"), toml);
        std::vector<std::string> names;
        for (const auto& registered : channel_registry()) {
            names.emplace_back(registered.name);
        }
        auto settings = config::load_settings(path("duizhang.toml"), names);
        for (const auto& tenant : settings.tenants) {
            for (auto channel : tenant.channels) {
                const ChannelContext context{tenant.id.text(), [](std::string_view) { return std::string(); },
                                             [](std::string_view text) { return std::string(text); }};
                (void)config::read_channel_calendar(channel.section, std::chrono::minutes(0));
                find_channel(channel.name)->make(channel.section, context);
            }
        }
        return settings;
    }
    static std::string complaints(const config::Settings& settings) {
        try {
            config::finish(settings);
            return "";
        } catch (const core::UsageError& error) {
            return error.what();
        }
    }

    // "FILE:LINE: KEY" of every key that nobody read.
    std::set<std::string> unknown_keys(const std::string& toml) {
        std::set<std::string> keys;
        auto text = complaints(read(toml));
        for (auto end = text.find(": unknown key"); end != std::string::npos; end = text.find(": unknown key")) {
            const auto bar = text.rfind(" | ", end);
            const auto begin = bar == std::string::npos ? 0 : bar + 3;
            keys.insert(text.substr(begin, end - begin));
            text.erase(0, end + 1);
        }
        return keys;
    }

    test_support::TestFolder folder_;
};

TEST_F(Example, IsAConfigurationAsItStands) { EXPECT_EQ(complaints(read(example())), ""); }

TEST_F(Example, ShowsKeysThatTheCodeKnows) {
    const auto settings = read(uncommented(example()));

    ASSERT_EQ(settings.tenants.size(), 1U);
    EXPECT_EQ(settings.tenants[0].channels.size(), channel_registry().size());
    ASSERT_EQ(settings.tenants[0].splits.size(), 4U);  // two of its own, and two more of its template
    // The keys' files are the merchant's, so complaints there are. Of keys that exclude each other one is read only
    // with one sign_method, the other only with another: each must be known to somebody.
    auto with_key = uncommented(example());
    const std::string certificate = "sign_method = \"01\"";
    const auto at = with_key.find(certificate);
    ASSERT_NE(at, std::string::npos);
    with_key.replace(at, certificate.size(), "sign_method = \"11\"");

    std::vector<std::string> known_to_nobody;
    std::ranges::set_intersection(unknown_keys(uncommented(example())), unknown_keys(with_key),
                                  std::back_inserter(known_to_nobody));
    EXPECT_THAT(known_to_nobody, IsEmpty());
}

TEST_F(Example, WouldShowAKeyThatNobodyKnows) {
    EXPECT_THAT(unknown_keys(uncommented(example() + "\n# [tenant.stripe.more]\n# nobody = 1\n")),
                Contains(HasSubstr("tenant.stripe.more")));
}

}  // namespace
}  // namespace payments
