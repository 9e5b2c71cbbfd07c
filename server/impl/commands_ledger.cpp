// duizhang ledger ...
#include <cstdio>

#include "core/failure.h"
#include "core/json/writer.h"
#include "ledger/books.h"
#include "ledger/export.h"
#include "ledger/limits.h"
#include "ledger/seals.h"
#include "reconciliation/review_list.h"
#include "server/closing.h"
#include "server/commands.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

std::string major(std::int64_t minor, const std::string& currency) {
    return core::decimal_from_minor(minor, reconciliation::display_exponent(currency));
}

std::optional<core::BusinessDay> until_day(const Ledger& options) {
    return options.until.empty() ? std::nullopt : std::optional(require_day(options.until, "--until"));
}

ledger::AsOf as_of(const Ledger& options) {
    ledger::AsOf when{until_day(options), std::nullopt};
    if (!options.recorded.empty()) {
        when.recorded = core::parse_rfc3339(options.recorded);
        if (!when.recorded) {
            throw core::UsageError("--recorded: " + options.recorded + " is no instant, e.g. 2026-11-18T08:30:00Z");
        }
    }
    return when;
}

// "as_of" as the contract has it, and the instant when one was asked for.
void write_as_of(core::json::Writer& json, const ledger::AsOf& when, core::Instant now) {
    json.member("as_of",
                when.until ? core::format_day(*when.until) : core::format_rfc3339(when.recorded.value_or(now)));
    if (when.recorded) {
        json.member("recorded", core::format_rfc3339(*when.recorded));
    }
}

struct Total {
    std::int64_t debit = 0;
    std::int64_t credit = 0;
};

void add(std::int64_t& sum, std::int64_t minor) {
    const auto next = core::checked_add(sum, minor);
    core::ensure(next.has_value(), "a currency's total fits 64 bits");
    sum = *next;
}

std::map<std::string, Total> totals_of(const std::vector<ledger::AccountBalance>& balances) {
    std::map<std::string, Total> totals;
    for (const auto& row : balances) {
        add(totals[row.currency].debit, row.debit_minor);
        add(totals[row.currency].credit, row.credit_minor);
    }
    return totals;
}

void begin_row(core::json::Writer& json, const ledger::AccountBalance& row) {
    json.begin_object()
        .member("account", row.account)
        .member("kind", row.kind)
        .member("currency", row.currency)
        .member("debit", row.debit_minor)
        .member("credit", row.credit_minor)
        .member("balance", row.balance_minor());
}

std::string trial_balance_json(const std::string& tenant, const ledger::AsOf& when, core::Instant now,
                               const std::vector<ledger::AccountBalance>& balances) {
    core::json::Writer json(1);
    json.begin_object().member("tenant", tenant);
    write_as_of(json, when, now);
    json.key("accounts").begin_array();
    for (const auto& row : balances) {
        begin_row(json, row);
        json.end_object();
    }
    json.end_array().key("totals").begin_array();
    for (const auto& [currency, total] : totals_of(balances)) {
        json.begin_object()
            .member("currency", currency)
            .member("debit", total.debit)
            .member("credit", total.credit)
            .end_object();
    }
    return json.end_array().end_object().text();
}

std::string trial_balance_table(const std::vector<ledger::AccountBalance>& balances) {
    Table table({"科目 Account", "类别 Kind", "币种 Cur", "借方 Debit>", "贷方 Credit>", "余额 Balance>"});
    for (const auto& row : balances) {
        table.add({row.account, row.kind, row.currency, major(row.debit_minor, row.currency),
                   major(row.credit_minor, row.currency), major(row.balance_minor(), row.currency)});
    }
    for (const auto& [currency, total] : totals_of(balances)) {
        table.add({"合计 Total", "", currency, major(total.debit, currency), major(total.credit, currency),
                   major(total.debit - total.credit, currency)});
    }
    return table.text();
}

std::vector<ledger::Available> available_on(core::db::TenantTransaction& transaction,
                                            const std::vector<ledger::AccountBalance>& balances, core::Instant now) {
    std::vector<ledger::Available> all;
    for (const auto& row : balances) {
        const auto account = ledger::Account::from_name(row.account);
        const auto currency = core::Currency::from_code(row.currency);
        core::ensure(account.has_value() && currency.has_value(), "the books hold accounts and currencies we know");
        all.push_back(ledger::available(transaction, *account, *currency, now));
    }
    return all;
}

void write_available(core::json::Writer& json, const ledger::Available& stands) {
    json.member("posted", stands.posted).member("held", stands.held).member("available", stands.available());
    json.key("overdraft");
    stands.overdraft ? json.value(*stands.overdraft) : json.null();
}

std::string available_table(const std::vector<ledger::AccountBalance>& balances,
                            const std::vector<ledger::Available>& stands) {
    if (stands.empty()) {
        return {};
    }
    Table table({"币种 Cur", "已记 Posted>", "冻结 Held>", "可用 Available>", "透支 Overdraft>"});
    for (std::size_t i = 0; i < stands.size(); ++i) {
        const auto& currency = balances[i].currency;
        table.add({currency, major(stands[i].posted, currency), major(stands[i].held, currency),
                   major(stands[i].available(), currency),
                   stands[i].overdraft ? major(*stands[i].overdraft, currency) : "-"});
    }
    return "\n" + table.text();
}

