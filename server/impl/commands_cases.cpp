#include "server/impl/commands_cases.h"

#include <memory>

#include "core/json/writer.h"
#include "reconciliation/cases.h"
#include "reconciliation/review_list.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::int64_t kAtATime = 10'000;

struct LedgerCases {
    std::string tenant;
    std::string account;
    std::string channel;
    std::string kind;
};

std::optional<std::string> given(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

std::string major(std::int64_t minor, const std::string& currency) {
    return core::decimal_from_minor(minor, reconciliation::display_exponent(currency));
}

std::vector<reconciliation::Case> all_cases(core::db::TenantTransaction& transaction, const LedgerCases& options) {
    reconciliation::CaseFilter filter{given(options.account), given(options.channel), given(options.kind), {}};
    std::vector<reconciliation::Case> all;
    while (true) {
        auto some = reconciliation::list_cases(transaction, filter, kAtATime);
        const bool is_last = some.size() < static_cast<std::size_t>(kAtATime);
        std::move(some.begin(), some.end(), std::back_inserter(all));
        if (is_last) {
            return all;
        }
        filter.after = reconciliation::place_of(all.back());
    }
}

std::string tables(const std::vector<reconciliation::Case>& cases,
                   const std::vector<reconciliation::ClearingAccount>& accounts) {
    Table list({"科目 Account", "事项 Case", "对象 Of", "起始日 Since", "币种 Cur", "金额 Amount>"});
    for (const auto& one : cases) {
        list.add({one.account, one.kind, one.reference, core::format_day(one.opened_on), one.currency,
                  major(one.amount_minor, one.currency)});
    }
    Table sums({"科目 Account", "币种 Cur", "笔数 Cases>", "合计 Sum>", "余额 Balance>", "相符 Agrees"});
    for (const auto& one : accounts) {
        sums.add({one.account, one.currency, std::to_string(one.cases), major(one.cases_minor, one.currency),
                  major(one.balance_minor, one.currency), one.agrees() ? "是 yes" : "否 NO"});
    }
    return (cases.empty() ? "No open cases.\n" : list.text()) + (accounts.empty() ? "" : "\n" + sums.text());
}

void write(core::json::Writer& json, const std::vector<reconciliation::Case>& cases,
           const std::vector<reconciliation::ClearingAccount>& accounts) {
    json.key("cases").begin_array();
    for (const auto& one : cases) {
        json.begin_object()
            .member("account", one.account)
            .member("kind", one.kind)
            .member("reference", one.reference)
            .member("opened_on", core::format_day(one.opened_on))
            .member("currency", one.currency)
            .member("amount_minor", one.amount_minor)
            .end_object();
    }
    json.end_array().key("accounts").begin_array();
    for (const auto& one : accounts) {
        json.begin_object()
            .member("account", one.account)
            .member("currency", one.currency)
            .member("cases", one.cases)
            .member("cases_minor", one.cases_minor)
            .member("balance_minor", one.balance_minor)
            .member("agrees", one.agrees())
            .end_object();
    }
    json.end_array();
}

int ledger_cases(const GlobalOptions& global, const LedgerCases& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    core::db::take_time(transaction);
    const auto cases = all_cases(transaction, options);
    const auto accounts = reconciliation::clearing_accounts(transaction, given(options.account));
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object().member("tenant", options.tenant);
        write(json, cases, accounts);
        print(json.end_object().text() + "\n");
    } else {
        print(tables(cases, accounts));
    }
    for (const auto& one : accounts) {
        if (!one.agrees()) {
            return 1;
        }
    }
    return 0;
}

}  // namespace

void add_cases(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<LedgerCases>();
    auto* sub = app.get_subcommand("ledger")->add_subcommand(
        "cases", "The open cases of the clearing accounts, and that they add up to what stands there; 1 when not");
    sub->add_option("--tenant", options->tenant, "Whose books")->required();
    sub->add_option("--account", options->account, "This one alone, e.g. transit:payment:stripe");
    sub->add_option("--channel", options->channel, "Cases of this channel alone");
    sub->add_option("--kind", options->kind, "Cases of this kind alone")
        ->check(CLI::IsMember(reconciliation::case_kinds()));
    sub->callback([&, options] { run = [&global, options] { return ledger_cases(global, *options); }; });
}

}  // namespace server
