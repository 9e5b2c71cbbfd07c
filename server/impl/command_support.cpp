#include "server/impl/command_support.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/failure.h"
#include "ledger/given_account.h"

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

void Session::record(core::db::TenantTransaction& transaction, const audit::Act& act) {
    tenants_->trail().record(transaction, operating_actor(), act, clock_.now());
}

void Session::act(const core::TenantId& tenant, audit::Act told,
                  const std::function<void(core::db::TenantTransaction&, audit::Act&)>& does) {
    try {
        core::db::TenantTransaction transaction(database(), tenant);
        does(transaction, told);
        record(transaction, told);
        transaction.commit();
    } catch (const core::OutsideFailure&) {
        throw;  // what could not be done can't be written down either
    } catch (const core::Failure& refused) {
        told.before = told.after = "null";
        told.outcome = std::string("refused: ") + refused.what();
        core::db::TenantTransaction transaction(database(), tenant);
        record(transaction, told);
        transaction.commit();
        throw;
    }
}

std::string kept_text(Session& session, const std::string& text, std::string_view option, std::size_t bytes_max) {
    const bool has_control = std::any_of(text.begin(), text.end(),
                                         [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
    if (text.empty() || text.size() > bytes_max || has_control) {
        throw core::UsageError(std::string(option) + ": must have 1 to " + std::to_string(bytes_max) +
                               " bytes and no control characters");
    }
    return session.tenants().redactor().redact(text);
}

ledger::Account account_named(const std::string& name, std::string_view option) {
    auto account = ledger::given_account(name);
    if (!account) {
        throw core::UsageError(std::string(option) + ": is no account of the chart, e.g. payable:seller or bank:main" +
                               ledger::kNoCardNames);
    }
    return *account;
}

core::Currency currency_of(const std::string& code, const Tenant& tenant) {
    const auto currency = code.empty() ? std::optional(tenant.settings->currency) : core::Currency::from_code(code);
    if (!currency) {
        throw core::UsageError("--currency: is no ISO 4217 code, e.g. CNY");
    }
    return *currency;
}

std::string operating_user() {
    std::array<char, 4096> buffer{};
    struct passwd entry {};
    struct passwd* found = nullptr;
    if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        return found->pw_name;
    }
    return "uid " + std::to_string(getuid());
}

audit::Actor operating_actor() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) {
        host.front() = '\0';
    }
    const std::string machine = host.front() == '\0' ? "this machine" : host.data();
    return {operating_user(), machine + " process " + std::to_string(getpid())};
}

}  // namespace server
