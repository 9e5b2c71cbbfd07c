#include "core/log.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "core/json/reader.h"
#include "core/time.h"

namespace core {
namespace {

class Log : public testing::Test {
protected:
    Log() {
        set_log_sink([this](std::string_view line) { lines_.emplace_back(line); });
    }
    ~Log() override {
        set_log_sink(nullptr);
        set_redactor(nullptr);
        set_log_level(LogLevel::info);
    }

    json::Value only_line() const {
        EXPECT_EQ(lines_.size(), 1U);
        EXPECT_EQ(lines_.front().find('\n'), lines_.front().size() - 1) << "one line, with its end";
        auto value = json::parse(lines_.front());
        EXPECT_TRUE(value);
        return *value;
    }

    std::vector<std::string> lines_;
};

TEST_F(Log, IsOneJsonObjectALine) {
    log_warning("callback_refused", {{"tenant", "acme"}, {"bytes", 17}, {"note", std::string("a\nb\"c")}});

    const auto line = only_line();
    ASSERT_EQ(line.members().size(), 6U);
    EXPECT_EQ(line.members()[0].first, "ts");
    EXPECT_TRUE(parse_rfc3339(*line.string_at("ts")));
    EXPECT_EQ(line.string_at("level"), "warning");
    EXPECT_EQ(line.string_at("event"), "callback_refused");
    EXPECT_EQ(line.string_at("tenant"), "acme");
    EXPECT_EQ(line.integer_at("bytes"), 17);
    EXPECT_EQ(line.string_at("note"), "a\nb\"c");
}

TEST_F(Log, StaysJsonForBytesThatAreNoText) {
    log_info("odd", {{"bytes", std::string("\xB6\xD4\x01\xFF")}});
    EXPECT_EQ(only_line().string_at("bytes"), "\xEF\xBF\xBD\xEF\xBF\xBD\x01\xEF\xBF\xBD");
}

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
    log(LogLevel::debug, "quiet");
    EXPECT_TRUE(lines_.empty());
    log_info("heard");
    set_log_level(LogLevel::error);
    log_warning("quiet");
    log_error("heard");
    EXPECT_EQ(lines_.size(), 2U);
    set_log_level(LogLevel::debug);
    log(LogLevel::debug, "heard");
    EXPECT_EQ(lines_.size(), 3U);
}

TEST_F(Log, TakesEveryValueThroughTheRedactor) {
    set_redactor([](std::string_view text) {
        return text.find("4242424242424242") == std::string_view::npos ? std::string(text) : "[card]";
    });
    log_info("event", {{"text", "pan=4242424242424242"},
                       {"number", std::int64_t{4242424242424242}},
                       {"harmless", 42},
                       {"other", "x"}});

    EXPECT_EQ(lines_.front().find("4242424242"), std::string::npos);
    const auto line = only_line();
    EXPECT_EQ(line.string_at("text"), "[card]");
    EXPECT_EQ(line.string_at("number"), "[card]");
    EXPECT_EQ(line.integer_at("harmless"), 42);
    EXPECT_EQ(line.string_at("other"), "x");
}

TEST_F(Log, ShowsNothingWhenTheRedactorFails) {
    set_redactor([](std::string_view) -> std::string { throw std::runtime_error("no keys"); });
    log_info("event", {{"text", "4242424242424242"}});
    EXPECT_EQ(lines_.front().find("4242"), std::string::npos);
    EXPECT_EQ(only_line().string_at("text"), "[not shown: redaction failed]");
}

TEST_F(Log, KeepsLinesOfManyThreadsApart) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([thread] {
            for (int round = 0; round < 500; ++round) {
                log_info("event", {{"thread", thread}, {"round", round}});
                if (round % 50 == 0) {
                    set_redactor([](std::string_view text) { return std::string(text); });
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    ASSERT_EQ(lines_.size(), 2000U);
    for (const auto& line : lines_) {
        ASSERT_TRUE(json::parse(line)) << line;
    }
}

TEST(LogToStderr, WritesTheLineThere) {
    testing::internal::CaptureStderr();
    log_error("stopped", {{"code", 4}});
    const std::string written = testing::internal::GetCapturedStderr();
    ASSERT_TRUE(written.ends_with("}\n"));
    EXPECT_EQ(json::parse(written)->string_at("event"), "stopped");
    EXPECT_EQ(json::parse(written)->integer_at("code"), 4);
}

}  // namespace
}  // namespace core
