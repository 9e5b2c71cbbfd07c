#include <string>

#include "corpus.h"
#include "tests/support/world.h"

namespace bench {

namespace {

using reconciliation::ScenarioOptions;
using test_support::Shop;
using test_support::SimulatedChannel;

Row row_of(reconciliation::DiscrepancyKind kind, const std::optional<payments::TransactionType>& type,
           const std::string& id) {
    return {std::string(name_of(kind)), (type ? std::string(payments::name_of(*type)) + " " : "") + id};
}

ScenarioOptions options_of(std::uint64_t seed, payments::Random& random) {
    ScenarioOptions options;
    options.seed = seed;
    options.first_day = date::sys_days(date::year{2025} / 1 / 1) + date::days(random() % 1400);
    options.days = 3;
    options.payments_per_day = 12;
    options.refunds_percent = 30;
    options.plants_per_day = 9;
    options.wrong_totals = seed % 3 == 0;
    return options;
}

std::vector<payments::StatementFile> packed(std::vector<payments::StatementFile> files, payments::Random& random) {
    for (auto& file : files) {
        const bool is_packed = file.name.ends_with(".zip") || file.name.ends_with(".gz");
        const auto way = random() % 3;
        if (is_packed || way == 0) {
            continue;
        }
        if (way == 1) {
            file = {file.name + ".gz", core::gzip(file.bytes)};
        } else {
            file = {file.name + ".zip", core::zip({{file.name, file.bytes}})};
        }
    }
    return files;
}

// The last file's last line loses its second half (a file in an archive, the archive's end), or all bits of
// a byte in the middle are turned: no text then, and no archive whose check sum is right.
std::vector<payments::StatementFile> damaged(std::vector<payments::StatementFile> files, bool cut) {
    auto& bytes = files.back().bytes;
    if (!cut) {
        bytes[bytes.size() / 2] = static_cast<char>(~static_cast<unsigned char>(bytes[bytes.size() / 2]));
        return files;
    }
    const auto end = bytes.find_last_not_of("\r\n");
    const auto begin = bytes.find_last_of('\n', end);
    const auto length = begin == std::string::npos ? end : end - begin;
    bytes.resize(end - length / 2);
    return files;
}

// All that is booked, as one text.
std::string booked(const Shop& shop) {
    core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
    std::string text;
    for (const auto& row : ledger::trial_balance(transaction)) {
        text += row.account + " " + row.currency + " " + std::to_string(row.debit_minor) + " " +
                std::to_string(row.credit_minor) + "\n";
    }
    return text;
}

void expect_refused(Shop& shop, const reconciliation::ScenarioStatement& statement, const std::string& where,
                    Score& score) {
    const auto before = booked(shop);
    for (const bool cut : {true, false}) {
        Tally tally{1, 0, 0};
        try {
            shop.reconcile(statement.day, damaged(statement.files, cut));
        } catch (const core::InputError&) {
            tally.found = 1;
            tally.right = booked(shop) == before && !std::filesystem::exists(shop.folder(statement.day)) ? 1 : 0;
        }
        score.add(cut ? "refused: cut short" : "refused: damaged", tally, where);
    }
}

void score_channel(const SimulatedChannel& world, std::uint64_t seed, Score& score) {
    payments::Random random(seed * 7919 + 5);
    const auto options = options_of(seed, random);
    const core::Instant signed_at = std::chrono::time_point_cast<std::chrono::milliseconds>(
        date::sys_days(options.first_day) + date::days(options.days) + std::chrono::hours(5));
    const auto scenario = make_scenario(world.simulator(), options, signed_at);
    Shop shop(world);
    shop.register_orders(scenario);
    shop.take_in(scenario, signed_at);
    for (auto statement : scenario.statements) {
        const std::string where =
            "seed " + std::to_string(seed) + ", " + world.name() + " " + core::format_day(statement.day);
        statement.files = packed(statement.files, random);
        expect_refused(shop, statement, where, score);
        Rows planted;
        Rows listed;
        for (const auto& row : scenario.expected) {
            if (row.day == statement.day) {
                planted.insert(row_of(row.kind, row.type, row.channel_txn_id));
            }
        }
        for (const auto& row : shop.reconcile(statement).discrepancies) {
            listed.insert(row_of(row.kind, row.type, row.channel_txn_id));
        }
        score.compare(where, planted, listed);
    }
    const auto complaint = shop.complaint_about_the_books();
    score.add("books right afterwards", complaint.empty() ? Tally{1, 1, 1} : Tally{1, 1, 0},
              "seed " + std::to_string(seed) + ", " + world.name() + " " + complaint);
}

}  // namespace

void score_days(std::uint64_t seed, Score& score) {
    for (const auto* channel : {"unionpay", "wechatpay", "stripe"}) {
        score_channel(SimulatedChannel::of(channel), seed, score);
    }
}

}  // namespace bench
