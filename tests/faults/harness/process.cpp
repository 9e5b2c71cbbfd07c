#include "tests/faults/harness/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace faults {

namespace fs = std::filesystem;

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

}  // namespace

Child::Child(const Program& program) {
    std::vector<std::string> variables = {"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C.UTF-8", "TZ=UTC"};
    for (const auto& [name, value] : program.environment) {
        variables.push_back(name + "=" + value);
    }
    std::vector<std::string> words = {"/usr/bin/setpriv", "--pdeathsig", "KILL"};
    words.insert(words.end(), program.words.begin(), program.words.end());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, program.folder.c_str());
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, program.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    auto arguments = pointers(words);
    auto environment = pointers(variables);
    const int failed = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        pid_ = 0;
        throw std::runtime_error("can't start " + program.words.front());
    }
}

Child::~Child() { kill(); }

void Child::signal(int number) const noexcept {
    if (pid_ > 0 && !status_) {
        ::kill(pid_, number);
    }
}

bool Child::running() noexcept { return !status(); }

std::optional<int> Child::status() noexcept {
    int state = 0;
    if (!status_ && pid_ > 0 && waitpid(pid_, &state, WNOHANG) == pid_) {
        status_ = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    }
    return status_;
}

bool Child::wait(Milliseconds most) noexcept {
    return wait_until(most, [this] { return !running(); });
}

void Child::kill() noexcept {
    if (running() && pid_ > 0) {
        ::kill(pid_, SIGKILL);
        int state = 0;
        while (waitpid(pid_, &state, 0) < 0 && errno == EINTR) {
        }
        status_ = 128 + SIGKILL;
    }
}

Ran run(Program program, Milliseconds most) {
    fs::remove(program.log);
    Child child(program);
    if (!child.wait(most)) {
        child.kill();
        return {-1, text_of(program.log)};
    }
    return {child.status().value_or(-1), text_of(program.log)};
}

std::string executable() {
    const char* other = std::getenv("DUIZHANG_EXECUTABLE");
    return other == nullptr || *other == '\0' ? DUIZHANG_BINARY_DIR "/duizhang" : other;
}

std::vector<pid_t> children_of(pid_t parent) {
    std::ifstream list("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; list >> child;) {
        children.push_back(child);
    }
    return children;
}

namespace {

// The kernel's letter for what it does; nothing when there is no such process.
char state_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');
    return name_end != std::string::npos && name_end + 2 < line.size() ? line[name_end + 2] : '\0';
}

}  // namespace

bool alive(pid_t pid) {
    const char state = state_of(pid);
    return state != '\0' && state != 'Z' && state != 'X';
}

bool stopped(pid_t pid) {
    const char state = state_of(pid);
    return state == 'T' || !alive(pid);
}

std::string text_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::size_t times_in(const std::string& text, const std::string& what) {
    std::size_t times = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++times;
    }
    return times;
}

void sleep(Milliseconds time) { std::this_thread::sleep_for(time); }

std::int64_t milliseconds_since(Steady::time_point begin) {
    return std::chrono::duration_cast<Milliseconds>(Steady::now() - begin).count();
}

}  // namespace faults
