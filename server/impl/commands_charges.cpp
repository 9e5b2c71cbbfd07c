#include "server/impl/commands_charges.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <span>
#include <tuple>

#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "ledger/charge_file.h"
#include "ledger/charge_queue.h"
#include "ledger/journal.h"
#include "ledger/pricing.h"
#include "reconciliation/review_list.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20U;
constexpr std::size_t kAtOnce = 1024;
constexpr std::size_t kKeyBytesMax = 128;
constexpr std::size_t kDescriptionBytesMax = 512;
constexpr std::int64_t kPage = 1000;

struct Options {
    std::string tenant;
    std::string file;
    std::string customer;
    std::string key;
    std::string from;
    std::string currency;
    std::string description = "prepaid";
    std::string plan;
    std::string period;
    std::int64_t amount = 0;
};

std::string major(std::int64_t minor, const std::string& currency) {
    return core::decimal_from_minor(minor, reconciliation::display_exponent(currency));
}

ledger::Account prepaid_of(const std::string& customer) {
    auto account = ledger::prepaid_account(customer);
    if (!account) {
        throw core::UsageError("--customer: must be 1 to 64 of a-z, 0-9, - and _");
    }
    return *account;
}

struct ImportCounts {
    std::size_t charged = 0;
    std::size_t already_there = 0;
    std::map<std::string, std::int64_t> amounts;  // of what was charged now, by currency
    std::vector<std::pair<std::uint64_t, ledger::ChargeAnswer>> refused;

    void add(const ledger::ChargeInFile& one, const ledger::ChargeAnswer& answer) {
        charged += answer.outcome == ledger::ChargeAnswer::Outcome::charged ? 1 : 0;
        already_there += answer.outcome == ledger::ChargeAnswer::Outcome::already ? 1 : 0;
        if (!answer.is_charged()) {
            refused.emplace_back(one.line, answer);
        } else if (answer.outcome == ledger::ChargeAnswer::Outcome::charged) {
            amounts[std::string(one.charge.plan().currency.code())] += answer.amount_minor;
        }
    }
};

// A thousand at a time on their way, in the file's order; throws the first failure after the others have ended.
void charge_some(ledger::ChargeQueue& queue, std::span<const ledger::ChargeInFile> some, ImportCounts& counts) {
    std::vector<std::promise<ledger::ChargeAnswer>> promises(some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
        queue.charge(some[i].charge,
                     {[&promise = promises[i]](const auto& answer) { promise.set_value(answer); },
                      [&promise = promises[i]](const std::exception_ptr& failure) { promise.set_exception(failure); }});
    }
    std::exception_ptr failure;
    for (std::size_t i = 0; i < some.size(); ++i) {
        try {
            counts.add(some[i], promises[i].get_future().get());
        } catch (const core::Failure&) {
            failure = failure == nullptr ? std::current_exception() : failure;
        }
    }
    if (failure != nullptr) {
        std::rethrow_exception(failure);
    }
}

