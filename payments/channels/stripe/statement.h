// A business day's statement from the files that were delivered for it.
#pragma once

#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "payments/channel.h"
#include "payments/channels/stripe/itemized.h"

namespace payments::stripe {

// One itemized report, plain, .gz or .zip. Refused beside what read_itemized() refuses: the same file twice, a second
// report (the itemized ones tell the same movements), a report of another kind, rows of another day than `day`, and a
// file name whose interval (..._2026-11-18_to_2026-11-19_...) isn't the day's. There are no totals in the reports.
core::Result<Statement, StatementRefusal> read_statement_files(const std::vector<StatementFile>& files,
                                                               core::BusinessDay day, const ItemizedReading& reading,
                                                               RowPick pick, const LineTaker& take);

}  // namespace payments::stripe
