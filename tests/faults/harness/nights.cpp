#include "tests/faults/harness/nights.h"

#include <algorithm>

#include "config/bank.h"
#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/files.h"
#include "payments/bank/simulator.h"
#include "payments/channels/registry.h"
#include "payments/intake.h"
#include "payments/order.h"
#include "server/application.h"

namespace faults {

namespace fs = std::filesystem;
using payments::SimulatedTransaction;

namespace {

constexpr int kDays = 3;
constexpr int kPaymentsPerDay = 20;
constexpr std::chrono::minutes kNearCut{5};
constexpr const char* kBankNumber = "6222000012345678";
constexpr const char* kBankToml =
    "\n[[tenant.bank]]\nname = \"main\"\ncurrency = \"CNY\"\nnumber = \"6222000012345678\"\nformat = \"mt940\"\n\n"
    "[[tenant.bank.settles]]\nchannel = \"wechatpay\"\ncontains = [\"TENPAY\"]\n";

// A statement takes only what it dates on its own day.
SimulatedTransaction dated(SimulatedTransaction one, core::BusinessDay day) {
    one.occurred_at += std::chrono::hours(24) * core::days_between(one.business_day, day);
    one.business_day = day;
    return one;
}

std::int64_t net(const SimulatedTransaction& one) { return one.amount.minor() - one.fee.minor(); }

}  // namespace

Nights::Nights(const fs::path& folder, const std::string& database, std::uint64_t seed)
    : folder_(folder),
      random_(seed),
      first_day_(date::sys_days(core::day_of(core::SystemClock().now(), {"Asia/Shanghai", std::chrono::minutes(0)})) -
                 date::days(kDays + 1)) {
    for (const auto& channel : payments::channel_registry()) {
        channels_.push_back({channel.make_simulator(kTenant, random_()), {}, {}, {}});
    }
    write_configuration(database);
    for (auto& days : channels_) {
        make(days);
    }
}

core::BusinessDay Nights::day(int number) const { return date::sys_days(first_day_) + date::days(number); }

void Nights::write_configuration(const std::string& database) const {
    fs::create_directories(folder_ / "keys");
    core::write_file(folder_ / "keys" / "master.key", core::crypto::hex_encode(core::crypto::random_bytes(32)) + "\n",
                     0600);
    std::string toml = "[database]\n" + database +
                       "\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n\n[nightly]\n"
                       "statements = \"statements\"\nreview_lists = \"review\"\n\n[[tenant]]\nid = \"" +
                       kTenant + "\"\nname = \"Shop\"\ncurrency = \"CNY\"\n";
    for (const auto& days : channels_) {
        toml += "\n" + days.simulator->write_configuration(folder_, folder_ / "keys");
    }
    core::write_file(configuration(), toml + kBankToml, 0600);
}

SimulatedTransaction Nights::pay(ChannelDays& days, int on_day, std::chrono::minutes before_cut) {
    const auto& simulator = *days.simulator;
    const auto amount = static_cast<std::int64_t>(1'000 + random_() % 100'000);
    SimulatedTransaction paid{payments::TransactionType::payment,
                              "O" + std::to_string(++payments_),
                              {},
                              core::Money(amount, simulator.currency()),
                              core::day_end(day(on_day), simulator.day_cut()) - before_cut,
                              day(on_day),
                              core::Money(amount * 6 / 1000, simulator.currency()),
                              {},
                              {},
                              {},
                              {}};
    simulator.assign_ids(paid, nullptr, random_);
    return paid;
}

void Nights::make(ChannelDays& days) {
    auto& delivered = days.delivered;
    delivered.resize(kDays);
    for (int number = 0; number < kDays; ++number) {
        for (int i = 0; i < kPaymentsPerDay; ++i) {
            auto paid = pay(days, number, std::chrono::minutes(600 + i));
            days.told.push_back(paid);
            delivered[static_cast<std::size_t>(number)].push_back(std::move(paid));
        }
    }
    // Carried from the first day into the second.
    const auto carried = pay(days, 0, kNearCut);
    days.told.push_back(carried);
    delivered[1].push_back(dated(carried, day(1)));
    // The callback of the last never comes.
    delivered[2].push_back(pay(days, 2, kNearCut));

    days.corrected = delivered;
    const auto near_cut = pay(days, 1, kNearCut);
    const auto unlisted = pay(days, 1, std::chrono::minutes(500));
    days.told.insert(days.told.end(), {near_cut, unlisted});
    delivered[1].push_back(pay(days, 1, std::chrono::minutes(501)));  // nobody's
    auto& odd = delivered[1].front().amount;
    odd = core::Money(odd.minor() + 1, odd.currency());
    delivered[2].push_back(dated(near_cut, day(2)));
    days.corrected[1].insert(days.corrected[1].end(), {near_cut, unlisted});
    days.corrected[2] = delivered[2];
}

void Nights::take_in() {
    server::Application application(configuration());
    const auto tenants = application.tenants();
    const auto& tenant = tenants->require(kTenant);
    const auto now = core::SystemClock().now();
    core::db::TenantTransaction transaction(application.database(), tenant.settings->id);
    for (const auto& days : channels_) {
        std::vector<payments::Order> orders;
        for (const auto& paid : days.told) {
            orders.push_back(
                {core::MerchantOrderId(paid.merchant_order_id), paid.amount, paid.occurred_at, "", {}, {}});
        }
        payments::register_orders(transaction, orders, {"UTC", std::chrono::minutes(0)});
        const auto& channel = *tenant.find_channel(days.simulator->channel());
        for (const auto& paid : days.told) {
            for (const auto& callback : days.simulator->callbacks(paid, now, random_)) {
                const payments::CallbackRequest request{callback.headers, callback.body, now};
                const auto message = channel.read_callback(request);
                core::ensure(static_cast<bool>(message), "the simulator signs as the channel does");
                payments::take_in(transaction,
                                  {{tenant.settings->id, std::string(channel.name()), &*message, &request}});
            }
        }
    }
    transaction.commit();
}

void Nights::deliver(bool corrected, bool anew) const {
    if (anew) {
        for (const char* part : {"statements", "review", "seals"}) {
            fs::remove_all(folder_ / part);
        }
    }
    for (const auto& days : channels_) {
        const auto& lines = corrected ? days.corrected : days.delivered;
        for (int number = corrected ? 1 : 0; number < (corrected ? 2 : kDays); ++number) {
            payments::Random random(7);
            const auto place =
                folder_ / "statements" / kTenant / days.simulator->channel() / core::format_day(day(number));
            fs::remove_all(place);
            fs::create_directories(place);
            for (const auto& file :
                 days.simulator->statement(day(number), lines[static_cast<std::size_t>(number)], {}, random)) {
                core::write_file(place / file.name, file.bytes);
            }
        }
    }
    write_bank_statement();
}

void Nights::write_bank_statement() const {
    std::int64_t paid = 0;
    for (const auto& days : channels_) {
        if (days.simulator->channel() == "wechatpay") {
            for (const auto& one : days.delivered[0]) {
                paid += net(one);
            }
        }
    }
    config::Bank bank{"main", *core::Currency::from_code("CNY")};
    bank.number = kBankNumber;
    bank.format = config::BankFormat::mt940;
    const auto place = folder_ / "statements" / kTenant / "bank-main" / core::format_day(day(1));
    fs::create_directories(place);
    const auto file = payments::bank::write_statement(
        bank, {day(1), 3, 1000, {{day(1), paid, "R1", "TENPAY", "settlement"}, {day(1), -20, "R2", "Bank", "fee"}}, 0});
    core::write_file(place / file.name, file.bytes);
}

std::size_t Nights::channel_days() const { return channels_.size() * kDays; }

Program Nights::nightly() const {
    return {{executable(), "--config", configuration().string(), "--quiet", "nightly"},
            folder_,
            folder_ / "nightly.log",
            {}};
}

Ran Nights::duizhang(std::vector<std::string> words) const {
    words.insert(words.begin(), {executable(), "--config", configuration().string(), "--quiet"});
    return run({std::move(words), folder_, folder_ / "command.log", {}});
}

std::string Nights::lists() const {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& item : fs::recursive_directory_iterator(folder_ / "review", ignored)) {
        if (item.path().filename() == "review.csv") {
            files.push_back(item.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::string text;
    for (const auto& file : files) {
        text += fs::relative(file, folder_).string() + "\n" + text_of(file);
    }
    return text;
}

}  // namespace faults
