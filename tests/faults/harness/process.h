// Programs that a fault program starts, kills and collects.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace faults {

using Environment = std::map<std::string, std::string>;
using Milliseconds = std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// What takes longer has failed. No program asks for speed: other work may have the machine.
inline constexpr std::chrono::seconds kPatience{120};

struct Program {
    std::vector<std::string> words;
    std::filesystem::path folder;  // where it works
    std::filesystem::path log;     // both its outputs, appended
    Environment environment;       // beside PATH and the locale
};

// A direct child: nobody else collects it, so that its number is nobody else's before we know of its end. It dies with
// us. Start it on the main thread, since it dies with the thread that started it.
class Child {
public:
    explicit Child(const Program& program);
    ~Child();  // killed and collected
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const noexcept { return pid_; }
    void signal(int number) const noexcept;
    bool running() noexcept;
    // False when it hasn't ended by then.
    bool wait(Milliseconds most) noexcept;
    // 128 + N when signal N ended it; nothing while it runs.
    std::optional<int> status() noexcept;
    // kill -9, and collected.
    void kill() noexcept;

private:
    pid_t pid_ = 0;
    std::optional<int> status_;
};

struct Ran {
    int status = -1;
    std::string out;  // standard output and error
};
// To its end; -1 as its status when it took longer and was killed.
Ran run(Program program, Milliseconds most = std::chrono::minutes(2));

// The program under test: the one built beside us, or $DUIZHANG_EXECUTABLE.
std::string executable();

// The children of a process, as the kernel lists them.
std::vector<pid_t> children_of(pid_t parent);
// True while there is a process of that number that isn't a zombie.
bool alive(pid_t pid);
// True once it has been stopped (SIGSTOP takes effect when the process is next on a processor).
bool stopped(pid_t pid);

std::string text_of(const std::filesystem::path& file);
// How often a text contains another.
std::size_t times_in(const std::string& text, const std::string& what);
void sleep(Milliseconds time);
std::int64_t milliseconds_since(Steady::time_point begin);

// True when it came to hold in time.
template <typename Condition>
bool wait_until(Milliseconds most, const Condition& holds, Milliseconds step = Milliseconds(5)) {
    const auto deadline = Steady::now() + most;
    while (!holds()) {
        if (Steady::now() >= deadline) {
            return false;
        }
        sleep(step);
    }
    return true;
}

}  // namespace faults
