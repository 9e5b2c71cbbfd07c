#include <algorithm>
#include <map>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"
#include "reconciliation/bank.h"
#include "reconciliation/impl/bank_settling.h"
#include "reconciliation/impl/bank_store.h"
#include "reconciliation/impl/day_store.h"

namespace reconciliation {
namespace {

class Day {
public:
    Day(core::db::TenantTransaction& transaction, const BankAccount& account, core::BusinessDay day, core::Instant now)
        : transaction_(transaction),
          account_(account),
          bank_(account.bank),
          day_(day),
          now_(now),
          currency_(bank_.currency.code()),
          entries_(bank_entries_of(transaction, bank_.name, day)),
          settling_{transaction, bank_, now} {}

    ReviewList review() {
        ReviewList list;
        start(list.summary);
        for (const auto& settlement : bank_.settlements) {
            pools_.push_back(pool_of(settlement));
        }
        explain_entries();
        // What was just settled isn't open any more.
        for (auto& pool : pools_) {
            pool.open_then = open_of(*pool.settlement, day_);
        }
        add_rows(list);
        add_equations(list.summary);
        finish(list);
        return list;
    }

private:
    void start(Summary& summary) const {
        summary.started_at = now_;
        summary.tenant = account_.tenant.id.text();
        summary.tenant_name = account_.tenant.name;
        summary.channel = bank_folder(bank_);
        summary.channel_label_zh = "银行账户 " + bank_.name;
        summary.channel_label_en = "Bank account " + bank_.name;
        summary.business_date = day_;
        for (const auto& statement : bank_statements_of(transaction_, bank_.name, day_)) {
            summary.statements.push_back(
                {statement.file, statement.file_sha256, static_cast<std::uint64_t>(statement.entries)});
        }
    }

    std::vector<OpenDay> open_of(const config::BankSettlement& settlement,
                                 std::optional<core::BusinessDay> until) const {
        const auto turnover = turnover_of(transaction_, source_of(settlement).name(), currency_, day_);
        std::map<core::BusinessDay, std::int64_t> days;
        const auto add = [&](core::BusinessDay day, std::int64_t minor) {
            const auto sum = core::checked_add(days[day], minor);
            core::ensure(sum.has_value(), "what is open fits 64 bits");
            days[day] = *sum;
        };
        for (const auto& one : turnover.days) {
            add(one.day, one.minor);
        }
        for (const auto& one : settled_days(transaction_, settlement.channel, currency_, until)) {
            add(one.day, -one.minor);
        }
        std::vector<OpenDay> open;
        for (const auto& [day, minor] : days) {
            if (!settlement.since || day >= *settlement.since) {
                open.push_back({day, minor});
            }
        }
        return open_after(std::move(open), turnover.by_hand_minor);
    }

    Pool pool_of(const config::BankSettlement& settlement) const {
        return {&settlement, open_of(settlement, std::nullopt), {}, 0, 0, 0, {}};
    }

    Pool* pool_for(const StoredBankEntry& entry) {
        const auto* told = settlement_told_by(bank_.settlements, entry.texts());
        const auto found =
            std::find_if(pools_.begin(), pools_.end(), [&](const Pool& pool) { return pool.settlement == told; });
        return found == pools_.end() ? nullptr : &*found;
    }

    void explain_entries() {
        for (auto& entry : entries_) {
            Pool* pool = pool_for(entry);
            if (!entry.entry_id && pool != nullptr) {
                settle(settling_, entry, *pool);
            }
        }
        for (auto& pool : pools_) {
            settle_together(settling_, pool, day_, entries_);
        }
        for (auto& entry : entries_) {
            if (!entry.entry_id) {
                if (const auto id = explaining_entry(transaction_, bank_, entry)) {
                    entry.entry_id = id;
                    store_match(transaction_, bank_.name, entry, *id);
                }
            }
            add_up(entry);
        }
    }

    void add_up(const StoredBankEntry& entry) {
        Pool* pool = pool_for(entry);
        if (pool == nullptr) {
            return;
        }
        if (!entry.channel.empty()) {
            count(pool->settled_minor, entry.amount_minor);
            count(pool->credits_minor, entry.amount_minor);
        } else if (!entry.entry_id) {
            count(pool->unexplained_minor, entry.amount_minor);
            pool->unexplained.push_back(&entry);
        }
    }

