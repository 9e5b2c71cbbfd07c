// Options out of [tenant.unionpay].
#pragma once

#include <optional>

#include "payments/channels/unionpay/unionpay.h"

namespace payments::unionpay {

// Nothing when the section complained. Reads every key of the channel but the fee tables.
std::optional<Options> read_options(config::Section& section);

}  // namespace payments::unionpay
