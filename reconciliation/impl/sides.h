// Gathering the two sides of a day: the statement's lines, the books' movements, and what earlier days left open.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reconciliation/impl/day_store.h"
#include "reconciliation/impl/day_stream.h"
#include "reconciliation/job.h"
#include "reconciliation/match.h"

namespace reconciliation {

// The two sides of a day, ready to be matched, and where each record came from.
struct Sides {
    std::vector<Record> ledger;
    std::vector<Record> channel;
    std::vector<std::string> channel_fee_currency;  // beside `channel`
    std::vector<const OpenItem*> ledger_item;       // beside `ledger`: the open item it is, or nullptr
    std::vector<const OpenItem*> channel_item;
    std::vector<OpenItem> items;       // what the two above point into
    std::vector<Discrepancy> repeats;  // lines of transactions that an earlier day's statement had already
    std::uint64_t carried_in = 0;
};

// Of a streamed day what has to be looked at closely, and what of other days belongs to it. Movements of neighbouring
// days are added to the day's totals.
Sides gather(const JobContext& context, core::db::TenantTransaction& transaction, const Day& day, StreamedDay& streamed,
             std::vector<OpenItem> items, const MatchOptions& options);

}  // namespace reconciliation