    static void count(std::int64_t& sum, std::int64_t minor) {
        const auto next = core::checked_add(sum, minor);
        core::ensure(next.has_value(), "a statement's entries fit 64 bits");
        sum = *next;
    }

    // ---- What the list says
    // --------------------------------------------------------------------------------------------

    Discrepancy row_of(DiscrepancyKind kind, payments::TransactionType type, const std::string& key) const {
        Discrepancy row{};
        row.kind = kind;
        row.type = type;
        row.id = core::crypto::sha256_hex("bank\n" + account_.tenant.id.text() + "\n" + bank_.name + "\n" + key)
                     .substr(0, 16);
        row.item_day = day_;
        return row;
    }

    Discrepancy row_of_entry(const StoredBankEntry& entry, DiscrepancyKind kind, payments::TransactionType type) const {
        auto row = row_of(kind, type, entry.sha256 + "\n" + std::to_string(entry.number));
        row.channel_txn_id = entry.reference;
        row.channel_amount = entry.amount_minor;
        row.channel_currency = currency_;
        row.channel_exponent = bank_.currency.exponent();
        row.item_day = entry.booked;
        row.age_days = core::days_between(entry.booked, day_);
        row.evidence = {entry.evidence};
        return row;
    }

    core::BusinessDay due_by(const Pool& pool, const OpenDay& open) const {
        return due_on(open.day, pool.settlement->days, bank_.days.get());
    }

    std::vector<OpenDay> due_of(const Pool& pool) const {
        auto due = pool.open_then;
        std::erase_if(due, [&](const OpenDay& one) { return due_by(pool, one) > day_; });
        return due;
    }

    static std::int64_t sum_of(const std::vector<OpenDay>& days) {
        std::int64_t sum = 0;
        for (const auto& day : days) {
            count(sum, day.minor);
        }
        return sum;
    }

    void add_due(const Pool& pool, const std::vector<OpenDay>& due, ReviewList& list) const {
        for (const auto& one : due) {
            const auto name = pool.settlement->channel + " " + core::format_day(one.day);
            auto row = row_of(DiscrepancyKind::missing_in_channel, payments::TransactionType::payout, name);
            row.channel_txn_id = name;
            row.ledger_amount = one.minor;
            row.ledger_currency = currency_;
            row.ledger_exponent = bank_.currency.exponent();
            row.item_day = one.day;
            row.age_days = core::days_between(one.day, day_);
            row.expected_by = due_by(pool, one);
            if (bank_.days != nullptr) {
                row.age_business_days = config::business_days_between(*bank_.days, one.day, day_);
            }
            for (const auto& statement : list.summary.statements) {
                row.evidence.push_back(statement.file);
            }
            list.discrepancies.push_back(std::move(row));
        }
    }

    // A credit that tells a channel and isn't what was due is held against all that was due; of several the first.
    void add_pool(const Pool& pool, ReviewList& list) const {
        const auto due = due_of(pool);
        const auto due_minor = sum_of(due);
        bool compared = false;
        for (const auto* entry : pool.unexplained) {
            const bool compares = !compared && due_minor != 0;
            auto row =
                row_of_entry(*entry, compares ? DiscrepancyKind::amount_mismatch : DiscrepancyKind::missing_in_ledger,
                             payments::TransactionType::payout);
            if (compares) {
                row.ledger_amount = due_minor;
                row.ledger_currency = currency_;
                row.ledger_exponent = bank_.currency.exponent();
                compared = true;
            }
            list.discrepancies.push_back(std::move(row));
        }
        if (!compared) {
            add_due(pool, due, list);
        }
    }

    void add_rows(ReviewList& list) {
        for (const auto& pool : pools_) {
            add_pool(pool, list);
        }
        for (const auto& entry : entries_) {
            if (!entry.entry_id && pool_for(entry) == nullptr) {
                list.discrepancies.push_back(
                    row_of_entry(entry, DiscrepancyKind::missing_in_ledger, payments::TransactionType::adjustment));
            }
        }
        std::stable_sort(list.discrepancies.begin(), list.discrepancies.end(),
                         [](const Discrepancy& a, const Discrepancy& b) { return a.kind < b.kind; });
    }

