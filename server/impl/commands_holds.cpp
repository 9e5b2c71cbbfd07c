#include "server/impl/commands_holds.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "core/failure.h"
#include "core/json/writer.h"
#include "ledger/holds.h"
#include "reconciliation/review_list.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kTextBytesMax = 512;
constexpr std::int64_t kMinutesMax = 527'040;  // a year

struct Options {
    std::string tenant;
    std::string key;
    std::string account;
    std::string to;
    std::string currency;
    std::string expires;
    std::string description;
    std::string state;
    std::string by;
    std::string date;
    std::int64_t amount = 0;
    std::int64_t minutes = 15;
    std::int64_t overdraft = -1;
    bool none = false;
};
using Shared = std::shared_ptr<Options>;

std::string major(std::int64_t minor, const std::string& currency) {
    return core::decimal_from_minor(minor, reconciliation::display_exponent(currency));
}

core::Instant expiry(const Options& options, core::Instant now) {
    if (options.expires.empty()) {
        return now + std::chrono::minutes(options.minutes);
    }
    const auto instant = core::parse_rfc3339(options.expires);
    if (!instant) {
        throw core::UsageError("--expires: must be a time with its zone, 2026-11-30T09:00:00Z");
    }
    return *instant;
}

void write(core::json::Writer& json, const ledger::Hold& hold) {
    json.begin_object()
        .member("hold", hold.number)
        .member("key", hold.what.source_key)
        .member("state", ledger::name_of(hold.state))
        .member("account", hold.what.account.name())
        .member("to", hold.what.counter_account.name())
        .member("currency", hold.what.amount.currency().code())
        .member("amount", hold.what.amount.minor())
        .member("description", hold.what.description)
        .member("created_at", core::format_rfc3339(hold.created_at))
        .member("expires_at", core::format_rfc3339(hold.what.expires_at));
    if (hold.ended_at) {
        json.member("ended_at", core::format_rfc3339(*hold.ended_at));
    }
    if (hold.entry) {
        json.member("posted", hold.posted_minor).member("entry", hold.entry->number());
    }
    json.end_object();
}

std::string in_words(const ledger::HoldAnswer& answer) {
    const auto& hold = answer.hold;
    const auto currency = std::string(hold.what.amount.currency().code());
    std::string text = "hold " + std::to_string(hold.number) + (answer.already ? " is already " : " is ") +
                       std::string(ledger::name_of(hold.state)) + ": " + major(hold.what.amount.minor(), currency) +
                       " " + currency + " of " + hold.what.account.name();
    if (hold.entry) {
        text += ", " + major(hold.posted_minor, currency) + " posted by entry " + std::to_string(hold.entry->number());
    } else if (hold.state == ledger::HoldState::pending) {
        text += " until " + core::format_rfc3339(hold.what.expires_at);
    }
    return text + "\n";
}

// What was refused is input that the books don't take: nothing is changed.
void show(const GlobalOptions& global, const std::string& key, const ledger::HoldResult& result) {
    if (!result) {
        throw core::InputError("hold " + key + ": " + result.error().describe());
    }
    if (!global.json) {
        print(in_words(*result));
        return;
    }
    core::json::Writer json(1);
    json.begin_object().member("already", result->already).key("hold");
    write(json, result->hold);
    print(json.end_object().text() + "\n");
}

// What the trail keeps of it.
void tell_of(audit::Act& act, const ledger::HoldResult& result) {
    if (!result) {
        act.outcome = "refused";
        return;
    }
    core::json::Writer json;
    write(json, result->hold);
    act.after = json.text();
    act.outcome = result->already ? "done before" : "done";
}

// The newest, as the trail keeps it.
std::string standing_limit(core::db::TenantTransaction& transaction, const ledger::Account& account,
                           core::Currency currency) {
    std::string found = "null";
    std::int64_t newest = 0;
    for (const auto& limit : ledger::limits(transaction)) {
        if (limit.account == account.name() && limit.currency == currency.code() && limit.number > newest) {
            core::json::Writer json;
            json.begin_object().key("overdraft");
            limit.overdraft_minor ? json.value(*limit.overdraft_minor) : json.null();
            json.member("set_by", limit.set_by).end_object();
            found = json.text();
            newest = limit.number;
        }
    }
    return found;
}

