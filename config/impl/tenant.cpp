#include "config/impl/tenant.h"

#include <algorithm>

#include "config/impl/bank.h"
#include "config/impl/plan.h"
#include "config/impl/service.h"
#include "config/impl/split.h"
#include "config/template.h"

namespace config {
namespace {

constexpr std::int64_t kBasisPointsMax = 10'000;
constexpr std::int64_t kPaymentTermsDaysMax = 3660;

std::optional<FeeRate> read_fee(Section& section) {
    const auto currency = read_currency(section, "currency");
    FeeRate fee{std::nullopt, currency.value_or(*core::Currency::from_code("CNY")), 0, 0, core::Rounding::half_up,
                std::nullopt};
    if (const auto from = section.text("valid_from")) {
        fee.valid_from = core::parse_day(*from);
        if (!fee.valid_from) {
            section.complain("valid_from", "must be a day, YYYY-MM-DD");
        }
    }
    fee.basis_points = section.integer("basis_points", 0, kBasisPointsMax).value_or(0);
    fee.fixed_minor = section.integer("fixed", 0, core::kMinorMax).value_or(0);
    if (const auto name = section.text("rounding")) {
        const auto rounding = core::rounding_from_name(*name);
        if (!rounding) {
            section.complain("rounding", "must be half_up, half_even, down or up");
        }
        fee.rounding = rounding.value_or(core::Rounding::half_up);
    }
    if (const auto refund = section.text("refund")) {
        if (*refund != "returned" && *refund != "kept") {
            section.complain("refund", "must be \"returned\" or \"kept\"");
        }
        fee.returned_on_refund = *refund == "returned";
    }
    if (!currency) {
        return std::nullopt;
    }
    return fee;
}

void read_channels(Section& section, const std::vector<std::string>& known_channels, TenantSettings& tenant) {
    for (const auto& name : known_channels) {
        auto channel = section.table(name);
        if (!channel) {
            continue;
        }
        ChannelSettings settings{name, *channel, {}, read_match_rules(*channel)};
        for (auto& fee : channel->tables("fee")) {
            if (const auto rate = read_fee(fee)) {
                settings.fees.push_back(*rate);
            }
        }
        tenant.channels.push_back(std::move(settings));
    }
}

// The template's values stand in the section already. A version is named, so that a newer program changes nothing.
void check_template(Section& section) {
    const auto id = section.text("template");
    const bool known = !id || (id->find('@') != std::string::npos && find_template(tenant_templates(), *id) != nullptr);
    if (!known) {
        std::string ids;
        for (const auto& one : tenant_templates()) {
            ids += (ids.empty() ? "" : ", ") + id_of(one);
        }
        section.complain("template", "there is no \"" + *id + "\"; there are " + ids);
    }
}

}  // namespace

TenantSettings read_tenant(Section section, const std::vector<std::string>& known_channels,
                           const ServiceSettings& service) {
    const std::string id = section.required_text("id");
    const auto name = section.text("name");
    const auto currency = read_currency(section, "currency");
    check_template(section);
    TenantSettings tenant{core::TenantId(id),
                          name.value_or(id),
                          currency.value_or(*core::Currency::from_code("CNY")),
                          {},
                          {},
                          read_rate(section, "callbacks", service.callbacks),
                          read_rate(section, "api", service.api),
                          read_plans(section)};
    tenant.payment_terms_days =
        static_cast<int>(section.integer("payment_terms_days", 0, kPaymentTermsDaysMax).value_or(0));
    read_channels(section, known_channels, tenant);
    std::vector<std::string> channels;
    for (const auto& channel : tenant.channels) {
        channels.push_back(channel.name);
    }
    tenant.banks = read_banks(section, channels);
    for (auto& split : section.tables("split")) {
        auto policy = read_split(split);
        if (!policy) {
            continue;
        }
        const bool there = std::any_of(tenant.splits.begin(), tenant.splits.end(),
                                       [&](const SplitPolicy& other) { return other.name == policy->name; });
        if (there) {
            split.complain("name", "there are two splits called \"" + policy->name + "\"");
        }
        tenant.splits.push_back(std::move(*policy));
    }
    if (!core::is_tenant_id(id)) {
        section.complain("id", "must be 1 to 32 of a-z, 0-9 and -");
    }
    return tenant;
}

}  // namespace config
