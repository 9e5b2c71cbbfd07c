#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "core/failure.h"
#include "core/keys/master_key.h"

namespace core::keys {
namespace {

constexpr std::size_t kBytesMax = 4096;
constexpr std::chrono::seconds kPatience{10};

[[noreturn]] void refuse(const std::string& program, const std::string& what) {
    throw UsageError("the command " + program + " " + what);
}

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    for (std::size_t at = line.find_first_not_of(' '); at != std::string::npos;) {
        const auto end = std::min(line.find(' ', at), line.size());
        words.push_back(line.substr(at, end - at));
        at = line.find_first_not_of(' ', end);
    }
    if (words.empty() || !words.front().starts_with('/')) {
        throw UsageError("a command is named by its whole path, command:/usr/local/bin/print-the-key");
    }
    return words;
}

// A child of ours in a process group of its own. What becomes of it is asked once; until then it can be ended.
class Child {
public:
    Child(const std::vector<std::string>& words, int output) {
        std::vector<char*> arguments;
        arguments.reserve(words.size() + 1);
        for (const auto& word : words) {
            arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        }
        arguments.push_back(nullptr);
        id_ = ::fork();
        if (id_ == 0) {
            become(arguments, output);
        }
    }
    ~Child() {
        if (id_ > 0) {
            ::kill(-id_, SIGKILL);
            ::kill(id_, SIGKILL);
            while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool was_started() const { return id_ > 0; }
    // It has closed its output, and is given a moment to end.
    bool ended_well() {
        constexpr int kTriesMax = 100;
        for (int attempt = 0; attempt < kTriesMax; ++attempt) {
            int status = -1;
            if (::waitpid(id_, &status, WNOHANG) == id_) {
                id_ = -1;
                return status == 0;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }

private:
    // Between fork and exec nothing may be called that takes a lock.
    [[noreturn]] static void become(const std::vector<char*>& arguments, int output) {
        ::setpgid(0, 0);
        const int nothing = ::open("/dev/null", O_RDWR);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(output, STDOUT_FILENO);
        ::dup2(nothing, STDERR_FILENO);
        ::execv(arguments.front(), arguments.data());
        ::_exit(127);
    }

    pid_t id_ = -1;
};

class ReadEnd {
public:
    explicit ReadEnd(int number) : number_(number) {}
    ~ReadEnd() { ::close(number_); }
    ReadEnd(const ReadEnd&) = delete;
    ReadEnd& operator=(const ReadEnd&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

// All that comes until the other end is closed; throws when there is more than kBytesMax, or no end in time.
KeyBytes read_all(int from, const std::string& program) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::string room(kBytesMax + 1, '\0');
    std::size_t held = 0;
    while (held <= kBytesMax) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        pollfd waiting{from, POLLIN, 0};
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) {
            wipe(room.data(), room.size());
            refuse(program, "was not done after " + std::to_string(kPatience.count()) + " seconds");
        }
        const auto got = ::read(from, room.data() + held, room.size() - held);
        if (got == 0) {
            KeyBytes all(std::string_view(room).substr(0, held));
            wipe(room.data(), room.size());
            return all;
        }
        held += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    }
    wipe(room.data(), room.size());
    refuse(program, "printed more than " + std::to_string(kBytesMax) + " bytes");
}

}  // namespace

KeyBytes key_from_command(const std::string& command_line) {
    const auto words = words_of(command_line);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw OutsideFailure("no pipe for the command " + words.front());
    }
    const ReadEnd output(ends[0]);
    Child child(words, ends[1]);
    ::close(ends[1]);
    if (!child.was_started()) {
        throw OutsideFailure("the command " + words.front() + " could not be started");
    }
    auto printed = read_all(output.number(), words.front());
    if (!child.ended_well()) {
        refuse(words.front(), "failed: run it by hand, as the user that runs duizhang, to see why");
    }
    return printed;
}

}  // namespace core::keys
