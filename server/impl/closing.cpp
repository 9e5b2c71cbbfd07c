#include "server/closing.h"

#include <map>

#include "core/failure.h"
#include "core/json/writer.h"

namespace server {
namespace {

constexpr std::size_t kReasonBytesMax = 512;

void append(std::vector<std::string>& all, std::vector<std::string> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// In its own calendar a channel may still be in a day that is over in another's.
void require_over(const Tenant& tenant, core::BusinessDay day, core::Instant now) {
    const auto complain = [&](const std::string& where) {
        throw core::UsageError("--date: " + core::format_day(day) + " isn't over " + where +
                               "; days are closed when they are");
    };
    if (day >= core::day_of(now, {"UTC", std::chrono::minutes(0)})) {
        complain("in UTC");
    }
    for (const auto& [name, channel] : tenant.channels) {
        if (day >= core::day_of(now, channel->day_cut())) {
            complain("for " + name);
        }
    }
}

std::vector<std::string> trial_balance_breaches(core::db::TenantTransaction& transaction) {
    std::map<std::string, std::int64_t> sums;
    for (const auto& row : ledger::trial_balance(transaction)) {
        const auto sum = core::checked_add(sums[row.currency], row.balance_minor());
        core::ensure(sum.has_value(), "a currency's total fits 64 bits");
        sums[row.currency] = *sum;
    }
    std::vector<std::string> breaches;
    for (const auto& [currency, sum] : sums) {
        if (sum != 0) {
            breaches.push_back("the trial balance is off in " + currency);
        }
    }
    return breaches;
}

std::string accepted_text(const std::string& reason, const std::vector<reconciliation::Rest>& rests) {
    std::string text;
    for (const auto& rest : rests) {
        text += rest.where + ": " + rest.what + "\n";
    }
    return text.empty() ? text : reason + "\n" + text;
}

std::vector<std::string> publish(core::db::Database& database, const config::Settings& settings,
                                 const core::TenantId& tenant) {
    core::db::TenantTransaction transaction(database, tenant);
    const auto folder = seals_folder(settings, tenant);
    auto breaches = ledger::publish_seals(transaction, folder);
    append(breaches, ledger::publish_closes(transaction, folder));
    return breaches;
}

void record_close(core::db::TenantTransaction& transaction, const Tenants& tenants, const audit::Actor& by,
                  const ledger::Close& made) {
    core::json::Writer json;
    json.begin_object()
        .member("after_day", made.after ? core::format_day(*made.after) : "")
        .member("until_entry", made.until_entry)
        .member("accepted", made.accepted)
        .member("digest", made.digest)
        .end_object();
    tenants.trail().record(transaction, by,
                           {"period.close", "days until " + core::format_day(made.until), "null", json.text()},
                           made.closed_at);
}

// Records seals as made by somebody.
ledger::AlsoOfSeals record_seals(const Tenants& tenants, const audit::Actor& by) {
    return [&tenants, by](core::db::TenantTransaction& transaction, const std::vector<ledger::Seal>& made) {
        const auto& last = made.back();
        core::json::Writer json;
        json.begin_object()
            .member("seals", made.size())
            .member("last", last.number)
            .member("until_entry", last.until_entry)
            .member("digest", last.digest)
            .end_object();
        tenants.trail().record(transaction, by, {"seal.make", "books", "null", json.text()}, last.sealed_at);
    };
}

}  // namespace

std::filesystem::path seals_folder(const config::Settings& settings, const core::TenantId& tenant) {
    return settings.review_lists.parent_path() / "seals" / tenant.text();
}

Sealed seal_books(Application& application, const core::Clock& clock, const core::TenantId& tenant,
                  const audit::Actor& by) {
    const auto tenants = application.tenants();
    const auto& settings = tenants->settings();
    Sealed sealed;
    sealed.made = ledger::seal(application.database(), tenant, ledger::SealKey(settings.master_key), clock,
                               record_seals(*tenants, by));
    sealed.breaches = publish(application.database(), settings, tenant);
    return sealed;
}

std::vector<std::pair<core::TenantId, std::string>> seal_all_books(Application& application, const core::Clock& clock,
                                                                   const std::vector<core::TenantId>& tenants,
                                                                   const audit::Actor& by) {
    const auto to_seal = ledger::tenants_to_seal(application.database(), tenants);
    std::vector<std::pair<core::TenantId, std::string>> all;
    for (const auto& tenant : tenants) {
        for (auto& breach : to_seal.contains(tenant)
                                ? seal_books(application, clock, tenant, by).breaches
                                : publish(application.database(), application.tenants()->settings(), tenant)) {
            all.emplace_back(tenant, std::move(breach));
        }
    }
    return all;
}

ledger::Verification verify_books(core::db::TenantTransaction& transaction, const config::Settings& settings) {
    core::db::take_time(transaction);
    auto verification = ledger::verify(transaction);
    append(verification.breaches, trial_balance_breaches(transaction));
    const auto key = ledger::SealKey(settings.master_key).public_key();
    append(verification.breaches, ledger::verify_seals(transaction, key));
    append(verification.breaches, ledger::verify_closes(transaction, key));
    return verification;
}

CloseAnswer close_books(Application& application, const core::Clock& clock, const Tenant& tenant,
                        const CloseRequest& request) {
    if (request.accept_open.size() > kReasonBytesMax) {
        throw core::UsageError("--accept-open: must have 1 to " + std::to_string(kReasonBytesMax) + " bytes");
    }
    require_over(tenant, request.until, clock.now());
    const auto tenants = application.tenants();
    const auto& settings = tenants->settings();
    const auto& id = tenant.settings->id;
    auto& database = application.database();
    std::vector<std::string> channels;
    for (const auto& [name, ignored] : tenant.channels) {
        channels.push_back(name);
    }
    CloseAnswer answer;
    {
        core::db::TenantTransaction transaction(database, id);
        answer.breaches = verify_books(transaction, settings).breaches;
        const auto before = ledger::closed_until(transaction);
        if (!before || *before < request.until) {
            answer.rests = reconciliation::rests_before_close(transaction, channels, before, request.until);
        }
    }
    if (!request.dry_run && answer.breaches.empty()) {
        answer.breaches = publish(database, settings, id);
    }
    const bool may_close = answer.breaches.empty() && (answer.rests.empty() || !request.accept_open.empty());
    if (may_close && !request.dry_run) {
        const auto reason = tenants->redactor().redact(request.accept_open);
        answer.close = ledger::close(
            database, id, request.until, accepted_text(reason, answer.rests), ledger::SealKey(settings.master_key),
            clock,
            [&](core::db::TenantTransaction& transaction, const ledger::Close& made) {
                record_close(transaction, *tenants, request.by, made);
            },
            record_seals(*tenants, request.by));
        publish(database, settings, id);
    }
    return answer;
}

}  // namespace server
