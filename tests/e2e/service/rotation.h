// Keys that are changed while callbacks come. A channel's test says how a callback is signed with each of its keys and
// what the configuration says at each step; what must hold at every step is here.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/files.h"
#include "tests/e2e/service/running.h"

namespace e2e {

class Rotation : public testing::Test {
protected:
    // Not the service of the other tests: what was signed when it began gets old.
    static Running& rotating() {
        static Running service;
        return service;
    }

    // By its number among the keys that there are: the status of the answer.
    using Send = std::function<int(std::size_t key)>;

    struct Step {
        std::string words;
        std::string configured;         // in the place of what the configuration says now
        std::size_t used;               // the key that the channel signs with from this step on
        std::vector<std::size_t> good;  // all others are refused once the step is done
    };

    // `replaced` is a piece of the configuration as it stands.
    Rotation(std::string replaced) : replaced_(std::move(replaced)) {
        configuration_ = test_support::text_of(service_.place() / "duizhang.toml");
    }
    ~Rotation() override { configure(replaced_); }

    // Callbacks come all the time, signed with what is good at that moment: none is refused, and none that is signed
    // with another key is accepted. In the end a reload fails, and nothing changes.
    void rotate(std::size_t keys, int accepted, const Send& send, const std::vector<Step>& steps) {
        configure(steps.front().configured);
        signed_with_ = steps.front().used;
        std::vector<std::thread> senders;
        for (int i = 0; i < 4; ++i) {
            senders.emplace_back([&] {
                while (!done_) {
                    refused_ += send(signed_with_) == accepted ? 0 : 1;
                    ++sent_;
                }
            });
        }
        for (const auto& step : steps) {
            SCOPED_TRACE(step.words);
            after_some_more();
            configure(step.configured);
            after_some_more();
            signed_with_ = step.used;
            after_some_more();
            expect_only(step.good, keys, accepted, send);
        }
        fail_to_reload();
        after_some_more();
        expect_only(steps.back().good, keys, accepted, send);
        done_ = true;
        for (auto& sender : senders) {
            sender.join();
        }
        EXPECT_EQ(refused_, 0);
    }

    // The configuration with this in the place of the keys.
    std::string configured(const std::string& instead) const {
        auto text = configuration_;
        const auto at = text.find(replaced_);
        return at == std::string::npos ? "" : text.replace(at, replaced_.size(), instead);
    }
    void configure(const std::string& instead) { reload(configured(instead), "configuration_reloaded"); }

    // Returns when the log says so.
    void reload(const std::string& text, const std::string& event) {
        ASSERT_FALSE(text.empty());
        const auto before = count(event);
        core::write_file(service_.place() / "duizhang.toml", text);
        service_.process().signal(SIGHUP);
        for (int i = 0; i < 1000 && count(event) == before; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ASSERT_GT(count(event), before) << event;
    }

    Running& service_ = rotating();

private:
    void expect_only(const std::vector<std::size_t>& good, std::size_t keys, int accepted, const Send& send) {
        for (std::size_t key = 0; key < keys; ++key) {
            const bool is_good = std::find(good.begin(), good.end(), key) != good.end();
            EXPECT_EQ(send(key), is_good ? accepted : 401) << "key " << key;
        }
    }

    void fail_to_reload() {
        reload(test_support::text_of(service_.place() / "duizhang.toml") + "\nno key = 1\n", "reload_refused");
    }

    std::size_t count(const std::string& words) const {
        const auto text = service_.process().err();
        std::size_t found = 0;
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
            ++found;
        }
        return found;
    }

    void after_some_more() {
        const int before = sent_;
        for (int i = 0; i < 3000 && sent_ < before + 30; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        EXPECT_GE(sent_, before + 30);
    }

    std::string replaced_;
    std::string configuration_;
    std::atomic<std::size_t> signed_with_{0};
    std::atomic<bool> done_{false};
    std::atomic<int> sent_{0};
    std::atomic<int> refused_{0};
};

inline std::string unix_time_now() {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

}  // namespace e2e
