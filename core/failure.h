// Failure: what the world did to us, with the two answers its catcher needs.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace core {

// May the same thing be tried again, and is it unknown whether it happened?
// Messages are for people and end up in logs: they never quote data, only names (files, keys, constraints).
class Failure : public std::runtime_error {
public:
    enum class Retry { may_help, useless };
    enum class Outcome { not_done, unknown };

    Failure(const std::string& message, Retry retry, Outcome outcome = Outcome::not_done)
        : std::runtime_error(message), retry_(retry), outcome_(outcome) {}

    bool retry_may_help() const noexcept { return retry_ == Retry::may_help; }
    bool outcome_unknown() const noexcept { return outcome_ == Outcome::unknown; }

private:
    Retry retry_;
    Outcome outcome_;
};

// Something outside failed (database, disk, network); exit status 4.
class OutsideFailure : public Failure {
public:
    explicit OutsideFailure(const std::string& message, Outcome outcome = Outcome::not_done)
        : Failure(message, Retry::may_help, outcome) {}
};

// Wrong usage or configuration; exit status 2. The message names the file, key or option in one line.
class UsageError : public Failure {
public:
    explicit UsageError(const std::string& message) : Failure(message, Retry::useless) {}
};

// Bad input; exit status 3. The message names file, line and field, what is wrong and what to do.
class InputError : public Failure {
public:
    explicit InputError(const std::string& message) : Failure(message, Retry::useless) {}
};

// A rule of ours is broken: the loop that catches it rolls back, alarms and stops writing.
class BrokenRule : public Failure {
public:
    explicit BrokenRule(const std::string& message) : Failure(message, Retry::useless) {}
};

// Throws BrokenRule unless `holds`. Stands in every build.
void ensure(bool holds, std::string_view rule, const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace core
