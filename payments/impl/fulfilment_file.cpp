// Files of fulfilments.
#include <map>

#include "payments/impl/row_file.h"
#include "payments/release.h"

namespace payments {
namespace {

const RowForm& fulfilments_form() {
    static const RowForm form{"fulfilment", {"merchant_order_id", "fulfilled_at"}, ""};
    return form;
}

}  // namespace

std::vector<Fulfilment> read_fulfilments(const std::string& shown_name, std::string_view text, core::Instant now,
                                         const std::function<std::string(std::string_view)>& redact) {
    std::vector<Fulfilment> fulfilments;
    std::map<std::string, std::uint64_t> seen;
    each_row(shown_name, text, fulfilments_form(), redact, [&](const Fields& fields, const Place& place) {
        const auto id = order_number(fields, fulfilments_form(), place);
        const auto at = required_time(fields, "fulfilled_at", fulfilments_form(), place);
        if (at > now) {
            place.refuse("fulfilled_at", "has not come yet; tell it when it has");
        }
        const auto [line, fresh] = seen.emplace(id, place.line);
        if (!fresh) {
            place.refuse("merchant_order_id", "stands in line " + std::to_string(line->second) + " already");
        }
        fulfilments.push_back({core::MerchantOrderId(id), at});
    });
    return fulfilments;
}

}  // namespace payments
