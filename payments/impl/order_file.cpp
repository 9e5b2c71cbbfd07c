// Orders files: JSON lines or CSV, contract section 5.
#include <map>
#include <optional>

#include "ledger/split.h"
#include "payments/impl/row_file.h"
#include "payments/order.h"

namespace payments {
namespace {

constexpr std::size_t kDescriptionBytesMax = 512;

const RowForm& orders_form() {
    static const RowForm form{
        "order",
        {"merchant_order_id", "amount", "currency", "created_at", "split", "description", "due_date"},
        "amount"};
    return form;
}

std::string split_shares(const std::string& name, const config::TenantSettings& tenant, const Place& place) {
    if (name.empty()) {
        return {};
    }
    for (const auto& policy : tenant.splits) {
        if (policy.name == name) {
            return ledger::terms_to_text(policy);
        }
    }
    place.refuse("split", "\"" + name + "\" is not configured; add [[tenant.split]] or leave the field out");
}

std::optional<core::BusinessDay> due_date(const Fields& fields, const Place& place) {
    const auto text = optional_text(fields, "due_date");
    const auto day = core::parse_day(text);
    if (!text.empty() && !day) {
        place.refuse("due_date", "is no day; write e.g. 2026-12-17, or leave the field out");
    }
    return day;
}

// `otherwise`: when an order was made that doesn't say.
Order order_from(const Fields& fields, const config::TenantSettings& tenant, const Place& place,
                 std::optional<core::Instant> otherwise = std::nullopt) {
    const auto& form = orders_form();
    const auto id = order_number(fields, form, place);
    const auto currency = core::Currency::from_code(required(fields, "currency", form, place));
    if (!currency) {
        place.refuse("currency", "is no ISO 4217 code; write e.g. CNY");
    }
    const auto minor = core::minor_from_integer(required(fields, "amount", form, place));
    if (!minor) {
        place.refuse("amount",
                     std::string(core::describe(minor.error())) + "; write whole minor units, e.g. 12345 for 123.45");
    }
    if (*minor <= 0 || *minor > core::kMinorMax) {
        place.refuse("amount", "must be from 1 to " + std::to_string(core::kMinorMax) + " minor units");
    }
    const auto created =
        otherwise && !fields.contains("created_at") ? *otherwise : required_time(fields, "created_at", form, place);
    const std::string description = optional_text(fields, "description");
    if (description.size() > kDescriptionBytesMax) {
        place.refuse("description", "is longer than " + std::to_string(kDescriptionBytesMax) + " bytes");
    }
    const std::string split = optional_text(fields, "split");
    return {core::MerchantOrderId(id),
            core::Money(*minor, *currency),
            created,
            split,
            split_shares(split, tenant, place),
            place.redact(description),
            due_date(fields, place),
            tenant.payment_terms_days};
}

}  // namespace

Order read_order(std::string_view json, const config::TenantSettings& tenant, core::Instant now,
                 const std::function<std::string(std::string_view)>& redact) {
    const std::string name = "order";
    const Place place{name, 1, redact};
    return order_from(fields_of_json(json, orders_form(), place), tenant, place, now);
}

std::vector<Order> read_orders(const std::string& shown_name, std::string_view text,
                               const config::TenantSettings& tenant,
                               const std::function<std::string(std::string_view)>& redact) {
    std::vector<Order> orders;
    std::map<std::string, std::uint64_t> seen;
    each_row(shown_name, text, orders_form(), redact, [&](const Fields& fields, const Place& place) {
        orders.push_back(order_from(fields, tenant, place));
        const auto [at, fresh] = seen.emplace(orders.back().id.text(), place.line);
        if (!fresh) {
            place.refuse("merchant_order_id", "stands in line " + std::to_string(at->second) + " already");
        }
    });
    return orders;
}

}  // namespace payments