    void add_equations(Summary& summary) const {
        for (const auto& statement : bank_statements_of(transaction_, bank_.name, day_)) {
            if (!statement.closing_minor) {
                continue;
            }
            Equation balance{"bank_balance", "", currency_, {{"opening", *statement.opening_minor}}, {}};
            std::int64_t in = 0;
            std::int64_t out = 0;
            for (const auto& entry : entries_) {
                if (entry.sha256 == statement.sha256) {
                    count(entry.amount_minor > 0 ? in : out, entry.amount_minor);
                }
            }
            balance.left.insert(balance.left.end(), {{"came_in", in}, {"went_out", out}});
            balance.right.push_back({"closing", *statement.closing_minor});
            summary.equations.push_back(std::move(balance));
        }
        for (const auto& pool : pools_) {
            summary.equations.push_back({"settlement_bank",
                                         pool.settlement->channel,
                                         currency_,
                                         {{"settled", pool.settled_minor}, {"due", sum_of(due_of(pool))}},
                                         {{"credits", pool.credits_minor}, {"unexplained", pool.unexplained_minor}}});
        }
    }

    void finish(ReviewList& list) const {
        Summary& summary = list.summary;
        std::string said;
        for (const auto& entry : entries_) {
            count(summary.channel_amount[currency_], entry.amount_minor);
            summary.matched += entry.entry_id ? 1 : 0;
            if (entry.entry_id) {
                count(summary.ledger_amount[currency_], entry.amount_minor);
                ++summary.ledger_count;
            }
            said += entry.sha256 + " " + std::to_string(entry.number) + " " + entry.channel + "\n";
        }
        summary.channel_count = entries_.size();
        for (const auto& row : list.discrepancies) {
            ++summary.discrepancies[row.kind];
            if (row.ledger_amount) {
                count(summary.ledger_amount[currency_], *row.ledger_amount);
                ++summary.ledger_count;
            }
            said += row.id + " " + std::string(name_of(row.kind)) + "\n";
        }
        summary.digest = core::crypto::sha256_hex(said);
    }

    core::db::TenantTransaction& transaction_;
    const BankAccount& account_;
    const config::Bank& bank_;
    core::BusinessDay day_;
    core::Instant now_;
    std::string currency_;
    std::vector<StoredBankEntry> entries_;
    std::vector<Pool> pools_;
    Settling settling_;
};

// Due days of a year that the bank's calendar doesn't speak of are an assumption, which whoever operates it has to
// know.
void warn_of_unknown_year(const BankAccount& account, core::BusinessDay day) {
    const auto* days = account.bank.days.get();
    const int year = static_cast<int>(day.year());
    if (days != nullptr && !days->covers(year)) {
        core::log_warning("calendar_has_no_data", {{"tenant", account.tenant.id.text()},
                                                   {"bank", account.bank.name},
                                                   {"calendar", days->name()},
                                                   {"year", year},
                                                   {"assumed", "weekends only"}});
    }
}

BankDay run_day(const JobContext& context, const BankAccount& account, core::BusinessDay day,
                const std::vector<const payments::bank::Statement*>& statements, const std::filesystem::path& folder) {
    core::db::TenantTransaction transaction(context.database, account.tenant.id);
    lock_channel(transaction, "banks");  // two of them may settle one channel
    warn_of_unknown_year(account, day);
    BankDay done;
    done.day = day;
    done.folder = folder;
    done.fresh = store_statements(transaction, account.bank, statements) > 0;
    done.list = Day(transaction, account, day, context.clock.now()).review();
    done.list.summary.finished_at = context.clock.now();
    store_run(transaction, day, {done.list, true, {}, {}, {}, {}, {}, {}, {}});
    core::write_files_together(folder, review_files(done.list));
    transaction.commit();
    core::log_info("bank_day_reconciled", {{"tenant", account.tenant.id.text()},
                                           {"bank", account.bank.name},
                                           {"business_date", core::format_day(day)},
                                           {"discrepancies", done.list.discrepancies.size()}});
    return done;
}

}  // namespace

std::string bank_folder(const config::Bank& bank) { return "bank-" + bank.name; }

std::vector<BankDay> reconcile_bank(const JobContext& context, const BankAccount& account,
                                    const std::vector<payments::bank::Statement>& statements,
                                    const std::function<std::filesystem::path(core::BusinessDay)>& folder_of) {
    std::map<core::BusinessDay, std::vector<const payments::bank::Statement*>> by_day;
    for (const auto& statement : statements) {
        by_day[statement.day].push_back(&statement);
    }
    std::vector<BankDay> days;
    days.reserve(by_day.size());
    for (const auto& [day, of_day] : by_day) {
        days.push_back(run_day(context, account, day, of_day, folder_of(day)));
    }
    return days;
}

}  // namespace reconciliation
