// Programs run directly, without a shell: what stands in a path is never read as a command.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace core::db {

struct Command {
    std::vector<std::string> arguments;  // the first is the program's full path
    std::filesystem::path folder;        // where it runs; also its HOME
    std::filesystem::path output;        // both of its outputs are added to this file; empty: thrown away
    bool our_environment = false;        // variables as ours, for a program that reads the same configuration
};

// What the program left: its exit status, 128 + signal when a signal ended it, 127 when it couldn't be run.
int run_to_end(const Command& command);

// As run_to_end, with what it wrote to standard output (up to 4 KiB) in `text`.
int run_for_text(const Command& command, std::string& text);

// A pipe whose other end a detached program and its children hold open: it ends when all of them have ended.
class LifeLine {
public:
    LifeLine() = default;
    explicit LifeLine(int read_end) noexcept : read_end_(read_end) {}
    ~LifeLine();
    LifeLine(LifeLine&& other) noexcept;
    LifeLine& operator=(LifeLine&&) = delete;

    bool ended(int wait_ms) const noexcept;

private:
    int read_end_ = -1;
};

// Starts the program in a session of its own, no child of ours: it outlives us and no terminal's Ctrl-C reaches it.
// `as_user` is put in front of the program that detaches it (see ServerUser::prefix). Throws OutsideFailure.
LifeLine run_detached(const Command& command, const std::vector<std::string>& as_user);

}  // namespace core::db
