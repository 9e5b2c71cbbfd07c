#include "core/db/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "core/failure.h"

namespace core::db {

namespace {

// Where a program finds the write end of its life line; nobody reads or writes it.
constexpr int kLifeLineDescriptor = 3;

// The actions and attributes of one posix_spawn, freed in any case.
class Preparation {
public:
    Preparation() noexcept {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        // A service blocks signals for its own loop, and a thread's mask is inherited: the program starts afresh.
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    ~Preparation() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;

    posix_spawn_file_actions_t* actions() noexcept { return &actions_; }
    const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

struct Descriptors {
    int standard_output = -1;  // -1: the command's own file
    int life_line = -1;        // -1: none
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

// Unless it is asked for, nothing of ours goes in: an inherited HOME or PGDATA has made servers read files that weren't
// meant for them.
std::vector<std::string> environment(const Command& command) {
    if (command.our_environment) {
        std::vector<std::string> all;
        for (char** one = environ; *one != nullptr; ++one) {
            all.emplace_back(*one);
        }
        return all;
    }
    return {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + command.folder.string(), "LC_ALL=C.UTF-8", "TZ=UTC"};
}

// The process id, or 0 when the program can't be run.
pid_t spawn(const Command& command, const Descriptors& descriptors) {
    Preparation preparation;
    auto* actions = preparation.actions();
    posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    const std::string output = command.output.empty() ? "/dev/null" : command.output.string();
    posix_spawn_file_actions_addopen(actions, STDERR_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const int standard_output = descriptors.standard_output < 0 ? STDERR_FILENO : descriptors.standard_output;
    posix_spawn_file_actions_adddup2(actions, standard_output, STDOUT_FILENO);
    int first_to_close = kLifeLineDescriptor;
    if (descriptors.life_line >= 0) {
        posix_spawn_file_actions_adddup2(actions, descriptors.life_line, kLifeLineDescriptor);
        ++first_to_close;
    }
    // A lock or a listening socket that a server inherits would be held for as long as the server lives.
    posix_spawn_file_actions_addclosefrom_np(actions, first_to_close);
    posix_spawn_file_actions_addchdir_np(actions, command.folder.c_str());

    auto arguments = command.arguments;
    auto variables = environment(command);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, arguments.front().c_str(), actions, preparation.attributes(),
                                  pointers(arguments).data(), pointers(variables).data());
    return error == 0 ? pid : 0;
}

int wait_for(pid_t pid) {
    if (pid == 0) {
        return 127;
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return 127;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::pair<int, int> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw OutsideFailure("no pipe can be made: too many files are open");
    }
    return {ends[0], ends[1]};
}

}  // namespace

int run_to_end(const Command& command) { return wait_for(spawn(command, {})); }

int run_for_text(const Command& command, std::string& text) {
    const auto [read_end, write_end] = make_pipe();
    const pid_t pid = spawn(command, {.standard_output = write_end, .life_line = -1});
    close(write_end);
    std::array<char, 4096> buffer{};
    text.clear();
    for (;;) {
        const ssize_t count = read(read_end, buffer.data(), buffer.size());
        if (count == 0 || (count < 0 && errno != EINTR)) {
            break;
        }
        if (count > 0 && text.size() < buffer.size()) {
            text.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    close(read_end);
    return wait_for(pid);
}

LifeLine::~LifeLine() {
    if (read_end_ >= 0) {
        close(read_end_);
    }
}

LifeLine::LifeLine(LifeLine&& other) noexcept : read_end_(std::exchange(other.read_end_, -1)) {}

bool LifeLine::ended(int wait_ms) const noexcept {
    pollfd waiting{read_end_, POLLIN, 0};
    return poll(&waiting, 1, wait_ms) > 0;
}

LifeLine run_detached(const Command& command, const std::vector<std::string>& as_user) {
    Command detached{as_user, command.folder, command.output};
    // It forks once more, so that the program's parent is init and nobody here has to collect its remains: a zombie
    // would look like a running server to whoever starts the next one.
    detached.arguments.insert(detached.arguments.end(), {"/usr/bin/setsid", "--fork"});
    detached.arguments.insert(detached.arguments.end(), command.arguments.begin(), command.arguments.end());
    const auto [read_end, write_end] = make_pipe();
    LifeLine life_line(read_end);
    const int status = wait_for(spawn(detached, {.standard_output = -1, .life_line = write_end}));
    close(write_end);
    if (status != 0) {
        throw OutsideFailure(detached.arguments.front() + " can't be run (status " + std::to_string(status) + ")");
    }
    return life_line;
}

}  // namespace core::db
