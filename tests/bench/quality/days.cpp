#include <cctype>
#include <string>

#include "corpus.h"
#include "forms.h"
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

// The last line of the rows' file loses its second half (a file in an archive, the archive's end), or all bits of
// a byte in the middle are turned: no text then, and no archive whose check sum is right.
Files damaged(Files files, bool cut) {
    auto& bytes = file_of_rows(files).bytes;
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

// Whether a refusal names one of the files, and a line behind it where it has to.
bool names_the_place(const std::string& refusal, const Files& files, bool line) {
    return std::any_of(files.begin(), files.end(), [&](const auto& file) {
        const auto at = refusal.find(file.name);
        if (at == std::string::npos || !line) {
            return at != std::string::npos;
        }
        const auto colon = refusal.find(':', at);
        return colon != std::string::npos && std::isdigit(static_cast<unsigned char>(refusal[colon + 1])) != 0;
    });
}

// One that is refused, with its place, nothing booked and no list, is right.
void expect_refused(Shop& shop, core::BusinessDay day, const Files& files, const std::string& what, bool line,
                    const std::string& where, Score& score) {
    const auto before = booked(shop);
    Tally tally{1, 0, 0};
    std::string said;
    try {
        shop.reconcile(day, files);
    } catch (const core::InputError& refusal) {
        said = refusal.what();
        tally.found = 1;
        const bool untouched = booked(shop) == before && !std::filesystem::exists(shop.folder(day));
        tally.right = untouched && names_the_place(said, files, line) ? 1 : 0;
    }
    score.add("refused: " + what, tally, where + ", said: " + said);
}

void expect_refusals(Shop& shop, const reconciliation::ScenarioStatement& statement, const Files& other_day,
                     const Form& form, const std::string& where, Score& score) {
    const auto& channel = shop.world().name();
    const auto archive = statement.files.front().name + (channel == "unionpay" ? "" : ".zip");
    const auto plain = unpacked(statement.files);
    const auto whole = form.apply(plain, archive);
    expect_refused(shop, statement.day, damaged(whole, true), "cut short, " + channel, false, where, score);
    expect_refused(shop, statement.day, damaged(whole, false), "damaged, " + channel, false, where, score);
    expect_refused(shop, statement.day, other_day, "other day, " + channel, false, where, score);
    for (const auto damage : kDamages) {
        if (const auto files = damaged(damage, channel, plain)) {
            expect_refused(shop, statement.day, form.apply(*files, archive), name_of(damage) + ", " + channel,
                           is_in_a_row(damage), where, score);
        }
    }
}

// The same rows, all under the dialect's name.
Rows named(const Rows& rows, const std::string& dialect) {
    Rows renamed;
    for (const auto& row : rows) {
        renamed.insert({dialect, row.kind + " " + row.name});
    }
    return renamed;
}

void score_channel(const SimulatedChannel& world, std::uint64_t seed, Score& score, Score& dialects) {
    payments::Random random(seed * 7919 + 5);
    const auto options = options_of(seed, random);
    const core::Instant signed_at = std::chrono::time_point_cast<std::chrono::milliseconds>(
        date::sys_days(options.first_day) + date::days(options.days) + std::chrono::hours(5));
    const auto scenario = make_scenario(world.simulator(), options, signed_at);
    Shop shop(world);
    shop.register_orders(scenario);
    shop.take_in(scenario, signed_at);
    for (auto statement : scenario.statements) {
        const Form form(world.name(), random);
        const std::string where =
            "seed " + std::to_string(seed) + ", " + form.name() + " " + core::format_day(statement.day);
        const auto& first = scenario.statements.front();
        const auto& other = statement.day == first.day ? scenario.statements.back() : first;
        expect_refusals(shop, statement, other.files, form, where, score);
        const auto archive = statement.files.front().name + (world.name() == "unionpay" ? "" : ".zip");
        statement.files = form.apply(unpacked(statement.files), archive);
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
        dialects.compare(where, named(planted, form.name()), named(listed, form.name()));
    }
    const auto complaint = shop.complaint_about_the_books();
    score.add("books right afterwards", complaint.empty() ? Tally{1, 1, 1} : Tally{1, 1, 0},
              "seed " + std::to_string(seed) + ", " + world.name() + " " + complaint);
}

}  // namespace

void score_days(std::uint64_t seed, Score& score, Score& dialects) {
    for (const auto* channel : {"unionpay", "wechatpay", "stripe"}) {
        score_channel(SimulatedChannel::of(channel), seed, score, dialects);
    }
}

}  // namespace bench
