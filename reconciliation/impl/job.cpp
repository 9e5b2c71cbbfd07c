#include "reconciliation/job.h"

#include <future>
#include <memory>
#include <utility>

#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"
#include "reconciliation/impl/day_run.h"
#include "reconciliation/impl/day_store.h"
#include "reconciliation/impl/moved.h"
#include "reconciliation/kept.h"

namespace reconciliation {
namespace {

// Beside the run, which waits for the database most of the time. Nothing where nothing is kept.
std::future<std::vector<PackedStatement>> pack_files(const JobContext& context,
                                                     const std::vector<payments::StatementFile>& files) {
    return std::async(std::launch::async, [&context, &files] {
        std::vector<PackedStatement> packed;
        if (context.keys != nullptr) {
            for (const auto& file : files) {
                packed.push_back(pack_statement(file.bytes));
            }
        }
        return packed;
    });
}

// Compares both sides as they are in one moment, in which runs know the business day of each movement. Its transaction
// holds the channel, and the day's job when it is one; nothing when somebody else has that.
std::unique_ptr<core::db::TenantTransaction> compare_locked(const JobContext& context, const Day& day, DayRun& run,
                                                            const JobClaim* claim) {
    const auto& channel = run.list().summary.channel;
    while (true) {
        auto transaction = std::make_unique<core::db::TenantTransaction>(context.database, day.tenant.id);
        if (claim != nullptr && claim->take(*transaction) != JobClaim::Answer::taken) {
            return nullptr;
        }
        lock_channel(*transaction, channel);
        core::db::TenantTransaction reading(context.database, day.tenant.id,
                                            core::db::TenantTransaction::Sees::one_moment);
        if (!any_moved(reading, channel)) {
            core::db::take_time(*transaction);
            core::db::take_time(reading);
            run.compare(reading);
            return transaction;
        }
        follow_moved(*transaction, channel);
        transaction->commit();
    }
}

std::optional<ReviewList> run_day(const JobContext& context, const Day& day,
                                  const std::vector<payments::StatementFile>& files,
                                  const std::filesystem::path& folder, const JobClaim* claim) {
    auto packed = pack_files(context, files);
    DayRun run(context, day, files);
    const Summary& summary = run.list().summary;
    auto held = compare_locked(context, day, run, claim);
    if (!held) {
        return std::nullopt;
    }
    auto& transaction = *held;
    run.book(transaction);
    run.store(transaction);
    // With the run: what it says of a statement's lines can be looked up as long as the run stands.
    for (const auto& file : packed.get()) {
        (void)keep_statement(transaction, *context.keys, file, context.clock.now());
    }
    if (claim != nullptr) {
        claim->settle(transaction, JobState::done, "", summary.finished_at);
    }
    core::write_files_together(folder, review_files(run.list()));
    transaction.commit();
    core::log_info("day_reconciled", {{"tenant", summary.tenant},
                                      {"channel", summary.channel},
                                      {"business_date", core::format_day(day.business_day)},
                                      {"discrepancies", run.list().discrepancies.size()}});
    return std::move(run.list());
}

}  // namespace

ReviewList reconcile_day(const JobContext& context, const Day& day, const std::vector<payments::StatementFile>& files,
                         const std::filesystem::path& folder) {
    auto list = run_day(context, day, files, folder, nullptr);
    core::ensure(list.has_value(), "a day that nobody else can claim is run");
    return std::move(*list);
}

std::optional<ReviewList> reconcile_job(const JobContext& context, const Day& day,
                                        const std::vector<payments::StatementFile>& files,
                                        const std::filesystem::path& folder, const JobClaim& claim) {
    return run_day(context, day, files, folder, &claim);
}

}  // namespace reconciliation
