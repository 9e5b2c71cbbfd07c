#include "server/impl/commands_ageing.h"

#include <algorithm>
#include <memory>

#include "core/failure.h"
#include "core/json/writer.h"
#include "ledger/ageing.h"
#include "ledger/entry.h"
#include "reconciliation/review_list.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::array<const char*, 5> kBucketNames{"current", "days_1_to_30", "days_31_to_60", "days_61_to_90",
                                                  "over_90_days"};

struct LedgerAgeing {
    std::string tenant;
    std::string date;
    std::string party;
    std::string channel;
    bool receivables = false;
    bool payables = false;
    bool items = false;
};

std::string major(std::int64_t minor, const std::string& currency) {
    return core::decimal_from_minor(minor, reconciliation::display_exponent(currency));
}

std::string require_account(const std::string& name, const char* option) {
    if (!ledger::Account::from_name(name)) {
        throw core::UsageError(std::string(option) + ": " + name + " is no account of the chart");
    }
    return name;
}

// All that was asked for; everything that is owed, either way, when nothing was.
std::vector<std::string> accounts_of(const LedgerAgeing& options) {
    std::vector<std::string> accounts;
    if (options.receivables) {
        accounts.emplace_back("receivable:");
    }
    if (options.payables) {
        accounts.emplace_back("payable:");
    }
    if (!options.party.empty()) {
        accounts.push_back(require_account("payable:" + options.party, "--party"));
    }
    if (!options.channel.empty()) {
        for (const char* stage : {"payment:", "funds:", "customer:"}) {
            accounts.push_back(require_account(std::string("transit:") + stage + options.channel, "--channel"));
        }
    }
    return accounts.empty() ? std::vector<std::string>{"payable:", "receivable:", "transit:"} : accounts;
}

std::string ageing_table(const ledger::Ageing& ageing) {
    Table table({"科目 Account", "币种 Cur", "未逾期 Current>", "1–30 天 days>", "31–60 天 days>", "61–90 天 days>",
                 "90 天以上 Over 90>", "余额 Balance>"});
    for (const auto& [key, buckets] : ageing.accounts()) {
        std::vector<std::string> row{key.first, key.second};
        for (const auto minor : buckets) {
            row.push_back(major(minor, key.second));
        }
        row.push_back(major(ledger::total_of(buckets), key.second));
        table.add(row);
    }
    return table.text();
}

void write_accounts(core::json::Writer& json, const ledger::Ageing& ageing) {
    json.key("accounts").begin_array();
    for (const auto& [key, buckets] : ageing.accounts()) {
        json.begin_object().member("account", key.first).member("currency", key.second);
        for (std::size_t i = 0; i < buckets.size(); ++i) {
            json.member(kBucketNames.at(i), buckets.at(i));
        }
        json.member("balance", ledger::total_of(buckets)).end_object();
    }
    json.end_array();
}

std::string items_table(const ledger::Ageing& ageing, const std::vector<ledger::OpenItem>& items) {
    Table table({"科目 Account", "分组 Group", "自 Since", "天数 Days>", "到期 Due", "逾期天数 Past due>", "币种 Cur",
                 "未结 Open>"});
    for (const auto& item : items) {
        table.add({item.account, item.group, core::format_day(item.since), std::to_string(ageing.days_open(item)),
                   core::format_day(item.due), std::to_string(std::max(ageing.days_past_due(item), 0)), item.currency,
                   major(item.amount_minor, item.currency)});
    }
    return table.text();
}

void write_items(core::json::Writer& json, const ledger::Ageing& ageing, const std::vector<ledger::OpenItem>& items) {
    json.key("items").begin_array();
    for (const auto& item : items) {
        json.begin_object()
            .member("account", item.account)
            .member("group", item.group)
            .member("since", core::format_day(item.since))
            .member("days", ageing.days_open(item))
            .member("due_date", core::format_day(item.due))
            .member("days_past_due", ageing.days_past_due(item))
            .member("currency", item.currency)
            .member("amount", item.amount_minor)
            .end_object();
    }
    json.end_array();
}

int ledger_ageing(const GlobalOptions& global, const LedgerAgeing& options) {
    const auto accounts = accounts_of(options);
    const auto named = options.date.empty() ? std::nullopt : std::optional(require_day(options.date, "--date"));
    Session session(global);
    const auto day = named.value_or(core::day_of(session.clock().now(), {"UTC", std::chrono::minutes(0)}));
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    ledger::Ageing ageing(day);
    std::vector<ledger::OpenItem> items;
    ledger::read_open_items(transaction, {accounts, day}, [&](const ledger::OpenItem& item) {
        ageing.add(item);
        if (options.items) {
            items.push_back(item);
        }
    });
    if (!global.json) {
        print(ageing_table(ageing) + (options.items ? items_table(ageing, items) : ""));
        return 0;
    }
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("as_of", core::format_day(day));
    write_accounts(json, ageing);
    if (options.items) {
        write_items(json, ageing, items);
    }
    print(json.end_object().text() + "\n");
    return 0;
}

}  // namespace

void add_ageing(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<LedgerAgeing>();
    auto* sub = app.get_subcommand("ledger")->add_subcommand(
        "ageing", "What is open at the end of a business day, by days past due; all that is owed, or what is named");
    sub->add_option("--tenant", options->tenant, "Whose books")->required();
    sub->add_option("--date", options->date, "The business day (YYYY-MM-DD); today in UTC when left out");
    sub->add_flag("--receivables", options->receivables, "Orders that are not paid");
    sub->add_flag("--payables", options->payables, "What is owed to parties");
    sub->add_option("--party", options->party, "What is owed to this one, e.g. seller");
    sub->add_option("--channel", options->channel, "What is in transit with this one, e.g. stripe");
    sub->add_flag("--items", options->items, "Each open item, too");
    sub->callback([&, options] { run = [&global, options] { return ledger_ageing(global, *options); }; });
}

}  // namespace server