int hold(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto now = session.clock().now();
    const ledger::NewHold asked{kept_text(session, options.key, "--key", kKeyBytesMax),
                                account_named(options.account, "--account"),
                                account_named(options.to, "--to"),
                                {options.amount, currency_of(options.currency, tenant)},
                                expiry(options, now),
                                kept_text(session, options.description, "--description", kTextBytesMax)};
    if (asked.account == asked.counter_account) {
        throw core::UsageError("--to: must be another account than --account");
    }
    std::optional<ledger::HoldResult> result;
    session.act(tenant.settings->id, {"hold.place", "hold " + asked.source_key}, [&](auto& transaction, auto& act) {
        result.emplace(ledger::hold(transaction, asked, now));
        tell_of(act, *result);
    });
    show(global, asked.source_key, *result);
    return 0;
}

int commit(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto now = session.clock().now();
    const auto day = options.date.empty() ? core::day_of(now, {"UTC", std::chrono::minutes(0)})
                                          : require_day(options.date, "--date");
    const auto key = kept_text(session, options.key, "key", kKeyBytesMax);
    const auto minor = options.amount == 0 ? std::nullopt : std::optional(options.amount);
    std::optional<ledger::HoldResult> result;
    session.act(tenant.settings->id, {"hold.commit", "hold " + key}, [&](auto& transaction, auto& act) {
        result.emplace(ledger::commit_hold(transaction, key, minor, now, day));
        tell_of(act, *result);
    });
    show(global, key, *result);
    return 0;
}

int void_it(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto key = kept_text(session, options.key, "key", kKeyBytesMax);
    std::optional<ledger::HoldResult> result;
    session.act(tenant.settings->id, {"hold.void", "hold " + key}, [&](auto& transaction, auto& act) {
        result.emplace(ledger::void_hold(transaction, key, session.clock().now()));
        tell_of(act, *result);
    });
    show(global, key, *result);
    return 0;
}

int list(const GlobalOptions& global, const Options& options) {
    const auto state = ledger::hold_state_from_name(options.state);
    if (!options.state.empty() && !state) {
        throw core::UsageError("--state: must be pending, posted, voided or expired");
    }
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto found = ledger::holds(transaction, {options.account, state}, session.clock().now());
    Table table({"冻结 Hold>", "键 Key", "状态 State", "科目 Account", "对方 To", "币种 Cur", "金额 Amount>",
                 "已记 Posted>", "到期 Expires"});
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).key("holds").begin_array();
    for (const auto& one : found) {
        const auto currency = std::string(one.what.amount.currency().code());
        table.add({std::to_string(one.number), one.what.source_key, std::string(ledger::name_of(one.state)),
                   one.what.account.name(), one.what.counter_account.name(), currency,
                   major(one.what.amount.minor(), currency), one.entry ? major(one.posted_minor, currency) : "",
                   core::format_rfc3339(one.what.expires_at)});
        write(json, one);
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return 0;
}

int expire(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    std::size_t all = 0;
    for (std::size_t some = 1; some > 0; all += some) {
        core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
        some = ledger::end_lapsed_holds(transaction, session.clock().now());
        transaction.commit();
    }
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("expired", all).end_object();
    print(global.json ? json.text() + "\n" : std::to_string(all) + " holds marked expired\n");
    return 0;
}

int set_limit(const GlobalOptions& global, const Options& options) {
    if (options.none == (options.overdraft >= 0)) {
        throw core::UsageError(
            "ledger limit: give --overdraft N, or --none for an account that isn't limited any more");
    }
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto account = account_named(options.account, "--account");
    const auto currency = currency_of(options.currency, tenant);
    const auto by = kept_text(session, options.by.empty() ? operating_user() : options.by, "--by", kKeyBytesMax);
    const auto now = session.clock().now();
    const auto overdraft = options.none ? std::nullopt : std::optional(options.overdraft);
    ledger::Available stands;
    session.act(tenant.settings->id,
                {"limit.set", "limit of " + account.name() + " in " + std::string(currency.code())},
                [&](auto& transaction, auto& act) {
                    act.before = standing_limit(transaction, account, currency);
                    ledger::set_limit(transaction, account, currency, overdraft, now, by);
                    act.after = standing_limit(transaction, account, currency);
                    stands = ledger::available(transaction, account, currency, now);
                });
    if (!global.json) {
        const auto code = std::string(currency.code());
        print(account.name() + " in " + code + ": " +
              (overdraft ? "may go " + major(*overdraft, code) + " below zero" : std::string("not limited any more")) +
              "; " + major(stands.available(), code) + " is available\n");
        return 0;
    }
    core::json::Writer json(1);
    json.begin_object()
        .member("tenant", options.tenant)
        .member("account", account.name())
        .member("currency", currency.code());
    json.key("overdraft");
    overdraft ? json.value(*overdraft) : json.null();
    json.member("available", stands.available()).member("set_by", by);
    print(json.end_object().text() + "\n");
    return 0;
}

