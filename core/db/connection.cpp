#include "core/db/connection.h"

#include <algorithm>
#include <bit>

#include "core/db/conninfo.h"
#include "core/failure.h"

namespace core::db {

namespace {

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (!text.empty() && text.back() == ' ') {
        text.pop_back();
    }
    return text;
}

}  // namespace

Connection::Session::Session(const std::string& parameters) : connection_base(policy_), policy_(parameters) {
    try {
        init();
    } catch (const std::exception& failure) {
        throw OutsideFailure("the database can't be reached: " + one_line(failure.what()));
    }
}

Connection::Connection(const std::string& connection)
    : session_(with_connection_defaults(connection)), backend_(session_.backendpid()) {
    // A connection that libpqxx restores has lost its settings, the tenant first of all: better none at all.
    // The call is deprecated because libpqxx 7 has no reconnecting left to forbid.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    session_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
    // Verbose is what carries the constraint's name in a line of its own; the rest is never shown (failure.cpp).
    session_.set_verbosity(pqxx::connection_base::verbose);
}

bool Connection::plans_are_old() noexcept {
    constexpr std::uint64_t kOften = 1024;
    ++transactions_;
    return std::has_single_bit(transactions_) || transactions_ % kOften == 0;
}

bool Connection::still_on_its_backend() const noexcept {
    return session_.is_open() && session_.backendpid() == backend_;
}

bool Connection::answers() noexcept {
    try {
        pqxx::nontransaction question(session_);
        return question.exec1("select pg_backend_pid()")[0].as<int>() == backend_;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace core::db
