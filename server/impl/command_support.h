// What commands share: the application behind the options, output, dates.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/time.h"
#include "ledger/entry.h"
#include "server/application.h"
#include "server/commands.h"

namespace server {

// Writes to standard output, all of it; throws core::OutsideFailure when that fails (a full disk, a closed pipe).
void print(std::string_view text);
// A line on standard error, unless --quiet.
void tell(const GlobalOptions& global, std::string_view text);

// Throws core::UsageError naming the option.
core::BusinessDay require_day(const std::string& text, std::string_view option);

// The application as the options say, ready for one command.
class Session {
public:
    explicit Session(const GlobalOptions& global);

    Application& application() { return application_; }
    core::db::Database& database() { return application_.database(); }
    const Tenant& tenant(const std::string& id) { return tenants_->require(id); }
    const Tenants& tenants() const { return *tenants_; }
    const core::Clock& clock() const { return clock_; }
    // What whoever runs the command does, last in the transaction that does it.
    void record(core::db::TenantTransaction& transaction, const audit::Act& act);
    // Carries out `does` in a transaction of the tenant's that ends with the record of it, of which `does` may tell
    // more. An act that is refused is recorded too, in a transaction of its own, and its refusal thrown.
    void act(const core::TenantId& tenant, audit::Act told,
             const std::function<void(core::db::TenantTransaction&, audit::Act&)>& does);

private:
    Application application_;
    std::shared_ptr<const Tenants> tenants_;
    core::SystemClock clock_;
};

// A text that people give and the books keep: of a sensible length, without what could be a card number. Throws
// core::UsageError naming the option, as the next two do.
std::string kept_text(Session& session, const std::string& text, std::string_view option, std::size_t bytes_max);
ledger::Account account_named(const std::string& name, std::string_view option);
// The tenant's when empty.
core::Currency currency_of(const std::string& code, const Tenant& tenant);
// The login's name of whoever runs the command.
std::string operating_user();
// The same, with machine and process.
audit::Actor operating_actor();

}  // namespace server