std::string entry_json(const ledger::StoredEntry& entry) {
    core::json::Writer json(1);
    json.begin_object()
        .member("entry", entry.id.number())
        .member("event", entry.event)
        .member("source_key", entry.source_key)
        .member("description", entry.description)
        .member("occurred_at", core::format_rfc3339(entry.occurred_at))
        .member("business_date", entry.business_date)
        .member("recorded_at", core::format_rfc3339(entry.recorded_at))
        .key("legs")
        .begin_array();
    for (const auto& leg : entry.legs) {
        json.begin_object()
            .member("account", leg.account)
            .member("currency", leg.currency)
            .member("amount", leg.amount_minor)
            .end_object();
    }
    return json.end_array().end_object().text();
}

}  // namespace

int ledger_trial_balance(const GlobalOptions& global, const Ledger& options) {
    const auto when = as_of(options);
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto balances = ledger::trial_balance(transaction, when);
    print(global.json ? trial_balance_json(options.tenant, when, session.clock().now(), balances) + "\n"
                      : trial_balance_table(balances));
    return 0;
}

int ledger_balance(const GlobalOptions& global, const Ledger& options) {
    const auto when = as_of(options);
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    if (!ledger::Account::from_name(options.account)) {
        throw core::UsageError("--account: is no account of the chart, e.g. transit:payment:stripe or payable:seller");
    }
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto found = ledger::account_balances(transaction, options.account, when);
    // What is held is so now, and not at an earlier time.
    const auto stands = when.until || when.recorded ? std::vector<ledger::Available>()
                                                    : available_on(transaction, found, session.clock().now());
    if (!global.json) {
        print(trial_balance_table(found) + available_table(found, stands));
        return 0;
    }
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("account", options.account);
    if (when.until || when.recorded) {
        write_as_of(json, when, session.clock().now());
    }
    json.key("balances").begin_array();
    for (std::size_t i = 0; i < found.size(); ++i) {
        begin_row(json, found[i]);
        if (!stands.empty()) {
            write_available(json, stands[i]);
        }
        json.end_object();
    }
    print(json.end_array().end_object().text() + "\n");
    return 0;
}

int ledger_entry(const GlobalOptions& global, const Ledger& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto entry = ledger::find_entry(transaction, core::EntryId(options.entry));
    if (!entry) {
        throw core::InputError("entry " + std::to_string(options.entry) + ": this tenant has no such entry");
    }
    if (global.json) {
        print(entry_json(*entry) + "\n");
    } else {
        Table table({"科目 Account", "币种 Cur", "金额 Amount>"});
        for (const auto& leg : entry->legs) {
            table.add({leg.account, leg.currency, major(leg.amount_minor, leg.currency)});
        }
        print("entry " + std::to_string(entry->id.number()) + "  " + entry->event + "  " + entry->business_date + "  " +
              core::format_rfc3339(entry->occurred_at) + "\n" + entry->description + "\n" + table.text());
    }
    return 0;
}

int ledger_export(const GlobalOptions& global, const Ledger& options) {
    const ledger::DayRange range{
        options.from.empty() ? std::nullopt : std::optional(require_day(options.from, "--from")), until_day(options)};
    if (global.json != options.format.empty()) {
        throw core::UsageError("ledger export: give --format hledger, beancount or csv, or else --json before ledger");
    }
    if (options.opening && (!range.from || global.json)) {
        throw core::UsageError("--opening: goes with --from and --format");
    }
    const auto format = ledger::export_format(options.format);
    if (!global.json && !format) {
        throw core::UsageError("--format: " + options.format + " is none of hledger, beancount, csv");
    }
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto day = [](const std::string& given) { return given.empty() ? std::string("any") : given; };
    session.act(tenant.settings->id,
                {"books.export", "entries from " + day(options.from) + " until " + day(options.until) + " as " +
                                     (global.json ? "json" : options.format)},
                [](auto&, auto&) {});
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    if (global.json) {
        const char* between = "";
        print("{\"tenant\":\"" + options.tenant + "\",\"entries\":[");
        ledger::read_journal(transaction, range, [&](const ledger::StoredEntry& entry) {
            print(between + entry_json(entry));
            between = ",\n";
        });
        print("]}\n");
        return 0;
    }
    ledger::JournalExport journal(*format, tenant.settings->id);
    print(journal.head());
    if (options.opening) {
        print(journal.opening(*range.from,
                              ledger::trial_balance(transaction, {core::day_before(*range.from), std::nullopt})));
    }
    ledger::read_journal(transaction, range, [&](const ledger::StoredEntry& entry) { print(journal.entry(entry)); });
    return 0;
}

int ledger_verify(const GlobalOptions& global, const Ledger& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto verification = verify_books(transaction, session.tenants().settings());
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object()
            .member("tenant", options.tenant)
            .member("entries", verification.entries)
            .member("legs", verification.legs)
            .key("breaches")
            .begin_array();
        for (const auto& breach : verification.breaches) {
            json.value(breach);
        }
        print(json.end_array().end_object().text() + "\n");
    } else {
        std::string text = std::to_string(verification.entries) + " entries, " + std::to_string(verification.legs) +
                           " legs: " + (verification.breaches.empty() ? "every rule holds\n" : "BROKEN\n");
        for (const auto& breach : verification.breaches) {
            text += "  " + breach + "\n";
        }
        print(text);
    }
    return verification.breaches.empty() ? 0 : 1;
}

}  // namespace server