std::string import_json(const ImportCounts& counts) {
    core::json::Writer json(1);
    json.begin_object().member("charged", counts.charged).member("already_there", counts.already_there);
    json.key("amounts").begin_object();
    for (const auto& [currency, amount] : counts.amounts) {
        json.member(currency, amount);
    }
    json.end_object().key("refused").begin_array();
    for (const auto& [line, answer] : counts.refused) {
        json.begin_object()
            .member("line", line)
            .member("reason", ledger::name_of(answer.outcome))
            .member("amount", answer.amount_minor)
            .member("left", answer.left_minor)
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string import_words(const std::string& file, const ImportCounts& counts) {
    std::string text = std::to_string(counts.charged) + " charged, " + std::to_string(counts.already_there) +
                       " were there already, " + std::to_string(counts.refused.size()) + " refused\n";
    for (const auto& [line, answer] : counts.refused) {
        text += file + ":" + std::to_string(line) + ": " + std::string(ledger::name_of(answer.outcome)) + ", costs " +
                std::to_string(answer.amount_minor) + ", " + std::to_string(answer.left_minor) + " left\n";
    }
    return text;
}

int import(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto& redactor = session.tenants().redactor();
    const auto charges = ledger::read_charges(options.file, core::read_file(options.file, kFileBytesMax),
                                              tenant.settings->id, tenant.settings->plans, session.clock().now(),
                                              [&](std::string_view part) { return redactor.redact(part); });
    ledger::ChargeQueue queue(session.database(), session.clock());
    ImportCounts counts;
    for (std::size_t done = 0; done < charges.size(); done += kAtOnce) {
        const std::span<const ledger::ChargeInFile> rest(charges.begin() + static_cast<std::ptrdiff_t>(done),
                                                         charges.end());
        charge_some(queue, rest.first(std::min(rest.size(), kAtOnce)), counts);
        tell(global, std::to_string(done + std::min(rest.size(), kAtOnce)) + " of " + std::to_string(charges.size()));
    }
    print(global.json ? import_json(counts) : import_words(options.file, counts));
    return counts.refused.empty() ? 0 : 1;
}

ledger::Entry top_up_entry(Session& session, const Options& options, const core::Currency& currency) {
    const auto& redactor = session.tenants().redactor();
    const auto from = ledger::Account::from_name(options.from);
    if (!from || from->kind() != ledger::Account::Kind::asset) {
        throw core::UsageError("--from: must be an asset of the chart, e.g. bank:main or transit:funds:stripe");
    }
    for (const auto& [option, text, most] : {std::tuple("--key", options.key, kKeyBytesMax),
                                             std::tuple("--description", options.description, kDescriptionBytesMax)}) {
        if (text.empty() || text.size() > most) {
            throw core::UsageError(std::string(option) + ": must have 1 to " + std::to_string(most) + " bytes");
        }
    }
    return ledger::top_up(redactor.redact(options.key), *from, prepaid_of(options.customer), {options.amount, currency},
                          redactor.redact(options.description), session.clock().now());
}

int top_up(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto currency = options.currency.empty() ? std::optional(tenant.settings->currency)
                                                   : core::Currency::from_code(options.currency);
    if (!currency) {
        throw core::UsageError("--currency: is no ISO 4217 code, e.g. CNY");
    }
    const auto entry = top_up_entry(session, options, *currency);
    bool posted = false;
    std::int64_t number = 0;
    ledger::Available left;
    session.act(
        tenant.settings->id, {"top_up.post", "customer " + options.customer}, [&](auto& transaction, auto& act) {
            posted = ledger::post(transaction, entry).has_value();
            const auto stands = ledger::find_entry(transaction, entry.head().source_key);
            core::ensure(stands.has_value(), "a top-up stands in the books");
            number = stands->id.number();
            if (!ledger::has_legs_of(*stands, entry)) {
                throw core::InputError("--key: entry " + std::to_string(number) +
                                       " has it and says something else; give the new top-up a key of its own");
            }
            left = ledger::available(transaction, prepaid_of(options.customer), *currency, session.clock().now());
            act.after = "{\"entry\":" + std::to_string(number) + "}";
            act.outcome = posted ? "done" : "done before";
        });
    const auto code = std::string(currency->code());
    if (!global.json) {
        print("entry " + std::to_string(number) + (posted ? "" : ", which was there already") + ": " +
              major(options.amount, code) + " " + code + " for " + options.customer + ", " +
              major(left.available(), code) + " available\n");
        return 0;
    }
    core::json::Writer json(1);
    json.begin_object()
        .member("entry", number)
        .member("already_there", !posted)
        .member("customer", options.customer)
        .member("currency", code)
        .member("amount", options.amount)
        .member("available", left.available());
    print(json.end_object().text() + "\n");
    return 0;
}

const config::Plan& plan_of(const Tenant& tenant, const std::string& name, core::BusinessDay period) {
    const auto plan = ledger::plan_of_period(tenant.settings->plans, name, period);
    if (plan) {
        return **plan;
    }
    if (plan.error() == ledger::PeriodError::unknown_plan) {
        throw core::UsageError("--plan: this tenant has no [[tenant.plan]] of this name for that period");
    }
    throw core::UsageError("--period: must be the first day of one of the plan's periods, YYYY-MM-DD");
}

int close(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto period = require_day(options.period, "--period");
    const auto& plan = plan_of(tenant, options.plan, period);
    const auto now = session.clock().now();
    if (ledger::period_end(plan, period) > now) {
        throw core::UsageError("--period: ends at " + core::format_rfc3339(ledger::period_end(plan, period)) +
                               "; it is closed afterwards");
    }
    const auto customers = [&] {
        core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
        return ledger::customers_to_close(transaction, plan, period);
    }();
    std::size_t spent = 0;
    core::json::Writer json(1);
    json.begin_object().member("plan", plan.name).member("period", options.period).key("customers").begin_array();
    Table table({"客户 Customer", "结果 Outcome", "补足 Minimum>", "余额 Left>"});
    for (const auto& customer : customers) {
        core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
        const auto answer = ledger::close_period(transaction, customer, plan, period, now);
        session.record(transaction, {"usage.close", "customer " + customer + ", " + plan.name + " of " + options.period,
                                     "null", "null", std::string(ledger::name_of(answer.outcome))});
        transaction.commit();
        spent += answer.is_charged() ? 0 : 1;
        const auto code = std::string(plan.currency.code());
        table.add({customer, std::string(ledger::name_of(answer.outcome)), major(answer.amount_minor, code),
                   major(answer.left_minor, code)});
        json.begin_object()
            .member("customer", customer)
            .member("outcome", ledger::name_of(answer.outcome))
            .member("amount", answer.amount_minor)
            .member("left", answer.left_minor)
            .end_object();
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return spent == 0 ? 0 : 1;
}

// The account's lines with what stood there after each, above zero what the customer had.
void write_lines(core::db::TenantTransaction& transaction, const ledger::Account& account, core::json::Writer& json,
                 Table& table) {
    std::map<std::string, std::int64_t> balance;
    std::int64_t after = 0;
    for (std::size_t read = kPage; read >= static_cast<std::size_t>(kPage);) {
        const auto lines = ledger::account_lines(transaction, account.name(), after, kPage);
        for (const auto& line : lines) {
            const auto stands = balance[line.currency] -= line.amount_minor;
            table.add({std::to_string(line.entry.number()), line.business_date, line.event, line.description,
                       line.currency, major(-line.amount_minor, line.currency), major(stands, line.currency)});
            json.begin_object()
                .member("entry", line.entry.number())
                .member("business_date", line.business_date)
                .member("event", line.event)
                .member("description", line.description)
                .member("currency", line.currency)
                .member("amount", -line.amount_minor)
                .member("balance", stands)
                .end_object();
        }
        read = lines.size();
        after = lines.empty() ? after : lines.back().entry.number();
    }
}

int statement(const GlobalOptions& global, const Options& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto account = prepaid_of(options.customer);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    Table used(
        {"账期 Period", "套餐 Plan", "事件 Event", "次数 Charges>", "用量 Quantity>", "币种 Cur", "金额 Amount>"});
    Table lines(
        {"分录 Entry>", "日期 Date", "事件 Event", "摘要 Description", "币种 Cur", "金额 Amount>", "余额 Balance>"});
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("customer", options.customer);
    json.key("usage").begin_array();
    for (const auto& sum : ledger::usage_of(transaction, options.customer)) {
        used.add({sum.period, sum.plan, sum.event.empty() ? "(minimum)" : sum.event, std::to_string(sum.charges),
                  std::to_string(sum.quantity), sum.currency, major(sum.amount_minor, sum.currency)});
        json.begin_object()
            .member("period", sum.period)
            .member("plan", sum.plan)
            .member("event", sum.event)
            .member("charges", sum.charges)
            .member("quantity", sum.quantity)
            .member("currency", sum.currency)
            .member("amount", sum.amount_minor)
            .end_object();
    }
    json.end_array().key("lines").begin_array();
    write_lines(transaction, account, json, lines);
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : used.text() + "\n" + lines.text());
    return 0;
}

}  // namespace

void add_charges(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* charges = app.add_subcommand("charges", "What a tenant's customers use, against what they have prepaid");
    charges->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const auto add = [&, charges, options](const char* name, const char* help,
                                           int (*command)(const GlobalOptions&, const Options&)) {
        auto* sub = charges->add_subcommand(name, help);
        sub->add_option("--tenant", options->tenant, "Whose books")->required();
        sub->callback([&global, &run, options, command] {
            run = [&global, options, command] { return command(global, *options); };
        });
        return sub;
    };
    add("import", "Charges what a file says was used, line by line; exit 1 when one was refused", import)
        ->add_option("file", options->file, "JSON lines: source_key, customer, plan, event, quantity, at")
        ->required()
        ->check(CLI::ExistingFile);
    auto* more = add("top-up", "Posts what a customer has prepaid", top_up);
    more->add_option("--customer", options->customer, "Who paid")->required();
    more->add_option("--key", options->key, "What makes it the same top-up when told again")->required();
    more->add_option("--from", options->from, "Where the money stands, e.g. bank:main")->required();
    more->add_option("--amount", options->amount, "Minor units")
        ->required()
        ->check(CLI::Range(std::int64_t{1}, core::kMinorMax));
    more->add_option("--currency", options->currency, "ISO 4217; the tenant's when left out");
    more->add_option("--description", options->description, "It stands in the books")->capture_default_str();
    auto* last =
        add("close", "Charges what a period's minimum lacks and ends the period; exit 1 when one can't pay it", close);
    last->add_option("--plan", options->plan, "Of this plan")->required();
    last->add_option("--period", options->period, "The period's first day (YYYY-MM-DD)")->required();
    add("statement", "What a customer used, and the balance's entries", statement)
        ->add_option("--customer", options->customer, "Whose")
        ->required();
}

}  // namespace server
