// duizhang_statements_late: days whose statement is due and hasn't come, as an operator's alarm reads them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "server/nightly.h"
#include "server/routes.h"
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

// Read by the thread that looks at statements while a test turns it.
class TurnedClock final : public core::Clock {
public:
    explicit TurnedClock(core::Instant now) : now_(now) {}
    core::Instant now() const override { return now_; }
    void turn(core::Instant::duration by) { now_ = now_.load() + by; }

private:
    std::atomic<core::Instant> now_;
};

// A demo's folders with statements.
class LateStatements : public testing::Test {
protected:
    ~LateStatements() override { ::unsetenv("DUIZHANG_SERVICE_SAFETY_CHECK_SECONDS"); }

    std::filesystem::path folder_of(const std::string& channel, core::BusinessDay day) const {
        const auto tenants = application_.tenants();
        for (const auto& tenant : tenants->all()) {
            if (tenant->channels.contains(channel)) {
                return tenants->settings().statements / tenant->settings->id.text() / channel / core::format_day(day);
            }
        }
        return {};
    }
    core::BusinessDay last_day_of(const std::string& channel) const {
        return statement_days(folder_of(channel, core::BusinessDay()).parent_path()).back();
    }
    std::optional<core::Instant> due_when_late(const std::string& channel, core::BusinessDay day, core::Instant now) {
        for (const auto& late : late_statements(application_, now, "")) {
            if (late.channel == channel && late.date == day) {
                return late.due;
            }
        }
        return std::nullopt;
    }
    std::map<std::string, int> named() {
        std::map<std::string, int> late;
        for (const auto& one : late_statements(application_, clock_.now(), "")) {
            ++late[one.channel];
        }
        return late;
    }

    test_support::TestFolder folder_;
    TurnedClock clock_{*core::parse_rfc3339("2026-11-27T03:00:00Z")};
    // Often enough for a test.
    const int often_ = ::setenv("DUIZHANG_SERVICE_SAFETY_CHECK_SECONDS", "1", 1);
    DemoWorld world_ = make_demo_world(folder_.path(), 60, 5, *core::parse_rfc3339("2026-11-21T03:00:00Z"));
    Application application_{world_.configuration};
};

// What the metric says of each channel.
std::map<std::string, int> told(Routes& routes) {
    http::Request request;
    request.head.method = "GET";
    request.head.path = "/metrics";
    const std::string text = routes.handle(request).body;
    const std::string name = "\nduizhang_statements_late{channel=\"";
    std::map<std::string, int> late;
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        const auto channel = at + name.size();
        const auto end = text.find('"', channel);
        late[text.substr(channel, end - channel)] = std::stoi(text.substr(end + 3));
    }
    return late;
}

// In a second, since that often it is asked whether to look again.
std::map<std::string, int> told_when(Routes& routes, const std::map<std::string, int>& expected) {
    for (int tries = 0; tries < 1000 && told(routes) != expected; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return told(routes);
}

TEST_F(LateStatements, AreCountedByChannelFromWhenTheyAreDueUntilTheyAreThere) {
    core::set_log_level(core::LogLevel::error);
    auto late = named();
    ASSERT_EQ(late.size(), 3U);
    for (const auto& [channel, count] : late) {
        EXPECT_GE(count, 3) << channel << ": nothing has come for days";
    }
    Routes routes(application_, clock_);
    EXPECT_EQ(told_when(routes, late), late);

    const auto day = last_day_of("wechatpay");
    const auto missing = folder_of("wechatpay", day);
    std::filesystem::rename(missing, missing.string() + ".away");
    clock_.turn(std::chrono::minutes(6));
    ++late["wechatpay"];
    EXPECT_EQ(told_when(routes, late), late) << "and of no other channel";
    const auto due = due_when_late("wechatpay", day, clock_.now());
    ASSERT_TRUE(due);
    EXPECT_FALSE(due_when_late("wechatpay", day, *due - std::chrono::seconds(1)));
    EXPECT_TRUE(due_when_late("wechatpay", day, *due));

    std::filesystem::rename(missing.string() + ".away", missing);
    clock_.turn(std::chrono::minutes(6));
    --late["wechatpay"];
    EXPECT_EQ(told_when(routes, late), late) << "delivered late, it is late no more";
}

}  // namespace
}  // namespace server
