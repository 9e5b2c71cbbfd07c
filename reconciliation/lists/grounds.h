// What a row of the list rests on and what almost agrees with it, for programs: the same in the API and in
// summary.json.
#pragma once

#include <vector>

#include "core/json/writer.h"
#include "reconciliation/discrepancy.h"

namespace reconciliation::lists {

// The members "evidence" and "candidates" of the object under way.
void write_grounds(core::json::Writer& json, const Discrepancy& row);

// The member "leftovers": every row of which one side has nothing, with its grounds.
void write_leftovers(core::json::Writer& json, const std::vector<Discrepancy>& rows);

}  // namespace reconciliation::lists
