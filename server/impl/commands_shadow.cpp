// duizhang reconcile --shadow: what other matching rules would have made of past days
#include "server/impl/commands_shadow.h"

#include <map>
#include <optional>

#include "config/match_rule.h"
#include "core/failure.h"
#include "core/files.h"
#include "reconciliation/shadow.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"
#include "server/nightly.h"

namespace server {
namespace {

using reconciliation::ShadowChange;
using reconciliation::ShadowDay;
using reconciliation::ShadowInput;

std::string amount_text(const std::optional<std::int64_t>& minor, int exponent) {
    return minor ? core::decimal_from_minor(*minor, exponent) : std::string();
}

std::string kind_text(const std::optional<reconciliation::Discrepancy>& row) {
    return row ? std::string(reconciliation::chinese_of(row->kind)) + " " + std::string(name_of(row->kind)) : "-";
}

std::string shadow_table(const std::vector<ShadowDay>& days) {
    Table table({"业务日 Day", "变化 Change", "现在 Now", "那时 Then", "渠道流水号 Channel id", "订单号 Order",
                 "账上 Books>", "渠道 Channel>", "币种"});
    std::map<ShadowChange::Kind, std::uint64_t> counts;
    for (const auto& day : days) {
        for (const auto& change : day.changes) {
            const auto& row = change.before ? *change.before : *change.after;
            ++counts[change.kind];
            table.add({core::format_day(day.before.business_date), std::string(name_of(change.kind)),
                       kind_text(change.before), kind_text(change.after), row.channel_txn_id, row.merchant_order_id,
                       amount_text(row.ledger_amount, row.ledger_exponent),
                       amount_text(row.channel_amount, row.channel_exponent), row.currency()});
        }
    }
    std::string figures = std::to_string(days.size()) + " days";
    for (const auto& [kind, count] : counts) {
        figures += ", " + std::to_string(count) + " " + std::string(name_of(kind));
    }
    return (counts.empty() ? "无变化 Nothing would change.\n" : table.text()) + figures + "; nothing was changed\n";
}

std::vector<ShadowInput> given_day(const Reconcile& options) {
    if (options.statements.empty()) {
        throw core::UsageError("--statement: is required with --date; or give --from and --to");
    }
    return {{require_day(options.date, "--date"), [&options] { return read_statements(options.statements); }}};
}

std::vector<ShadowInput> days_between(const Reconcile& options, const std::filesystem::path& folder) {
    const auto bound = [](const std::string& text, std::string_view option) {
        return text.empty() ? std::nullopt : std::optional(require_day(text, option));
    };
    const auto from = bound(options.from, "--from");
    const auto to = bound(options.to, "--to");
    std::vector<ShadowInput> inputs;
    for (const auto& day : statement_days(folder)) {
        if ((!from || *from <= day) && (!to || day <= *to)) {
            inputs.push_back({day, [file = folder / core::format_day(day)] { return read_statement_folder(file); }});
        }
    }
    if (inputs.empty()) {
        throw core::UsageError("--from: there are no statements of these days in " + folder.string());
    }
    return inputs;
}

}  // namespace

int reconcile_shadow(Session& session, const GlobalOptions& global, const Reconcile& options, const Tenant& tenant,
                     const payments::Channel& channel) {
    if (options.rules.empty()) {
        throw core::UsageError("--rules: is required with --shadow");
    }
    if (!options.out.empty()) {
        throw core::UsageError("--out: a shadow run writes no lists");
    }
    const auto rules = config::load_match_rules(options.rules);
    const auto& settings = session.tenants().settings();
    const auto inputs = options.date.empty()
                            ? days_between(options, settings.statements / options.tenant / options.channel)
                            : given_day(options);
    const auto days = reconciliation::shadow_days({session.database(), session.clock(), settings.carry_window},
                                                  {*tenant.settings, channel, tenant.fees(options.channel),
                                                   inputs.front().day, &tenant.calendars.at(options.channel)},
                                                  inputs, rules);
    print(global.json ? reconciliation::shadow_json(days) : shadow_table(days));
    return 0;
}

}  // namespace server
