#include "server/impl/command_support.h"

#include <cstdio>

#include "core/failure.h"

namespace server {

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        throw core::OutsideFailure("standard output: cannot write");
    }
}

void tell(const GlobalOptions& global, std::string_view text) {
    if (!global.quiet) {
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fputc('\n', stderr);
    }
}

core::BusinessDay require_day(const std::string& text, std::string_view option) {
    const auto day = core::parse_day(text);
    if (!day) {
        throw core::UsageError(std::string(option) + ": must be a day that exists, YYYY-MM-DD");
    }
    return *day;
}

Session::Session(const GlobalOptions& global)
    : application_(config::find_configuration(global.config)), tenants_(application_.tenants()) {}

}  // namespace server
