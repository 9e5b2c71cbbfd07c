#include "server/impl/commands_payouts.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "core/failure.h"
#include "core/json/writer.h"
#include "core/text/csv.h"
#include "ledger/payouts.h"
#include "reconciliation/review_list.h"
#include "server/api/payout_json.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kTextBytesMax = 512;

struct Options {
    std::string tenant;
    std::string key;
    std::string party;
    std::string bank;
    std::string currency;
    std::string description;
    std::string until;
    std::string date;
    std::string by;
    std::string reason;
    std::string state;
    std::int64_t amount = 0;
    std::int64_t least = 1;
    bool all = false;
};

std::string major(const core::Money& money) {
    return core::decimal_from_minor(money.minor(),
                                    reconciliation::display_exponent(std::string(money.currency().code())));
}

std::string who(Session& session, const Options& options) {
    return kept_text(session, options.by.empty() ? operating_user() : options.by, "--by", kKeyBytesMax);
}

std::string in_words(const ledger::PayoutAnswer& answer) {
    const auto& [payout, already] = answer;
    return "payout " + std::to_string(payout.number) + (already ? " is already " : " is ") +
           std::string(ledger::name_of(payout.state())) + ": " + major(payout.what.amount) + " " +
           std::string(payout.what.amount.currency().code()) + " to " + payout.what.party.name() + " (" +
           payout.what.key + ")\n";
}

// What was refused is input that the books don't take: nothing is changed.
int show(const GlobalOptions& global, const std::string& key, const ledger::PayoutResult& result) {
    if (!result) {
        throw core::InputError("payout " + key + ": " + result.error().describe());
    }
    core::json::Writer json(1);
    json.begin_object().member("already", result->already).key("payout");
    api::write_payout(json, result->payout);
    json.end_object();
    print(global.json ? json.text() + "\n" : in_words(*result));
    return 0;
}

// What the trail keeps of it.
std::string told(const ledger::Payout& payout) {
    core::json::Writer json;
    api::write_payout(json, payout);
    return json.text();
}

void tell_of(audit::Act& act, const ledger::PayoutResult& result) {
    if (!result) {
        act.outcome = "refused: " + result.error().describe();
        return;
    }
    act.after = told(result->payout);
    act.outcome = result->already ? "done before" : "done";
}

int propose_all(const GlobalOptions& global, Session& session, const Options& options) {
    const auto& id = session.tenant(options.tenant).settings->id;
    const ledger::ProposeAll all{require_day(options.until, "--until"), account_named("bank:" + options.bank, "--bank"),
                                 options.least, kept_text(session, options.description, "--description", kTextBytesMax),
                                 who(session, options)};
    const auto parties = [&] {
        core::db::TenantTransaction transaction(session.database(), id);
        return ledger::owed_parties(transaction, all.until);
    }();
    std::string text;
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).key("payouts").begin_array();
    for (const auto& [party, currency] : parties) {
        core::db::TenantTransaction transaction(session.database(), id);
        const auto proposed = ledger::propose_owed(transaction, all, party, currency, session.clock().now());
        if (proposed) {
            session.record(transaction,
                           {"payout.propose", "payout " + proposed->payout.what.key, "null", told(proposed->payout)});
        }
        transaction.commit();
        if (proposed) {
            api::write_payout(json, proposed->payout);
            text += in_words(*proposed);
        }
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : text.empty() ? "nothing is owed that could be proposed\n" : text);
    return 0;
}

int propose(const GlobalOptions& global, const Options& options) {
    const bool one = !options.key.empty() && !options.party.empty() && options.amount > 0;
    const bool any_of_one = !options.key.empty() || !options.party.empty() || options.amount > 0;
    if (options.all ? any_of_one || options.until.empty() : !one || !options.until.empty()) {
        throw core::UsageError(
            "ledger payout propose: give --key, --party and --amount, or --all and --until, the last day of what is "
            "owed");
    }
    Session session(global);
    if (options.all) {
        return propose_all(global, session, options);
    }
    const auto& tenant = session.tenant(options.tenant);
    const ledger::NewPayout asked{kept_text(session, options.key, "--key", kKeyBytesMax),
                                  account_named("payable:" + options.party, "--party"),
                                  account_named("bank:" + options.bank, "--bank"),
                                  {options.amount, currency_of(options.currency, tenant)},
                                  kept_text(session, options.description, "--description", kTextBytesMax)};
    const auto by = who(session, options);
    std::optional<ledger::PayoutResult> result;
    session.act(tenant.settings->id, {"payout.propose", "payout " + asked.key}, [&](auto& transaction, auto& act) {
        result.emplace(ledger::propose_payout(transaction, asked, by, session.clock().now()));
        tell_of(act, *result);
    });
    return show(global, asked.key, *result);
}

