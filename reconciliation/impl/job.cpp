#include "reconciliation/job.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"
#include "payments/channels/registry.h"
#include "reconciliation/impl/booking.h"
#include "reconciliation/impl/day_store.h"
#include "reconciliation/impl/equations.h"
#include "reconciliation/impl/sides.h"

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
                          sides.channel_fee_currency[at], record.on_funds});
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
            outcome.used.push_back(sides.ledger[at]);
            use(Side::ledger, sides.ledger[at], sides.ledger_item[at]);
        }
        for (const auto at : group.channel) {
            use(Side::channel, sides.channel[at], sides.channel_item[at]);
        }
    }
}

void sort_outcome(const Sides& sides, const MatchResult& result, core::BusinessDay day, RunOutcome& outcome) {
    for (const auto& pair : result.pairs) {
        outcome.used.push_back(sides.ledger[pair.ledger]);
        for (const auto* item : {sides.ledger_item[pair.ledger], sides.channel_item[pair.channel]}) {
            if (item != nullptr) {
                outcome.closed.push_back(*item);
            }
        }
        // The channel hasn't made up its mind: the books' side waits for its next word.
        if (still_processing(sides.channel[pair.channel]) && sides.ledger_item[pair.ledger] == nullptr) {
            outcome.opened.push_back(opened_item(sides, Side::ledger, pair.ledger, true, day));
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

std::optional<ReviewList> run_day(const JobContext& context, const Day& day,
                                  const std::vector<payments::StatementFile>& files,
                                  const std::filesystem::path& folder, const JobClaim* claim) {
    ReviewList list;
    Summary& summary = list.summary;
    summary.started_at = context.clock.now();
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

    core::db::TenantTransaction transaction(context.database, day.tenant.id);
    if (claim != nullptr && claim->take(transaction) != JobClaim::Answer::taken) {
        return std::nullopt;
    }
    lock_channel(transaction, summary.channel);
    core::db::take_time(transaction);
    auto items = open_items(transaction, summary.channel, day.business_day);
    StreamedDay streamed = stream_day(context, transaction, day, files, items);
    const MatchOptions options = options_for(day, streamed.statement);
    const Sides sides = gather(context, transaction, day, streamed, std::move(items), options);
    summary.equations =
        channel_equations(transaction, summary.channel, day.business_day, streamed.book_totals, streamed.line_totals);
    MatchResult result = match(sides.ledger, sides.channel, options);

    summarise_sides(streamed, summary);
    summary.matched = result.matched + streamed.settled_pairs;
    summary.displaced =
        static_cast<std::uint64_t>(std::count_if(result.pairs.begin(), result.pairs.end(), [&](const Pair& pair) {
            return sides.ledger[pair.ledger].displaced;
        }));
    for (std::size_t i = 0; i < options.rules.size(); ++i) {
        summary.matched_by_rule[options.rules[i].name] += result.by_rule[i];
    }
    summary.cleared = result.cleared;
    summary.carried_in = sides.carried_in;
    const auto total = total_mismatch(day, streamed, options);
    if (total) {
        list.discrepancies.push_back(*total);
    }
    list.discrepancies.insert(list.discrepancies.end(), sides.repeats.begin(), sides.repeats.end());
    list.discrepancies.insert(list.discrepancies.end(), std::make_move_iterator(result.discrepancies.begin()),
                              std::make_move_iterator(result.discrepancies.end()));
    summary.digest =
        core::crypto::sha256_hex(streamed.digest + "\n" + result.digest + (total ? "\ntotals differ" : ""));
    count_kinds(list);
    count_business_days(day, list);
    summary.finished_at = context.clock.now();

    RunOutcome outcome{list, !total, streamed.read, {}, {}, {}, {}, {}};
    if (!total) {
        sort_groups(sides, result, options, outcome);
        sort_outcome(sides, result, day.business_day, outcome);
        auto proved = proved_by(sides, result);
        proved.insert(proved.end(), streamed.settled.begin(), streamed.settled.end());
        book_run(transaction, summary.channel, day.business_day, summary.started_at, proved);
    }
    store_run(transaction, day.business_day, outcome);
    if (claim != nullptr) {
        claim->settle(transaction, JobState::done, "", summary.finished_at);
    }
    core::write_files_together(folder, review_files(list));
    transaction.commit();
    core::log_info("day_reconciled", {{"tenant", summary.tenant},
                                      {"channel", summary.channel},
                                      {"business_date", core::format_day(day.business_day)},
                                      {"discrepancies", list.discrepancies.size()}});
    return list;
}

// Callbacks that belong to the day may come in while it is run; then it is run again with them.
std::optional<ReviewList> run_until_still(const JobContext& context, const Day& day,
                                          const std::vector<payments::StatementFile>& files,
                                          const std::filesystem::path& folder, const JobClaim* claim) {
    constexpr int kTimesMax = 5;
    for (int time = 0; time < kTimesMax; ++time) {
        try {
            return run_day(context, day, files, folder, claim);
        } catch (const DayHasChanged&) {
            core::log_info("day_run_again", {{"tenant", day.tenant.id.text()},
                                             {"channel", day.channel.name()},
                                             {"business_date", core::format_day(day.business_day)}});
        }
    }
    throw core::OutsideFailure("callbacks of the day keep coming in while it is run; run it again later");
}

}  // namespace

ReviewList reconcile_day(const JobContext& context, const Day& day, const std::vector<payments::StatementFile>& files,
                         const std::filesystem::path& folder) {
    auto list = run_until_still(context, day, files, folder, nullptr);
    core::ensure(list.has_value(), "a day that nobody else can claim is run");
    return std::move(*list);
}

std::optional<ReviewList> reconcile_job(const JobContext& context, const Day& day,
                                        const std::vector<payments::StatementFile>& files,
                                        const std::filesystem::path& folder, const JobClaim& claim) {
    return run_until_still(context, day, files, folder, &claim);
}

}  // namespace reconciliation
