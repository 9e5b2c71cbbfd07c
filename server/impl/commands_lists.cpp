#include "server/impl/commands_lists.h"

#include <memory>

#include "core/failure.h"
#include "ledger/journal.h"
#include "reconciliation/review_list.h"
#include "server/api/entry_json.h"
#include "server/api/order_json.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::int64_t kLimitMax = 1'000'000;

struct ListOptions {
    std::string tenant;
    std::string id;
    std::string event;
    std::string from;
    std::string until;
    std::string prefix;
    std::int64_t limit = 100;
};

std::string shown(const core::Money& money) {
    const std::string currency(money.currency().code());
    return core::decimal_from_minor(money.minor(), reconciliation::display_exponent(currency)) + " " + currency;
}

// {"tenant": ..., NAME: [...]}
template <typename Rows, typename Write>
void print_json(const ListOptions& options, std::string_view name, const Rows& rows, const Write& write) {
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).key(name).begin_array();
    for (const auto& row : rows) {
        write(json, row);
    }
    print(json.end_array().end_object().text() + "\n");
}

int orders_list(const GlobalOptions& global, const ListOptions& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto orders = payments::list_orders(transaction, {}, options.limit);
    if (global.json) {
        print_json(options, "orders", orders,
                   [](core::json::Writer& json, const payments::StoredOrder& order) { api::write_order(json, order); });
        return 0;
    }
    Table table({"订单号 Order", "金额 Amount>", "登记 Registered", "分账 Split", "摘要 Description"});
    for (const auto& order : orders) {
        table.add({order.id.text(), shown(order.amount), core::format_rfc3339(order.registered_at), order.split_name,
                   order.description});
    }
    print(table.text());
    return 0;
}

int orders_show(const GlobalOptions& global, const ListOptions& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto order = payments::find_order(transaction, session.tenants().redactor().redact(options.id));
    if (!order) {
        throw core::InputError("ID: this tenant has no such order; `duizhang orders list` has the newest");
    }
    const auto movements = payments::movements_of_order(transaction, order->id.text());
    if (global.json) {
        core::json::Writer json(1);
        api::write_order(json, *order, movements);
        print(json.text() + "\n");
        return 0;
    }
    Table table({"渠道 Channel", "类型 Type", "渠道流水号 Channel id", "状态 Status", "金额 Amount>", "日期 Date"});
    for (const auto& one : movements) {
        table.add({one.channel, one.type, one.channel_txn_id, one.status, shown(one.amount), one.business_date});
    }
    print("order " + order->id.text() + "  " + shown(order->amount) + "  " + core::format_rfc3339(order->created_at) +
          ", due " + order->due_date + "\npaid " + shown(api::paid(*order, movements)) + ", refunded " +
          shown(api::refunded(*order, movements)) + "\n" + table.text());
    return 0;
}

ledger::EntryFilter entry_filter(const ListOptions& options) {
    ledger::EntryFilter filter;
    filter.event = options.event.empty() ? std::nullopt : std::optional(options.event);
    if (!options.from.empty()) {
        filter.days.from = require_day(options.from, "--from");
    }
    if (!options.until.empty()) {
        filter.days.until = require_day(options.until, "--until");
    }
    return filter;
}

int ledger_entries(const GlobalOptions& global, const ListOptions& options) {
    const auto filter = entry_filter(options);
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto entries = ledger::list_entries(transaction, filter, options.limit);
    if (global.json) {
        print_json(options, "entries", entries, api::write_entry);
        return 0;
    }
    Table table({"分录 Entry>", "日期 Date", "事件 Event", "科目 Account", "金额 Amount>", "摘要 Description"});
    for (const auto& entry : entries) {
        for (const auto& leg : entry.legs) {
            table.add({std::to_string(entry.id.number()), entry.business_date, entry.event, leg.account,
                       shown(api::money_of(leg.amount_minor, leg.currency)), entry.description});
        }
    }
    print(table.text());
    return 0;
}

int ledger_accounts(const GlobalOptions& global, const ListOptions& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto accounts = ledger::list_accounts(transaction, options.prefix, "", kLimitMax);
    if (global.json) {
        print_json(options, "accounts", accounts, api::write_account);
        return 0;
    }
    Table table({"科目 Account", "类别 Kind", "开立 Opened"});
    for (const auto& row : accounts) {
        table.add({row.account, row.kind, core::format_rfc3339(row.opened_at)});
    }
    print(table.text());
    return 0;
}

}  // namespace

void add_lists(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<ListOptions>();
    const auto add = [&](const char* of, const char* name, const char* help,
                         int (*command)(const GlobalOptions&, const ListOptions&)) {
        auto* sub = app.get_subcommand(of)->add_subcommand(name, help);
        sub->add_option("--tenant", options->tenant, "Whose")->required();
        sub->callback([&global, &run, options, command] {
            run = [&global, options, command] { return command(global, *options); };
        });
        return sub;
    };
    auto* orders = add("orders", "list", "The newest orders", orders_list);
    add("orders", "show", "One order, with what was paid for it", orders_show)
        ->add_option("id", options->id, "The merchant's order number")
        ->required();
    auto* entries = add("ledger", "entries", "The newest entries, with their legs", ledger_entries);
    for (auto* sub : {orders, entries}) {
        sub->add_option("--limit", options->limit, "How many at most")->check(CLI::Range(std::int64_t{1}, kLimitMax));
    }
    entries->add_option("--event", options->event, "Of this kind: payment, refund, reconciliation, manual ...");
    entries->add_option("--from", options->from, "The first business day (YYYY-MM-DD)");
    entries->add_option("--until", options->until, "The last business day (YYYY-MM-DD)");
    add("ledger", "accounts", "The accounts there are, by name", ledger_accounts)
        ->add_option("--prefix", options->prefix, "Those whose names begin so");
}

}  // namespace server
