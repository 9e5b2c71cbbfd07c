#include "server/impl/commands_split.h"

#include <algorithm>
#include <memory>

#include "core/failure.h"
#include "core/json/writer.h"
#include "ledger/split.h"
#include "reconciliation/review_list.h"
#include "server/application.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr int kRefundsMax = 100;

struct Preview {
    std::string tenant;
    std::string split;
    std::int64_t amount = 0;
    std::string currency;
    std::vector<std::int64_t> refunds;
};

const config::SplitPolicy& find_split(const config::TenantSettings& tenant, const std::string& name) {
    const auto found = std::find_if(tenant.splits.begin(), tenant.splits.end(),
                                    [&](const config::SplitPolicy& policy) { return policy.name == name; });
    if (found == tenant.splits.end()) {
        std::string names;
        for (const auto& policy : tenant.splits) {
            names += (names.empty() ? "" : ", ") + policy.name;
        }
        throw core::UsageError("--split: tenant " + tenant.id.text() + " has no split \"" + name + "\"" +
                               (names.empty() ? "; its configuration has no [[tenant.split]]" : "; it has " + names));
    }
    return *found;
}

core::Currency currency_of(const Preview& options, const config::TenantSettings& tenant) {
    if (options.currency.empty()) {
        return tenant.currency;
    }
    const auto currency = core::Currency::from_code(options.currency);
    if (!currency) {
        throw core::UsageError("--currency: \"" + options.currency + "\" is no ISO 4217 code");
    }
    return *currency;
}

void require_refunds(const Preview& options) {
    std::int64_t left = options.amount;
    for (const auto refund : options.refunds) {
        if (refund > left) {
            throw core::UsageError("--refund: the refunds are more than --amount");
        }
        left -= refund;
    }
}

std::string json_of(const Preview& options, const config::SplitTime& when, const core::Currency& currency,
                    bool shared_out, const std::vector<ledger::SplitReceiver>& receivers) {
    core::json::Writer json(1);
    json.begin_object()
        .member("tenant", options.tenant)
        .member("split", options.split)
        .member("currency", currency.code())
        .member("amount", options.amount)
        .member("when", config::text_of(when))
        .member("shared_out", shared_out)
        .key("receivers")
        .begin_array();
    for (const auto& receiver : receivers) {
        json.begin_object()
            .member("account", receiver.account)
            .member("receives", receiver.received)
            .key("gives_back")
            .begin_array();
        for (const auto back : receiver.back) {
            json.value(back);
        }
        json.end_array().member("left", receiver.left).end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

// A row for each receiver, a column for each refund, and their sums.
std::string table_of(const Preview& options, const config::SplitTime& when, const core::Currency& currency,
                     const std::vector<ledger::SplitReceiver>& receivers) {
    const auto major = [&](std::int64_t minor) {
        return core::decimal_from_minor(minor, reconciliation::display_exponent(std::string(currency.code())));
    };
    std::vector<std::string> header = {"分账方 Receiver", "分得 Receives>"};
    for (std::size_t i = 0; i < options.refunds.size(); ++i) {
        header.push_back("退款 Refund " + std::to_string(i + 1) + ">");
    }
    header.emplace_back("余额 Left>");
    Table table(header);
    ledger::SplitReceiver total{"合计 Total", 0, std::vector<std::int64_t>(options.refunds.size(), 0), 0};
    const auto add = [&](const ledger::SplitReceiver& receiver) {
        std::vector<std::string> row = {receiver.account, major(receiver.received)};
        for (const auto back : receiver.back) {
            row.push_back(major(-back));
        }
        row.push_back(major(receiver.left));
        table.add(row);
    };
    for (const auto& receiver : receivers) {
        add(receiver);
        total.received += receiver.received;
        total.left += receiver.left;
        for (std::size_t i = 0; i < receiver.back.size(); ++i) {
            total.back[i] += receiver.back[i];
        }
    }
    add(total);
    return options.split + ": " + major(options.amount) + " " + std::string(currency.code()) + ", shared out at " +
           config::text_of(when) + "\n" + table.text();
}

int preview(const GlobalOptions& global, const Preview& options) {
    const Tenants tenants(config::find_configuration(global.config));
    const auto& tenant = *tenants.require(options.tenant).settings;
    const auto& policy = find_split(tenant, options.split);
    const auto currency = currency_of(options, tenant);
    require_refunds(options);
    const auto parts = ledger::split(options.amount, policy.shares);
    const auto receivers = parts ? ledger::receivers_of(*parts, options.refunds) : std::vector<ledger::SplitReceiver>();
    if (global.json) {
        print(json_of(options, policy.when, currency, static_cast<bool>(parts), receivers));
    } else if (!parts) {
        print(options.split + ": the fixed parts are more than the amount; nothing is shared out, and it stays on " +
              ledger::Account::deferred_orders().name() + "\n");
    } else {
        print(table_of(options, policy.when, currency, receivers));
    }
    return 0;
}

}  // namespace

void add_split(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* split = app.add_subcommand("split", "Splits: how orders are shared out");
    split->require_subcommand(1);
    auto* sub = split->add_subcommand("preview", "What each receiver would get of an amount; books nothing");
    const auto options = std::make_shared<Preview>();
    sub->add_option("--tenant", options->tenant, "Whose split")->required();
    sub->add_option("--split", options->split, "The split's name in the configuration")->required();
    sub->add_option("--amount", options->amount, "What is shared out, in minor units (12345 for 123.45)")
        ->required()
        ->check(CLI::Range(std::int64_t{1}, core::kMinorMax));
    sub->add_option("--currency", options->currency, "ISO 4217; the tenant's when left out");
    sub->add_option("--refund", options->refunds,
                    "Partial refunds one after the other, in minor units; shows what "
                    "each gives back")
        ->expected(1, kRefundsMax)
        ->check(CLI::Range(std::int64_t{1}, core::kMinorMax));
    sub->callback([&run, &global, options] { run = [&global, options] { return preview(global, *options); }; });
}

}  // namespace server
