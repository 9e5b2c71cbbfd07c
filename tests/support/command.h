// The built executable run as a process, as people run it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/test_database.h"

namespace test_support {

struct Ran {
    int status = -1;  // the exit status; 128 + N when signal N ended it
    std::string out;
    std::string err;
};

inline std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw std::runtime_error("cannot read " + file.string());
    }
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

inline void write_text(const std::filesystem::path& file, const std::string& text, unsigned mode = 0644) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, std::filesystem::perms(mode));
}

// A running command; ended (hard) when it is still there at the end of the test.
class Process {
public:
    using Environment = std::map<std::string, std::string>;

    // `place` is its working folder. Its output goes to files, so that it never waits for a reader.
    Process(std::vector<std::string> words, const std::filesystem::path& place, const Environment& more = {}) {
        std::vector<std::string> variables = {"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C.UTF-8",
                                              "HOME=/nonexistent"};
        for (const auto& [name, value] : more) {
            variables.push_back(name + "=" + value);
        }
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addchdir_np(&actions, place.c_str());
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, out_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_addopen(&actions, 2, err_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        auto arguments = pointers(words);
        auto environment = pointers(variables);
        const int failed = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environment.data());
        posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) {
            throw std::runtime_error("cannot start " + words.front() + ": is it built?");
        }
    }
    ~Process() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void signal(int number) const { kill(pid_, number); }
    std::string out() const { return text_of(out_file()); }
    std::string err() const { return text_of(err_file()); }

    // Waits for its end. What takes longer than `most` is killed, and throws.
    Ran finish(std::chrono::seconds most = std::chrono::seconds(120)) {
        const auto until = std::chrono::steady_clock::now() + most;
        int state = 0;
        while (waitpid(pid_, &state, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() > until) {
                throw std::runtime_error("a command did not end in time: " + err());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        pid_ = 0;
        return {WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state), out(), err()};
    }

private:
    static std::vector<char*> pointers(std::vector<std::string>& texts) {
        std::vector<char*> result;
        for (auto& text : texts) {
            result.push_back(text.data());
        }
        result.push_back(nullptr);
        return result;
    }
    std::filesystem::path out_file() const { return folder_.path() / "out"; }
    std::filesystem::path err_file() const { return folder_.path() / "err"; }

    TestFolder folder_;
    pid_t pid_ = 0;
};

inline std::vector<std::string> with_executable(std::vector<std::string> words) {
    words.insert(words.begin(), DUIZHANG_BINARY_DIR "/duizhang");
    return words;
}

// `duizhang WORDS...` in that folder, to its end.
inline Ran duizhang(const std::filesystem::path& place, std::vector<std::string> words,
                    const Process::Environment& more = {}) {
    return Process(with_executable(std::move(words)), place, more).finish();
}

}  // namespace test_support
