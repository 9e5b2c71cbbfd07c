#include "reconciliation/impl/day_run.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "payments/channels/registry.h"
#include "reconciliation/impl/booking.h"
#include "reconciliation/impl/equations.h"
#include "reconciliation/impl/rate_search.h"
#include "reconciliation/impl/records.h"

namespace reconciliation {
namespace {

bool still_processing(const Record& channel) { return channel.status == payments::TransactionStatus::processing; }

// What the group's lines add up to, above the books' records.
std::int64_t rest_of(const RuleGroup& group, const Sides& sides) {
    std::optional<std::int64_t> rest = 0;
    for (const auto at : group.channel) {
        rest = rest ? core::checked_add(*rest, sides.channel[at].amount) : std::nullopt;
    }
    for (const auto at : group.ledger) {
        rest = rest ? core::checked_subtract(*rest, sides.ledger[at].amount) : std::nullopt;
    }
    core::ensure(rest.has_value(), "what a rule adds up fits 64 bits");
    return *rest;
}

std::vector<Proved> proved_by(const Sides& sides, const MatchResult& result) {
    const std::set<std::size_t> waiting(result.timing_channel.begin(), result.timing_channel.end());
    std::vector<Proved> proved;
    const auto add = [&](Proved::How how, std::size_t at, bool with_fee) {
        const Record& record = sides.channel[at];
        proved.push_back({how, record.type, record.amount, record.currency, with_fee ? record.fee : std::nullopt,
                          sides.channel_fee_currency[at], record.on_funds, std::nullopt, item_key(record)});
    };
    for (const auto& pair : result.pairs) {
        if (!pair.settles) {
            continue;
        }
        const OpenItem* item = sides.channel_item[pair.channel];
        const bool booked_before = item != nullptr && !item->waiting;
        // What an earlier run listed as unknown stands on transit:customer, its fee booked with it.
        add(booked_before ? Proved::How::found_later : Proved::How::settled, pair.channel, !booked_before);
        if (pair.rule) {
            proved.back().booked = sides.ledger[pair.ledger].amount;
        }
    }
    for (const auto& group : result.groups) {
        // Of its lines the first takes what they are above the books' records.
        std::int64_t rest = rest_of(group, sides);
        for (const auto at : group.channel) {
            add(Proved::How::settled, at, true);
            const auto booked = core::checked_subtract(sides.channel[at].amount, std::exchange(rest, 0));
            core::ensure(booked.has_value(), "what a rule adds up fits 64 bits");
            proved.back().booked = *booked;
        }
    }
    for (const auto at : result.channel_only) {
        const Record& record = sides.channel[at];
        const OpenItem* item = sides.channel_item[at];
        const bool booked_before = item != nullptr && !item->waiting;
        if (waiting.contains(at) || booked_before || record.status != payments::TransactionStatus::captured) {
            continue;
        }
        add(record.type == payments::TransactionType::fee ? Proved::How::fee_only : Proved::How::unknown, at, true);
    }
    return proved;
}

OpenItem opened_item(const Sides& sides, Side side, std::size_t at, bool waiting, core::BusinessDay day) {
    const bool ledger = side == Side::ledger;
    return {side, day, waiting, ledger ? sides.ledger[at] : sides.channel[at],
            ledger ? std::string() : sides.channel_fee_currency[at]};
}

// Sorts what is on one side only into what this day opens and what of earlier days is missing now.
void sort_single(const Sides& sides, Side side, const std::vector<std::size_t>& alone,
                 const std::vector<std::size_t>& timing, core::BusinessDay day, RunOutcome& outcome) {
    const std::set<std::size_t> waits(timing.begin(), timing.end());
    const auto& items = side == Side::ledger ? sides.ledger_item : sides.channel_item;
    for (const auto at : alone) {
        if (items[at] != nullptr && items[at]->waiting) {
            if (!waits.contains(at)) {
                outcome.now_missing.push_back(*items[at]);
            }
        } else if (items[at] == nullptr) {
            outcome.opened.push_back(opened_item(sides, side, at, waits.contains(at), day));
        }
    }
}

void sort_groups(const Sides& sides, const MatchResult& result, const MatchOptions& options, RunOutcome& outcome) {
    int number = 0;
    for (const auto& group : result.groups) {
        ++number;
        const auto use = [&](Side side, const Record& record, const OpenItem* item) {
            outcome.rule_uses.push_back({side, options.day, options.rules[group.rule].name, number, record});
            if (item != nullptr) {
                outcome.closed.push_back(*item);
            }
        };
        for (const auto at : group.ledger) {
            outcome.used.push_back({sides.ledger[at], true});
            use(Side::ledger, sides.ledger[at], sides.ledger_item[at]);
        }
        for (const auto at : group.channel) {
            use(Side::channel, sides.channel[at], sides.channel_item[at]);
        }
    }
}

void sort_outcome(const Sides& sides, const MatchResult& result, core::BusinessDay day, RunOutcome& outcome) {
    for (const auto& pair : result.pairs) {
        outcome.used.push_back({sides.ledger[pair.ledger], pair.settles});
        // The channel hasn't made up its mind: the books' side waits for its next word.
        if (still_processing(sides.channel[pair.channel])) {
            if (sides.ledger_item[pair.ledger] == nullptr) {
                outcome.opened.push_back(opened_item(sides, Side::ledger, pair.ledger, true, day));
            }
            continue;
        }
        for (const auto* item : {sides.ledger_item[pair.ledger], sides.channel_item[pair.channel]}) {
            if (item != nullptr) {
                outcome.closed.push_back(*item);
            }
        }
    }
    sort_single(sides, Side::ledger, result.ledger_only, result.timing_ledger, day, outcome);
    sort_single(sides, Side::channel, result.channel_only, result.timing_channel, day, outcome);
}

void summarise_sides(const StreamedDay& streamed, Summary& summary) {
    summary.ledger_count = streamed.book_totals.count();
    summary.ledger_amount = streamed.book_totals.amounts();
    summary.channel_count = streamed.line_totals.count();
    summary.channel_amount = streamed.line_totals.amounts();
    summary.channel_fee = streamed.line_totals.fees();
    for (const auto& file : streamed.statement.files) {
        summary.statements.push_back({file.name, file.sha256, file.lines});
    }
}

// The statement's own totals are not the sum of its lines: one row.
std::optional<Discrepancy> total_mismatch(const Day& day, const StreamedDay& streamed, const MatchOptions& options) {
    Discrepancy row{};
    row.kind = DiscrepancyKind::total_mismatch;
    for (const auto& total : streamed.statement.totals) {
        if (!total.agrees()) {
            row.totals.push_back({total.name, total.stated, total.actual});
        }
    }
    if (row.totals.empty()) {
        return std::nullopt;
    }
    row.id = core::crypto::sha256_hex("total\n" + options.tenant + "\n" + options.channel + "\n" +
                                      core::format_day(day.business_day))
                 .substr(0, 16);
    const auto currency = streamed.line_totals.first_currency().value_or(day.tenant.currency);
    row.channel_currency = std::string(currency.code());
    row.channel_exponent = currency.exponent();
    row.item_day = day.business_day;
    for (const auto& file : streamed.statement.files) {
        row.evidence.push_back(file.name);
    }
    return row;
}

void count_kinds(ReviewList& list) {
    for (const auto& discrepancy : list.discrepancies) {
        ++list.summary.discrepancies[discrepancy.kind];
        list.summary.carried_out += discrepancy.kind == DiscrepancyKind::timing ? 1 : 0;
    }
}

void count_business_days(const Day& day, ReviewList& list) {
    const auto* calendar = day.calendar == nullptr ? nullptr : day.calendar->at(day.business_day).days.get();
    if (calendar == nullptr) {
        return;
    }
    for (auto& row : list.discrepancies) {
        row.age_business_days = config::business_days_between(*calendar, row.item_day, day.business_day);
    }
}

std::vector<config::MatchRule> rules_of(const Day& day) {
    for (const auto& configured : day.tenant.channels) {
        if (configured.name == day.channel.name()) {
            return config::rules_in_force(configured.rules, day.business_day);
        }
    }
    return {};
}

MatchOptions options_for(const Day& day, const payments::Statement& statement) {
    MatchOptions options;
    options.tenant = day.tenant.id.text();
    options.channel = std::string(day.channel.name());
    options.day = day.business_day;
    options.rules = rules_of(day);
    if (const auto calendar = day.calendar == nullptr ? nullptr : day.calendar->at(day.business_day).days) {
        options.business_days_between = [calendar](core::BusinessDay first, core::BusinessDay last) {
            return config::business_days_between(*calendar, first, last);
        };
    }
    for (const auto& file : statement.files) {
        options.statement_files.push_back(file.name);
    }
    return options;
}

void name_day(const Day& day, Summary& summary) {
    summary.tenant = day.tenant.id.text();
    summary.tenant_name = day.tenant.name;
    summary.channel = std::string(day.channel.name());
    summary.business_date = day.business_day;
    summary.day_cut = day.channel.day_cut();
    if (const auto* registered = payments::find_channel(summary.channel)) {
        summary.channel_label_zh = std::string(registered->label_zh);
        summary.channel_label_en =
            registered->label_en == registered->label_zh ? std::string() : std::string(registered->label_en);
    }
}

}  // namespace

DayRun::DayRun(const JobContext& context, const Day& day, const std::vector<payments::StatementFile>& files)
    : context_(context), day_(day), files_(files) {
    list_.summary.started_at = context.clock.now();
    name_day(day, list_.summary);
}

void DayRun::compare(core::db::TenantTransaction& transaction) {
    Summary& summary = list_.summary;
    auto items = open_items(transaction, summary.channel, day_.business_day);
    auto later = items_settled_later(transaction, summary.channel, day_.business_day);
    std::move(later.begin(), later.end(), std::back_inserter(items));
    streamed_ = stream_day(context_, transaction, day_, files_, items);
    options_ = options_for(day_, streamed_.statement);
    sides_ = gather(context_, transaction, day_, streamed_, std::move(items), options_);
    summary.equations = channel_equations(transaction, summary.channel, day_.business_day, streamed_.book_totals,
                                          streamed_.line_totals);
    result_ = match(sides_.ledger, sides_.channel, options_);
    summarise_sides(streamed_, summary);
    summarise_result();
    if (const auto total = total_mismatch(day_, streamed_, options_)) {
        totals_agree_ = false;
        list_.discrepancies.push_back(*total);
    }
    list_repeats();
    list_.discrepancies.insert(list_.discrepancies.end(), std::make_move_iterator(result_.discrepancies.begin()),
                               std::make_move_iterator(result_.discrepancies.end()));
    summary.digest =
        core::crypto::sha256_hex(streamed_.digest + "\n" + result_.digest + (totals_agree_ ? "" : "\ntotals differ"));
    count_kinds(list_);
    explain_fees();
    count_business_days(day_, list_);
    summary.finished_at = context_.clock.now();
}

// Whose movement waits here for what a later day's run has settled has one row nevertheless.
void DayRun::list_repeats() {
    for (auto& row : sides_.repeats) {
        const auto alone = std::find_if(result_.discrepancies.begin(), result_.discrepancies.end(),
                                        [&](const Discrepancy& other) { return other.id == row.id; });
        if (alone != result_.discrepancies.end()) {
            row.also.push_back(alone->kind);
            row.also.insert(row.also.end(), alone->also.begin(), alone->also.end());
            result_.discrepancies.erase(alone);
        }
        list_.discrepancies.push_back(row);
    }
}

void DayRun::summarise_result() {
    Summary& summary = list_.summary;
    summary.matched = result_.matched + streamed_.settled_pairs;
    summary.displaced =
        static_cast<std::uint64_t>(std::count_if(result_.pairs.begin(), result_.pairs.end(), [&](const Pair& pair) {
            return sides_.ledger[pair.ledger].displaced;
        }));
    for (std::size_t i = 0; i < options_.rules.size(); ++i) {
        summary.matched_by_rule[options_.rules[i].name] += result_.by_rule[i];
    }
    summary.cleared = result_.cleared;
    summary.carried_in = sides_.carried_in;
}

void DayRun::explain_fees() {
    const auto about_fee = [](const Discrepancy& row) {
        return row.type == payments::TransactionType::payment && row.channel_fee && row.channel_amount &&
               (row.kind == DiscrepancyKind::fee_mismatch ||
                std::count(row.also.begin(), row.also.end(), DiscrepancyKind::fee_mismatch) > 0);
    };
    // A rate explains many fees or none: for some odd ones the statement isn't read once more.
    constexpr std::uint64_t kOddOnesIn = 2000;
    const auto odd = std::count_if(list_.discrepancies.begin(), list_.discrepancies.end(), about_fee);
    if (static_cast<std::uint64_t>(odd) * kOddOnesIn < std::max<std::uint64_t>(streamed_.line_totals.count(), 1)) {
        return;
    }
    std::map<std::string, ChargedFees> by_currency;
    const auto again = day_.channel.read_lines(files_, day_.business_day, {}, [&](payments::StatementLine&& line) {
        if (line.type == payments::TransactionType::payment &&
            expected_fee(line, day_.fees, day_.channel, day_.business_day)) {
            by_currency[std::string(line.amount.currency().code())].add(line.amount.minor(), line.fee->minor());
        }
    });
    core::ensure(static_cast<bool>(again), "a statement that was read reads the same again");
    for (const auto& [code, fees] : by_currency) {
        const auto currency = core::Currency::from_code(code);
        const auto* contract = currency ? rate_for(day_.fees, *currency, day_.business_day) : nullptr;
        const auto found = contract == nullptr ? std::nullopt : find_rate(fees, *contract);
        if (!found) {
            continue;
        }
        list_.summary.found_rates.push_back(*found);
        for (auto& row : list_.discrepancies) {
            if (about_fee(row) && row.currency() == code && fee_by(*found, *row.channel_amount) == *row.channel_fee) {
                row.found_rate = *found;
            }
        }
    }
}

std::vector<Proved> DayRun::proved() const {
    auto proved = proved_by(sides_, result_);
    proved.insert(proved.end(), streamed_.settled.begin(), streamed_.settled.end());
    return proved;
}

void DayRun::book(core::db::TenantTransaction& transaction) const {
    if (totals_agree_) {
        book_run(transaction, list_.summary.channel, day_.business_day, list_.summary.started_at, proved());
    }
}

void DayRun::store(core::db::TenantTransaction& transaction) const {
    RunOutcome outcome{list_, totals_agree_, streamed_.agreed, {}, {}, {}, {}, {}, {}};
    if (totals_agree_) {
        sort_groups(sides_, result_, options_, outcome);
        sort_outcome(sides_, result_, day_.business_day, outcome);
        outcome.proved = proved();
    }
    store_run(transaction, day_.business_day, outcome);
}

}  // namespace reconciliation