int take_step(const GlobalOptions& global, const Options& options, ledger::PayoutState state) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto now = session.clock().now();
    const auto day = options.date.empty() ? core::day_of(now, {"UTC", std::chrono::minutes(0)})
                                          : require_day(options.date, "--date");
    const auto key = kept_text(session, options.key, "key", kKeyBytesMax);
    const auto reason =
        options.reason.empty() ? std::string() : kept_text(session, options.reason, "--reason", kTextBytesMax);
    const ledger::NextStep step{state, who(session, options), reason};
    std::optional<ledger::PayoutResult> result;
    session.act(tenant.settings->id, {"payout." + std::string(ledger::name_of(state)), "payout " + key},
                [&](auto& transaction, auto& act) {
                    if (const auto payout = ledger::find_payout(transaction, key)) {
                        act.before = told(*payout);
                    }
                    result.emplace(ledger::take_step(transaction, key, step, now, day));
                    tell_of(act, *result);
                });
    return show(global, key, *result);
}

ledger::PayoutsWanted wanted(const Options& options) {
    const auto state = ledger::payout_state_from_name(options.state);
    if (!options.state.empty() && !state) {
        throw core::UsageError("--state: must be proposed, approved, rejected, sent, confirmed, failed or returned");
    }
    return {options.party.empty() ? "" : account_named("payable:" + options.party, "--party").name(), state};
}

int list(const GlobalOptions& global, const Options& options) {
    const auto asked = wanted(options);
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    Table table({"付款 Payout>", "键 Key", "状态 State", "收款方 Party", "银行 Bank", "币种 Cur", "金额 Amount>",
                 "提出 Proposed by", "最近 Latest by"});
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).key("payouts").begin_array();
    for (const auto& one : ledger::payouts(transaction, asked)) {
        table.add({std::to_string(one.number), one.what.key, std::string(ledger::name_of(one.state())),
                   one.what.party.name(), one.what.bank.name(), std::string(one.what.amount.currency().code()),
                   major(one.what.amount), one.proposed_by(), one.steps.back().by});
        api::write_payout(json, one);
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return 0;
}

int show_one(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto key = kept_text(session, options.key, "key", kKeyBytesMax);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto payout = ledger::find_payout(transaction, key);
    if (!payout) {
        throw core::InputError("payout " + key + ": no payout has this key");
    }
    core::json::Writer json(1);
    api::write_payout(json, *payout);
    Table table({"状态 State", "由 By", "时间 At", "分录 Entry>", "理由 Reason"});
    for (const auto& step : payout->steps) {
        table.add({std::string(ledger::name_of(step.state)), step.by, core::format_rfc3339(step.at),
                   step.entry ? std::to_string(step.entry->number()) : "", step.reason});
    }
    const auto request_key = payout->request_key();
    print(global.json ? json.text() + "\n"
                      : in_words({*payout, false}) +
                            (request_key.empty()
                                 ? ""
                                 : "request key " + request_key + "\nend-to-end id " + payout->end_to_end_id() + "\n") +
                            table.text());
    return 0;
}

std::string csv_row(const ledger::Payout& payout) {
    using core::text::csv_text_cell;
    const auto& what = payout.what;
    return std::to_string(payout.number) + "," + csv_text_cell(what.key) + "," + csv_text_cell(what.party.name()) +
           "," + csv_text_cell(what.bank.name()) + "," + major(what.amount) + "," +
           std::string(what.amount.currency().code()) + "," + csv_text_cell(what.description) + "," +
           csv_text_cell(payout.steps.back().by) + "," + core::format_rfc3339(payout.steps.back().at) + "," +
           payout.end_to_end_id() + "\r\n";
}

