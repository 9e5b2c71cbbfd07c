// Two shares of two people make the key.
#include "core/keys/shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/failure.h"
#include "core/files.h"
#include "tests/support/test_database.h"

namespace core::keys {
namespace {

using testing::HasSubstr;

constexpr unsigned kAnn = 60'001;
constexpr unsigned kBob = 60'002;

class Shares : public testing::Test {
protected:
    explicit Shares(std::chrono::seconds window = std::chrono::seconds(60))
        : holder_(socket(), window, [this](std::string_view event, unsigned user, const std::string& why) {
              const std::lock_guard lock(mutex_);
              log_ += std::string(event) + " " + std::to_string(user) + " " + why + "\n";
          }) {
        serving_ = std::thread([this] {
            while (!ending_) {
                holder_.serve_one(std::chrono::milliseconds(20));
            }
        });
    }
    ~Shares() override {
        ending_ = true;
        serving_.join();
    }

    void SetUp() override {
        if (geteuid() != 0) {
            GTEST_SKIP() << "two users are played by root alone: shares are not tested";
        }
    }

    std::filesystem::path socket() const { return folder_.path() / "shares.sock"; }
    std::string log() {
        const std::lock_guard lock(mutex_);
        return log_;
    }

    // What `act` says, or is refused with, in a process of that user.
    static std::string as(unsigned user, const std::function<std::string()>& act) {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe(ends.data()), 0);
        const pid_t child = fork();
        if (child == 0) {
            std::string said = "cannot be that user";
            if (setgid(user) == 0 && setuid(user) == 0) {
                try {
                    said = act();
                } catch (const Failure& refused) {
                    said = refused.what();
                }
            }
            _exit(write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
        }
        close(ends[1]);
        std::string said(4096, '\0');
        said.resize(static_cast<std::size_t>(std::max<ssize_t>(read(ends[0], said.data(), said.size()), 0)));
        close(ends[0]);
        waitpid(child, nullptr, 0);
        return said;
    }
    std::string enter(unsigned user, const KeyBytes& share) {
        return as(user, [&] { return enter_share(socket(), share); });
    }
    std::string key() {
        try {
            return std::string(key_from_shares(socket().string()).reveal());
        } catch (const UsageError& refused) {
            return refused.what();
        }
    }

    test_support::TestFolder folder_;
    std::mutex mutex_;
    std::string log_;
    ShareHolder holder_;
    std::thread serving_;
    std::atomic<bool> ending_{false};
    KeyBytes whole_ = crypto::random_key();
    std::pair<KeyBytes, KeyBytes> shares_ = split_into_shares(whole_);
};

TEST_F(Shares, OfTwoPeopleMakeTheKeyAndBothAreLogged) {
    EXPECT_THAT(key(), HasSubstr("0 of 2 shares"));
    EXPECT_THAT(enter(kAnn, shares_.first), HasSubstr("1 of 2"));
    EXPECT_THAT(key(), HasSubstr("1 of 2 shares"));
    EXPECT_THAT(enter(kBob, shares_.second), HasSubstr("unlocked"));
    EXPECT_EQ(key(), crypto::hex_encode(whole_.reveal()));
    EXPECT_THAT(log(), HasSubstr("share_entered 60001 1 of 2\nshare_entered 60002 2 of 2\n"
                                 "master_key_unlocked 60002 by this user and 60001\n"));
}

TEST_F(Shares, OfOnePersonDoNot) {
    (void)enter(kAnn, shares_.first);
    EXPECT_THAT(enter(kAnn, shares_.second), HasSubstr("from the same user"));
    EXPECT_THAT(key(), HasSubstr("1 of 2 shares"));
    EXPECT_THAT(log(), HasSubstr("share_refused 60001"));
}

TEST_F(Shares, OfAnotherKeyOrTheSameTwiceDoNot) {
    const auto others = split_into_shares(crypto::random_key());
    (void)enter(kAnn, shares_.first);
    EXPECT_THAT(enter(kBob, shares_.first), HasSubstr("the same one"));
    EXPECT_THAT(enter(kBob, others.second), HasSubstr("another key's"));
    EXPECT_THAT(enter(kBob, KeyBytes("2-abc")), HasSubstr("isn't one"));
    EXPECT_THAT(enter(kBob, shares_.second), HasSubstr("unlocked")) << "a wrong one did no harm";
}

TEST_F(Shares, ThatWereMistypedMakeNoKey) {
    auto text = std::string(shares_.second.reveal());
    text[5] = text[5] == 'a' ? 'b' : 'a';
    (void)enter(kAnn, shares_.first);
    EXPECT_THAT(enter(kBob, KeyBytes(text)), HasSubstr("don't make the key"));
    EXPECT_THAT(key(), HasSubstr("0 of 2 shares"));
}

TEST_F(Shares, GiveTheKeyToNoOtherUser) {
    (void)enter(kAnn, shares_.first);
    (void)enter(kBob, shares_.second);
    EXPECT_THAT(as(kAnn, [&] { return std::string(key_from_shares(socket().string()).reveal()); }),
                HasSubstr("key for this user"));
}

class ImpatientShares : public Shares {
protected:
    ImpatientShares() : Shares(std::chrono::seconds(0)) {}
};

TEST_F(ImpatientShares, AreForgottenWhenTheOtherDoesNotCome) {
    (void)enter(kAnn, shares_.first);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    EXPECT_THAT(enter(kBob, shares_.second), HasSubstr("1 of 2")) << "it is the first now";
    EXPECT_THAT(log(), HasSubstr("share_refused 60001 forgotten"));
}

TEST(SharesOfAKey, AreNeitherTheKeyNorTheSame) {
    const auto key = crypto::random_key();
    const auto [one, other] = split_into_shares(key);
    EXPECT_NE(one.reveal(), other.reveal());
    EXPECT_EQ(one.reveal().find(crypto::hex_encode(key.reveal())), std::string::npos);
}

}  // namespace
}  // namespace core::keys
