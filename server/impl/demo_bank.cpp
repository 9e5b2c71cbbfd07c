// The demo's third side: what the bank received of what the channels settled.
#include "core/failure.h"
#include "core/files.h"
#include "payments/bank/simulator.h"
#include "reconciliation/bank.h"
#include "server/demo.h"

namespace server {
namespace {

constexpr std::int64_t kOpening = 100'000'000;
constexpr std::int64_t kShort = 888;  // what the bank got too little of one channel

struct Paying {
    std::string_view channel;
    const char* counterparty;
    const char* reference;
    std::int64_t short_by;
};
constexpr Paying kPaying[] = {{"wechatpay", "财付通支付科技有限公司", "TENPAY", 0},
                              {"unionpay", "银联商务股份有限公司", "CUP", kShort}};

const DemoChannel& channel_of(const DemoWorld& world, const std::string& tenant, std::string_view name) {
    for (const auto& channel : world.channels) {
        if (channel.tenant == tenant && channel.scenario.channel == name) {
            return channel;
        }
    }
    throw core::UsageError("the demo's tenants have the channels that its bank is paid by");
}

// What the channel owes for the day by its own statement: what moved, less its fees.
std::int64_t owed(const payments::Channel& reader, const DemoChannel& channel, core::BusinessDay day) {
    std::int64_t sum = 0;
    for (const auto& statement : channel.scenario.statements) {
        if (statement.day != day) {
            continue;
        }
        const auto read = reader.read_statement(statement.files, day);
        core::ensure(static_cast<bool>(read), "a simulated statement is one");
        for (const auto& line : read->lines) {
            if (line.status == payments::TransactionStatus::captured) {
                sum += line.amount.minor() - (line.fee ? line.fee->minor() : 0);
            }
        }
    }
    return sum;
}

}  // namespace

std::string demo_bank_toml(const DemoWorld& world) {
    const auto day = [](core::BusinessDay one) { return "\"" + core::format_day(one) + "\""; };
    std::string toml =
        "\n[[tenant.bank]]\nname = \"main\"\ncurrency = \"CNY\"\nnumber = \"CN62 2200 0012 3456 78\"\nholidays = "
        "\"CN\"\n"
        "worked = [" +
        day(world.first_day) + ", " + day(world.last_day) + "]  # so that the demo is the same on every day\n";
    for (const auto& paying : kPaying) {
        toml += "[[tenant.bank.settles]]\nchannel = \"" + std::string(paying.channel) + "\"\ncontains = [\"" +
                paying.counterparty + "\"]\n";
    }
    return toml;
}

DemoBank write_demo_bank(const DemoWorld& world, const Tenants& tenants) {
    const Tenant& tenant = tenants.require(world.channels.front().tenant);
    const auto& bank = tenant.settings->banks.front();
    DemoBank told{tenant.settings->id.text(), reconciliation::bank_folder(bank), {}};
    payments::bank::SimulatedStatement statement{world.last_day, 1, kOpening, {}, 0};
    for (const auto& paying : kPaying) {
        const auto& channel = channel_of(world, told.tenant, paying.channel);
        const auto sum = owed(*tenant.find_channel(paying.channel), channel, world.first_day);
        const std::string reference = paying.reference + core::format_day(world.first_day);
        if (sum <= paying.short_by) {
            continue;  // of a very small demo
        }
        statement.entries.push_back({world.last_day, sum - paying.short_by, reference, paying.counterparty,
                                     "结算 " + core::format_day(world.first_day)});
        if (paying.short_by != 0) {
            told.expected.push_back({world.last_day, reconciliation::DiscrepancyKind::amount_mismatch,
                                     payments::TransactionType::payout, reference});
        }
    }
    const auto folder = tenants.settings().statements / told.tenant / told.folder / core::format_day(world.last_day);
    const auto file = payments::bank::write_statement(bank, statement);
    std::filesystem::create_directories(folder);
    core::write_file(folder / file.name, file.bytes);
    return told;
}

}  // namespace server
