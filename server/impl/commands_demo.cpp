// duizhang demo: the main job end to end.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "core/failure.h"
#include "core/json/writer.h"
#include "ledger/split.h"
#include "server/commands.h"
#include "server/console_text.h"
#include "server/demo.h"
#include "server/http_post.h"
#include "server/impl/command_support.h"
#include "server/nightly.h"
#include "server/order_import.h"
#include "server/serve.h"

namespace server {
namespace {

constexpr std::size_t kSenders = 8;
constexpr std::size_t kTableRowsMax = 40;

std::vector<payments::Order> orders_of(const DemoChannel& channel, const config::TenantSettings& tenant) {
    std::vector<payments::Order> orders;
    for (const auto& order : channel.scenario.orders) {
        std::string shares;
        for (const auto& policy : tenant.splits) {
            if (policy.name == order.split_name) {
                shares = ledger::terms_to_text(policy);
            }
        }
        orders.push_back({core::MerchantOrderId(order.merchant_order_id), order.amount, order.created_at,
                          order.split_name, shares, "demo"});
    }
    return orders;
}

struct Delivery {
    std::string path;
    const reconciliation::ScenarioCallback* callback;
};

std::vector<Delivery> deliveries_of(const DemoWorld& world) {
    std::vector<Delivery> deliveries;
    for (const auto& channel : world.channels) {
        const std::string path = "/callbacks/" + channel.tenant + "/" + channel.scenario.channel;
        for (const auto& callback : channel.scenario.callbacks) {
            deliveries.push_back({path, &callback});
        }
    }
    // The channels send at the same time, not one after the other.
    std::shuffle(deliveries.begin(), deliveries.end(), std::mt19937_64(deliveries.size()));
    return deliveries;
}

struct Answers {
    std::size_t accepted = 0;
    std::size_t forged_refused = 0;
    std::size_t wrong = 0;  // a good one refused, or a forged one accepted
};

// Several connections at once. Throws what the first failing sender threw.
Answers deliver(std::uint16_t port, const std::vector<Delivery>& deliveries) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    Answers answers;
    std::exception_ptr failure;
    const auto send = [&] {
        try {
            CallbackSender sender(port);
            for (auto at = next++; at < deliveries.size(); at = next++) {
                const auto& [path, callback] = deliveries[at];
                const int status = sender.post(path, callback->callback.headers, callback->callback.body);
                const std::lock_guard lock(mutex);
                const bool accepted = status >= 200 && status < 300;
                answers.accepted += accepted && !callback->tampered ? 1 : 0;
                answers.forged_refused += status >= 400 && status < 500 && callback->tampered ? 1 : 0;
                answers.wrong += accepted == callback->tampered ? 1 : 0;
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kSenders; ++i) {
        threads.emplace_back(send);
    }
    for (auto& thread : threads) {
        thread.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    return answers;
}

std::string amount_text(const std::optional<std::int64_t>& minor, int exponent) {
    return minor ? core::decimal_from_minor(*minor, exponent) : std::string();
}

std::string discrepancies_text(const std::vector<NightlyDay>& days) {
    Table table({"租户 Tenant", "渠道 Channel", "业务日 Day", "差异 Kind", "订单号 Order", "账上 Books>",
                 "渠道 Channel>", "差额 Difference>", "币种"});
    std::size_t rows = 0;
    std::size_t all = 0;
    for (const auto& day : days) {
        if (!day.list) {
            continue;
        }
        for (const auto& row : day.list->discrepancies) {
            if (++all > kTableRowsMax) {
                continue;
            }
            ++rows;
            table.add({day.tenant, day.channel, core::format_day(day.date),
                       std::string(reconciliation::chinese_of(row.kind)) + " " + std::string(name_of(row.kind)),
                       row.merchant_order_id, amount_text(row.ledger_amount, row.ledger_exponent),
                       amount_text(row.channel_amount, row.channel_exponent),
                       amount_text(row.difference(), row.exponent()), row.currency()});
        }
    }
    return table.text() + (all > rows ? "... and " + std::to_string(all - rows) + " more in the files\n" : "");
}

// The bank's side: what each channel settled, and what the bank received of it.
std::string bank_text(const std::vector<NightlyDay>& days) {
    Table table(
        {"租户 Tenant", "银行账户 Account", "渠道 Channel", "应收 Due>", "到账 Received>", "差额 Left>", "币种"});
    for (const auto& day : days) {
        const auto equations = day.list ? day.list->summary.equations : std::vector<reconciliation::Equation>();
        for (const auto& equation : equations) {
            if (day.channel.starts_with("bank-") && equation.edge == "settlement_bank") {
                const int exponent = reconciliation::display_exponent(equation.currency);
                table.add({day.tenant, day.channel, equation.channel, amount_text(equation.left_sum(), exponent),
                           amount_text(equation.right_sum(), exponent), amount_text(equation.residual(), exponent),
                           equation.currency});
            }
        }
    }
    return "At the bank 银行到账:\n" + table.text();
}

// The review lists against the right answer.
struct Verdict {
    std::size_t expected = 0;
    std::size_t found = 0;
    std::size_t missing = 0;
    std::size_t extra = 0;
};

using Expected = std::vector<reconciliation::ExpectedDiscrepancy>;

void judge_lists(const std::vector<NightlyDay>& days, const std::string& tenant, const std::string& folder,
                 const Expected& planted, Verdict& verdict) {
    const std::set<reconciliation::ExpectedDiscrepancy> expected(planted.begin(), planted.end());
    std::set<reconciliation::ExpectedDiscrepancy> found;
    for (const auto& day : days) {
        if (day.list && day.tenant == tenant && day.channel == folder) {
            for (const auto& row : day.list->discrepancies) {
                found.insert({day.date, row.kind, row.type, row.channel_txn_id});
            }
        }
    }
    verdict.expected += expected.size();
    for (const auto& row : expected) {
        verdict.found += found.contains(row) ? 1 : 0;
        verdict.missing += found.contains(row) ? 0 : 1;
    }
    for (const auto& row : found) {
        verdict.extra += expected.contains(row) ? 0 : 1;
    }
}

Verdict judge(const DemoWorld& world, const DemoBank& bank, const std::vector<NightlyDay>& days) {
    Verdict verdict;
    for (const auto& channel : world.channels) {
        judge_lists(days, channel.tenant, channel.scenario.channel, channel.scenario.expected, verdict);
    }
    judge_lists(days, bank.tenant, bank.folder, bank.expected, verdict);
    return verdict;
}

std::string summary_json_of(const std::vector<NightlyDay>& days, const Verdict& verdict, const std::string& address) {
    core::json::Writer json(1);
    json.begin_object()
        .member("planted", verdict.expected)
        .member("found", verdict.found)
        .member("missing", verdict.missing)
        .member("extra", verdict.extra)
        .member("console", address)
        .key("days")
        .begin_array();
    for (const auto& day : days) {
        json.begin_object()
            .member("tenant", day.tenant)
            .member("channel", day.channel)
            .member("business_date", core::format_day(day.date))
            .member("discrepancies", day.list ? day.list->discrepancies.size() : std::size_t{0})
            .member("folder", day.folder.string())
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string paths_text(const std::vector<NightlyDay>& days) {
    std::string text;
    for (const auto& day : days) {
        text += (day.folder / "review.html").string() + "\n";
    }
    return text;
}

// 1 when the lists are not the planted set: the demo checks itself.
int report(const GlobalOptions& global, const DemoWorld& world, const DemoBank& bank,
           const std::vector<NightlyDay>& days, const std::string& login) {
    const Verdict verdict = judge(world, bank, days);
    if (global.json) {
        print(summary_json_of(days, verdict, login));
    } else {
        print(discrepancies_text(days) + "\n" + bank_text(days) + "\n" + std::to_string(verdict.expected) +
              " discrepancies were planted, " + std::to_string(verdict.found) + " are on the lists, " +
              std::to_string(verdict.missing) + " missing, " + std::to_string(verdict.extra) +
              " too many.\n\nReview lists (.csv, .xlsx and .html beside each other):\n" + paths_text(days) +
              "\nConsole: " + login + "\n");
    }
    return verdict.missing + verdict.extra == 0 ? 0 : 1;
}

}  // namespace

int demo(const GlobalOptions& global, const Demo& options) {
    block_service_signals();
    const core::SystemClock clock;
    tell(global, "making keys, orders, callbacks and statements ...");
    const auto world =
        make_demo_world(std::filesystem::absolute(options.dir), options.orders, options.seed, clock.now(), {}, true);
    Application application(world.configuration);
    const auto tenants = application.tenants();
    const auto bank = write_demo_bank(world, *tenants);
    tell(global, "starting PostgreSQL and the service ...");
    auto& database = application.database();
    const Service service(application, clock);
    std::size_t orders = 0;
    for (const auto& channel : world.channels) {
        const auto& tenant = *tenants->require(channel.tenant).settings;
        orders += register_orders(database, tenant, "demo", orders_of(channel, tenant), [](std::size_t) {}).registered;
    }
    const auto deliveries = deliveries_of(world);
    tell(global, std::to_string(orders) + " orders registered; sending " + std::to_string(deliveries.size()) +
                     " signed callbacks to " + service.address() + " ...");
    const auto answers = deliver(service.port(), deliveries);
    tell(global, std::to_string(answers.accepted) + " accepted, " + std::to_string(answers.forged_refused) +
                     " forged ones refused, " + std::to_string(answers.wrong) + " answered wrongly");
    tell(global, "running the nightly job ...");
    const auto days = run_nightly(application, clock, {}, [](const NightlyDay&) {});
    int status = report(global, world, bank, days, service.one_time_login());
    status = answers.wrong > 0 ? 1 : status;
    if (!options.exit && stdout_is_terminal()) {
        tell(global, "serving until Ctrl-C ...");
        wait_for_stop(application, clock);
    }
    return status;
}

}  // namespace server
