// What a report's reporting_category means here (specs, Stripe section 3.2).
#pragma once

#include <string_view>

#include "payments/transaction.h"

namespace payments::stripe {

struct Category {
    std::string_view name;
    TransactionType type;
    int sign;        // of gross: 1, -1, or 0 where both occur
    bool presented;  // compared in the customer's currency rather than the settlement's
    bool known = true;
};

// An adjustment with `known` false for a category that isn't in Stripe's table.
Category category_of(std::string_view name);

}  // namespace payments::stripe
