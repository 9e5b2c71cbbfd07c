// The embedded cluster shared by many, and killed under them (E4, E5).
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include "core/db/file_lock.h"
#include "core/failure.h"
#include "tests/integration/core_db/embedded_fixture.h"

namespace core::db {
namespace {

namespace fs = std::filesystem;

// This very program once more, holding the cluster in `folder` until it is told to go or killed.
class OtherCommand {
public:
    explicit OtherCommand(const fs::path& folder) {
        std::array<int, 2> to_child{};
        std::array<int, 2> from_child{};
        if (pipe(to_child.data()) != 0 || pipe(from_child.data()) != 0) {
            throw OutsideFailure("no pipe");
        }
        const std::string variable = "DUIZHANG_TEST_FOLDER=" + folder.string();
        pid_ = fork();
        if (pid_ == 0) {
            dup2(to_child[0], STDIN_FILENO);
            dup2(from_child[1], STDERR_FILENO);
            close(to_child[1]);
            close(from_child[0]);
            std::array<const char*, 2> environment = {variable.c_str(), nullptr};
            execle("/proc/self/exe", "other", "--gtest_also_run_disabled_tests",
                   "--gtest_filter=OtherCommandItself.DISABLED_HoldsTheCluster", nullptr, environment.data());
            _exit(127);
        }
        close(to_child[0]);
        close(from_child[1]);
        to_child_ = to_child[1];
        char ready = 0;
        is_ready_ = read(from_child[0], &ready, 1) == 1 && ready == '+';
        close(from_child[0]);
    }
    ~OtherCommand() {
        close(to_child_);
        wait();
    }
    OtherCommand(const OtherCommand&) = delete;
    OtherCommand& operator=(const OtherCommand&) = delete;

    bool is_ready() const { return is_ready_; }
    void let_go() {
        if (write(to_child_, "x", 1) == 1) {
            wait();
        }
    }
    void kill_hard() {
        kill(pid_, SIGKILL);
        wait();
    }

private:
    void wait() {
        if (pid_ > 0) {
            waitpid(pid_, nullptr, 0);
            pid_ = 0;
        }
    }
    pid_t pid_ = 0;
    int to_child_ = -1;
    bool is_ready_ = false;
};

// A process of the server's own user that has nothing to do with it.
class Bystander {
public:
    explicit Bystander(const fs::path& folder) {
        struct stat owner {};
        if (stat(folder.c_str(), &owner) != 0) {
            throw OutsideFailure("no folder");
        }
        pid_ = fork();
        if (pid_ == 0) {
            if (geteuid() == 0 && setuid(owner.st_uid) != 0) {
                _exit(1);
            }
            for (;;) {
                pause();
            }
        }
    }
    ~Bystander() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Bystander(const Bystander&) = delete;
    Bystander& operator=(const Bystander&) = delete;

