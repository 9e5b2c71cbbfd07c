// The published samples and the worked example lie beside the source tree, where they are at hand; elsewhere the tests
// that need them are left out and say so.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

#include "core/files.h"
#include "core/json/reader.h"
#include "payments/channels/stripe/stripe.h"

namespace payments::stripe::samples {

inline std::filesystem::path shared() { return std::filesystem::path(DUIZHANG_SOURCE_DIR) / ".." / "shared"; }
inline std::filesystem::path folder() { return shared() / "specs" / "samples" / "stripe"; }
inline std::filesystem::path example() { return shared() / "example"; }

inline std::string contents(const std::filesystem::path& path) { return core::read_file(path, std::size_t{16} << 20U); }
inline std::string sample(const std::string& name) { return contents(folder() / name); }

inline core::json::Value json(const std::string& text) {
    auto parsed = core::json::parse(text);
    EXPECT_TRUE(parsed);
    return parsed ? std::move(*parsed) : core::json::Value();
}

inline core::Instant seconds(std::int64_t count) { return core::Instant(std::chrono::seconds(count)); }
inline core::KeyBytes key(std::string_view text) { return core::KeyBytes(std::string(text)); }
inline core::Money usd(std::int64_t minor) { return {minor, *core::Currency::from_code("USD")}; }

inline ChannelContext context() {
    const auto as_it_is = [](std::string_view text) { return std::string(text); };
    return {"acme", as_it_is, as_it_is};
}

inline std::unique_ptr<Channel> channel(const char* secret, const char* account = "acct_1SaReconPlatform") {
    Options options;
    options.account = account;
    options.webhook_secrets.push_back(key(secret));
    return make_channel(std::move(options), context());
}

// A fixture whose tests are left out where `needed` isn't there.
class WithSamples : public testing::Test {
protected:
    static void leave_out_unless(const std::filesystem::path& needed) {
        if (!std::filesystem::exists(needed)) {
            std::cout << "left out: the samples are not beside this source tree\n";
            GTEST_SKIP();
        }
    }
    void SetUp() override { leave_out_unless(folder()); }
};

}  // namespace payments::stripe::samples
