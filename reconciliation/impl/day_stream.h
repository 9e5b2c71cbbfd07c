// The two sides of a day, streamed: each line and each movement is a fingerprint, what agrees is settled, and only what
// is left is looked at closely.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reconciliation/impl/booking.h"
#include "reconciliation/impl/day_store.h"
#include "reconciliation/impl/day_totals.h"
#include "reconciliation/job.h"

namespace reconciliation {

struct StreamedDay {
    payments::Statement statement;               // without its lines
    std::vector<payments::StatementLine> lines;  // to be looked at closely, in the statement's order
    std::vector<Record> movements;               // likewise
    LineTotals line_totals;                      // of all lines
    BookTotals book_totals;                      // of all movements of the day
    std::uint64_t settled_pairs = 0;             // that agree in everything
    std::vector<Proved> settled;                 // their money, added up
    MovementSet agreed;                          // which movements these are
    std::string digest;                          // over all of both sides
};

// `items`: what earlier days left open and what of this day is settled later; whatever bears their name is looked at
// closely. Throws InputError when the statement is refused, or when more of it differs than the memory has room for.
StreamedDay stream_day(const JobContext& context, core::db::TenantTransaction& transaction, const Day& day,
                       const std::vector<payments::StatementFile>& files, const std::vector<OpenItem>& items);

}  // namespace reconciliation