    pid_t pid() const { return pid_; }
    bool lives() const { return waitpid(pid_, nullptr, WNOHANG) == 0; }

private:
    pid_t pid_ = 0;
};

template <typename Action>
void for_each_keeper_of(const fs::path& folder, const Action& act) {
    const auto lock = (folder / "users.lock").string();
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const auto name = entry.path().filename().string();
        std::string line;
        std::getline(std::ifstream(entry.path() / "cmdline"), line);
        if (name.find_first_not_of("0123456789") == std::string::npos && line.starts_with("/usr/bin/flock") &&
            line.find(lock) != std::string::npos) {
            act(std::stoi(name));
        }
    }
}

int keepers_of(const fs::path& folder) {
    int count = 0;
    for_each_keeper_of(folder, [&](pid_t) { ++count; });
    return count;
}

TEST(OtherCommandItself, DISABLED_HoldsTheCluster) {
    const char* folder = std::getenv("DUIZHANG_TEST_FOLDER");
    if (folder == nullptr) {
        GTEST_SKIP() << "only as a second process of another test";
    }
    const EmbeddedCluster cluster(folder, kQuick);
    const char answer = ask(cluster.service_connection(), "select 1") == "1" ? '+' : '-';
    ASSERT_EQ(write(STDERR_FILENO, &answer, 1), 1);
    char told = 0;
    (void)!read(STDIN_FILENO, &told, 1);
}

TEST_F(Embedded, StaysWhileAnyOfItsUsersInThisProcessStays) {
    auto first = std::make_unique<EmbeddedCluster>(folder(), kQuick);
    auto second = std::make_unique<EmbeddedCluster>(folder(), kQuick);
    const pid_t pid = server();
    first.reset();
    EXPECT_EQ(ask(second->service_connection(), "select 1"), "1");
    EXPECT_EQ(server(), pid);
    second.reset();
    EXPECT_FALSE(runs());
}

TEST_F(Embedded, IsSharedBetweenProcesses) {
    OtherCommand other(folder());
    ASSERT_TRUE(other.is_ready());
    const pid_t pid = server();
    {
        const EmbeddedCluster joined(folder(), kQuick);
        EXPECT_EQ(server(), pid);
    }
    EXPECT_TRUE(runs()) << "the other one still uses it";
    {
        const EmbeddedCluster joined(folder(), kQuick);
        other.let_go();
        EXPECT_EQ(ask(joined.service_connection(), "select 1"), "1") << "whoever started it may go first";
    }
    EXPECT_FALSE(runs());
}

TEST_F(Embedded, IsMadeOnceByManyAtOnce) {
    std::vector<std::thread> threads;
    std::atomic<int> answered{0};
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            const EmbeddedCluster cluster(folder(), kQuick);
            answered += ask(cluster.service_connection(), "select 1") == "1" ? 1 : 0;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(answered, 6);
    EXPECT_FALSE(runs());
}

TEST_F(Embedded, IsStoppedWhenItsLastUserWasKilled) {
    OtherCommand other(folder());
    ASSERT_TRUE(other.is_ready());
    other.kill_hard();
    EXPECT_TRUE(holds_within(std::chrono::seconds(10), [&] { return !runs(); }));
}

TEST_F(Embedded, ServesAgainAtOnceAfterItsLastUserWasKilled) {
    for (int round = 0; round < 3; ++round) {
        OtherCommand other(folder());
        ASSERT_TRUE(other.is_ready()) << round;
        other.kill_hard();
        const EmbeddedCluster cluster(folder(), kQuick);
        EXPECT_EQ(ask(cluster.service_connection(), "select 1"), "1") << round;
    }
}

TEST_F(Embedded, IsStartedAgainUnderItsUserWhenItIsKilled) {
    const EmbeddedCluster cluster(folder(), kQuick);
    ask(cluster.owner_connection(), "create table public.kept as select 7 as x; select x from public.kept");
    for (int round = 0; round < 3; ++round) {
        const pid_t killed = server();
        kill(killed, SIGKILL);
        const auto serves_again = [&] {
            try {
                return runs() && server() != killed && ask(cluster.service_connection(), "select 1") == "1";
            } catch (const std::exception&) {
                return false;
            }
        };
        ASSERT_TRUE(holds_within(std::chrono::seconds(10), serves_again)) << round;
        EXPECT_EQ(ask(cluster.owner_connection(), "select x from public.kept"), "7");
    }
    EXPECT_EQ(keepers_of(folder()), 1) << "one is enough for however many servers";
}

TEST_F(Embedded, LeavesAnotherKeeperWhenItsOwnWasKilled) {
    OtherCommand other(folder());
    ASSERT_TRUE(other.is_ready());
    for_each_keeper_of(folder(), [](pid_t keeper) { kill(keeper, SIGKILL); });
    ASSERT_TRUE(holds_within(std::chrono::seconds(10), [&] { return keepers_of(folder()) == 0; }));
    const pid_t killed = server();
    kill(killed, SIGKILL);
    ASSERT_TRUE(holds_within(std::chrono::seconds(10), [&] { return keepers_of(folder()) == 1; }));
    other.kill_hard();
    EXPECT_TRUE(holds_within(std::chrono::seconds(10), [&] { return !runs() && keepers_of(folder()) == 0; }));
}

TEST_F(Embedded, IsRecoveredWhenServerAndUserWereKilledTogether) {
    OtherCommand other(folder());
    ASSERT_TRUE(other.is_ready());
    const pid_t postmaster = server();
    kill(postmaster, SIGSTOP);  // so that it can neither end nor be restarted in between
    other.kill_hard();
    kill(postmaster, SIGKILL);
    const EmbeddedCluster cluster(folder(), kQuick);
    EXPECT_NE(server(), postmaster);
    EXPECT_EQ(ask(cluster.service_connection(), "select 1"), "1");
}

// A session in the middle of a long statement doesn't notice that its postmaster died, and goes on writing.
TEST_F(Embedded, EndsWhatAKilledServerLeftBehind) {
    const EmbeddedCluster cluster(folder(), kQuick);
    const pid_t killed = server();
    Connection busy(cluster.owner_connection());
    const pid_t session = busy.backend();
    std::thread statement([&] {
        pqxx::nontransaction work(busy.get());
        EXPECT_THROW(work.exec("select count(*) from generate_series(1, 1000000000000)"), std::exception);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    kill(killed, SIGKILL);
    EXPECT_TRUE(holds_within(std::chrono::seconds(15), [&] { return runs() && server() != killed; }));
    EXPECT_FALSE(serves(session, data()));
    statement.join();
}

// The number of a dead server, which is another process's by now, is in the file when the last user goes.
TEST_F(Embedded, IsNotStoppedByStoppingSomebodyElse) {
    OtherCommand other(folder());
    ASSERT_TRUE(other.is_ready());
    const pid_t killed = server();
    const Bystander bystander(data());
    kill(killed, SIGSTOP);  // so that nobody replaces the file
    std::ofstream(data() / "postmaster.pid") << bystander.pid() << "\n"
                                             << data().string() << "\n1\n5432\n/tmp\n\n0 0\nready\n";
    other.kill_hard();
    FileLock users(folder() / "users.lock");
    const auto keeper_is_done = [&] { return users.try_lock(FileLock::Mode::exclusive); };
    ASSERT_TRUE(holds_within(std::chrono::seconds(10), keeper_is_done));
    EXPECT_TRUE(bystander.lives());
    users.unlock();
    kill(killed, SIGKILL);
    const EmbeddedCluster cluster(folder(), kQuick);
    EXPECT_EQ(ask(cluster.service_connection(), "select 1"), "1");
    EXPECT_TRUE(bystander.lives());
}

TEST_F(Embedded, IsNotFooledByAProcessIdThatIsSomebodyElses) {
    { const EmbeddedCluster cluster(folder(), kQuick); }
    std::ofstream(data() / "postmaster.pid") << getpid() << "\n"
                                             << data().string() << "\n1\n5432\n/tmp\n\n0 0\nready\n";
    const EmbeddedCluster cluster(folder(), kQuick);
    EXPECT_EQ(ask(cluster.service_connection(), "select 1"), "1");
}

}  // namespace
}  // namespace core::db
