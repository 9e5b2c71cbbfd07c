// Payouts as the API and the commands show them.
#pragma once

#include "core/json/writer.h"
#include "ledger/payouts.h"

namespace server::api {

void write_payout(core::json::Writer& json, const ledger::Payout& payout);

}  // namespace server::api