int list_limits(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    Table table({"科目 Account", "币种 Cur", "透支 Overdraft>", "时间 Set at", "由 By"});
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).key("limits").begin_array();
    for (const auto& limit : ledger::limits(transaction)) {
        table.add({limit.account, limit.currency,
                   limit.overdraft_minor ? major(*limit.overdraft_minor, limit.currency) : "-",
                   core::format_rfc3339(limit.set_at), limit.set_by});
        json.begin_object().member("account", limit.account).member("currency", limit.currency).key("overdraft");
        limit.overdraft_minor ? json.value(*limit.overdraft_minor) : json.null();
        json.member("set_at", core::format_rfc3339(limit.set_at)).member("set_by", limit.set_by).end_object();
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return 0;
}

using Command = int (*)(const GlobalOptions&, const Options&);

void add_ends(const std::function<CLI::App*(const char*, const char*, Command)>& add, const Shared& options) {
    auto* post = add("commit", "Posts a hold, once: all of it, or less, and the rest is released", commit);
    post->add_option("key", options->key, "The hold's")->required();
    post->add_option("--amount", options->amount, "Minor units; all of it when left out")
        ->check(CLI::Range(std::int64_t{1}, core::kMinorMax));
    post->add_option("--date", options->date, "The entry's business day (YYYY-MM-DD); today in UTC when left out");
    add("void", "Releases a hold, once", void_it)->add_option("key", options->key, "The hold's")->required();
    add("expire", "Marks what has lapsed; it holds nothing since its time, marked or not", expire);
}

void add_limits(const std::function<CLI::App*(const char*, const char*, Command)>& add, const Shared& options) {
    auto* limit = add("limit", "How far below zero an account may go", set_limit);
    limit->add_option("--account", options->account, "e.g. payable:seller")->required();
    limit->add_option("--currency", options->currency, "ISO 4217; the tenant's when left out");
    limit->add_option("--overdraft", options->overdraft, "Minor units")
        ->check(CLI::Range(std::int64_t{0}, core::kMinorMax));
    limit->add_flag("--none", options->none, "It is not limited any more");
    limit->add_option("--by", options->by, "Who sets it; the user of the operating system when left out");
    add("limits", "Every limit that was ever set, by whom, the newest of an account first", list_limits);
}

}  // namespace

void add_holds(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* ledger = app.get_subcommand("ledger");
    const auto options = std::make_shared<Options>();
    const auto add = [&, ledger, options](const char* name, const char* help, Command command) {
        auto* sub = ledger->add_subcommand(name, help);
        sub->add_option("--tenant", options->tenant, "Whose books")->required();
        sub->callback([&global, &run, options, command] {
            run = [&global, options, command] { return command(global, *options); };
        });
        return sub;
    };
    auto* place = add("hold", "Holds an amount of an account, until it is committed, voided or expires", hold);
    place->add_option("--key", options->key, "What makes it the same hold when asked for again")->required();
    place->add_option("--account", options->account, "From which, e.g. payable:seller")->required();
    place->add_option("--to", options->to, "To which, once it is committed, e.g. bank:main")->required();
    place->add_option("--amount", options->amount, "Minor units")
        ->required()
        ->check(CLI::Range(std::int64_t{1}, core::kMinorMax));
    place->add_option("--currency", options->currency, "ISO 4217; the tenant's when left out");
    place->add_option("--description", options->description, "What for; it stands in the books")->required();
    auto* until = place->add_option("--expires", options->expires, "From when on it holds nothing (RFC 3339)");
    place->add_option("--minutes", options->minutes, "Instead: how long it holds")
        ->check(CLI::Range(std::int64_t{1}, kMinutesMax))
        ->excludes(until)
        ->capture_default_str();
    auto* all = add("holds", "Holds, the latest first", list);
    all->add_option("--account", options->account, "Of one account");
    all->add_option("--state", options->state, "pending, posted, voided or expired");
    add_ends(add, options);
    add_limits(add, options);
}

}  // namespace server