// What is approved and not sent yet, all of one moment.
int export_approved(const GlobalOptions& global, const Options& options) {
    ledger::PayoutsWanted page{"", ledger::PayoutState::approved};
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    std::size_t count = 0;
    std::string rows;
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).key("payouts").begin_array();
    for (auto found = ledger::payouts(transaction, page); !found.empty(); found = ledger::payouts(transaction, page)) {
        for (const auto& one : found) {
            ++count;
            rows += csv_row(one);
            api::write_payout(json, one);
        }
        page.before = found.back().number;
    }
    json.end_array().end_object();
    session.record(transaction, {"payout.export", std::to_string(count) + " approved payouts"});
    transaction.commit();
    print(global.json ? json.text() + "\n"
                      : "\xEF\xBB\xBFpayout,key,party,bank,amount,currency,description,approved_by,approved_at,end_to_"
                        "end_id\r\n" +
                            rows);
    return 0;
}

using Command = std::function<int(const GlobalOptions&, const Options&)>;
using Add = std::function<CLI::App*(const char*, const char*, Command)>;

void add_propose(const Add& add, Options& options) {
    auto* sub =
        add("propose", "Proposes to pay a party, or with --all everything that is owed to each of them", propose);
    sub->add_option("--key", options.key, "What makes it the same payout when asked for again");
    sub->add_option("--party", options.party, "To whom: seller for payable:seller");
    sub->add_option("--amount", options.amount, "Minor units")->check(CLI::Range(std::int64_t{1}, core::kMinorMax));
    sub->add_option("--currency", options.currency, "ISO 4217; the tenant's when left out");
    sub->add_flag("--all", options.all, "What was owed at the end of --until and isn't paid or proposed since");
    sub->add_option("--until", options.until, "With --all: a business day (YYYY-MM-DD)");
    sub->add_option("--least", options.least, "With --all: leave out what is less (minor units)")
        ->check(CLI::Range(std::int64_t{1}, core::kMinorMax));
    sub->add_option("--bank", options.bank, "Out of which account: main for bank:main")->required();
    sub->add_option("--description", options.description, "What for; it stands in the books")->required();
    sub->add_option("--by", options.by, "Who proposes; the user of the operating system when left out");
}

void add_steps(const Add& add, Options& options) {
    struct Step {
        const char* name;
        const char* help;
        ledger::PayoutState state;
        bool needs_reason;
    };
    using enum ledger::PayoutState;
    constexpr Step kSteps[] = {
        {"approve", "Approves a payout, by another than proposed it; from then on it is on its way", approved, false},
        {"reject", "Rejects a payout that isn't sent; what was approved is owed again", rejected, true},
        {"send", "Notes that the bank was told to pay", sent, false},
        {"confirm", "Notes that the bank has paid", confirmed, false},
        {"fail", "Notes that the bank didn't pay; it is owed again", failed, true},
        {"return", "Notes that a paid payout came back; it is owed again", returned, true},
    };
    for (const auto& step : kSteps) {
        auto* sub = add(step.name, step.help, [state = step.state](const GlobalOptions& global, const Options& given) {
            return take_step(global, given, state);
        });
        sub->add_option("key", options.key, "The payout's")->required();
        sub->add_option("--by", options.by, "Who does; the user of the operating system when left out");
        sub->add_option("--reason", options.reason, "Why, or the bank's reference; it is kept")
            ->required(step.needs_reason);
        sub->add_option("--date", options.date, "The entry's business day (YYYY-MM-DD); today in UTC when left out");
    }
}

}  // namespace

void add_payouts(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* payout = app.get_subcommand("ledger")->add_subcommand("payout", "Paying parties what is owed to them");
    payout->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const Add add = [&, payout, options](const char* name, const char* help, Command command) {
        auto* sub = payout->add_subcommand(name, help);
        sub->add_option("--tenant", options->tenant, "Whose books")->required();
        sub->callback([&global, &run, options, command = std::move(command)] {
            run = [&global, options, command] { return command(global, *options); };
        });
        return sub;
    };
    add_propose(add, *options);
    add_steps(add, *options);
    auto* all = add("list", "Payouts, the latest thousand first", list);
    all->add_option("--party", options->party, "Of one party");
    all->add_option("--state", options->state, "proposed, approved, rejected, sent, confirmed, failed or returned");
    add("show", "A payout and its steps", show_one)->add_option("key", options->key, "The payout's")->required();
    add("export", "What is approved and not sent yet, as CSV for the bank on standard output", export_approved);
}

}  // namespace server
