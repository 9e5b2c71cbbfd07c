// What runs left behind, a page at a time, the latest business day first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/money.h"
#include "core/time.h"

namespace reconciliation {

struct StoredRun {
    std::string channel;
    std::string business_date;
    std::int64_t run_count;
    bool totals_agree;
    std::string digest;
    std::string summary;  // summary.json
    core::Instant started_at;
    core::Instant finished_at;
};

struct StoredDiscrepancy {
    std::string discrepancy_id;
    std::string kind;
    std::string channel;
    std::string business_date;
    std::int64_t place;  // in the review list, from 1
    std::int64_t age_days;

    // What it is of, as the review list has it. Of a run before amounts were kept: nothing.
    struct Subject {
        std::string type;  // empty for total_mismatch
        std::string channel_txn_id;
        std::string merchant_order_id;
        std::optional<core::Money> ledger_amount;  // nothing: the side doesn't have it
        std::optional<core::Money> channel_amount;
        std::optional<core::Money> difference;  // as Discrepancy::difference(); nothing for total_mismatch
        // The business day of the run that found the other side of what was in transit or missing.
        std::optional<std::string> cleared_on;
    };
    std::optional<Subject> subject;
    // {"evidence": [...], "candidates": [...]}: what it rests on and what almost agrees. Likewise.
    std::optional<std::string> told;
};

struct RunFilter {
    std::optional<std::string> channel;
    std::optional<core::BusinessDay> from;
    std::optional<core::BusinessDay> until;
    std::optional<std::string> kind;  // of discrepancies
    // The last of the page before.
    struct Place {
        std::string business_date;
        std::string channel;
        std::int64_t place = 0;  // of discrepancies
    };
    std::optional<Place> before;
};

// What later runs of the day replaced, the latest first: their lists were others.
std::vector<StoredRun> list_superseded(core::db::TenantTransaction& transaction, const std::string& channel,
                                       core::BusinessDay day);
std::vector<StoredRun> list_runs(core::db::TenantTransaction& transaction, const RunFilter& filter, std::int64_t limit);
std::vector<StoredDiscrepancy> list_discrepancies(core::db::TenantTransaction& transaction, const RunFilter& filter,
                                                  std::int64_t limit);

}  // namespace reconciliation
