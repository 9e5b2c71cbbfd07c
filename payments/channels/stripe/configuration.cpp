// From [tenant.stripe] to Options.
#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "payments/channels/stripe/stripe.h"

namespace payments::stripe {
namespace {

constexpr std::size_t kSecretsMax = 8;
constexpr std::size_t kOrderKeyBytesMax = 40;  // Stripe's own limit for metadata keys

// An editor ends a file with a line end, which Stripe's secret has not.
core::KeyBytes without_line_end(const core::KeyBytes& secret) {
    auto text = secret.reveal();
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.remove_suffix(1);
    }
    return core::KeyBytes(std::string(text));
}

// What stands in the Dashboard beside the endpoint's secret, and is no use here. A test mode's at a live account is
// more than a mix-up: whoever develops knows it, and would be believed.
const char* complaint_about(const core::KeyBytes& secret, bool livemode) {
    const auto text = secret.reveal();
    const auto begins_with = [text](std::initializer_list<std::string_view> prefixes) {
        return std::any_of(prefixes.begin(), prefixes.end(), [text](auto prefix) { return text.starts_with(prefix); });
    };
    if (livemode && begins_with({"sk_test_", "rk_test_", "pk_test_", "whsec_test_"})) {
        return "names a test key, and the account is a live one (livemode is true)";
    }
    if (begins_with({"sk_", "rk_", "pk_"})) {
        return "names an API key; wanted is the endpoint's signing secret, whsec_...";
    }
    return nullptr;
}

std::vector<core::KeyBytes> read_secrets(config::Section& section, bool livemode) {
    std::vector<core::KeyBytes> secrets;
    const auto items = section.list("webhook_secrets");
    if (items.empty() || items.size() > kSecretsMax) {
        section.complain("webhook_secrets", R"(needs 1 to 8 secret references, such as "file:keys/stripe.secret")");
        return secrets;
    }
    for (const auto& item : items) {
        if (!item.text) {
            section.complain("webhook_secrets", "holds something that is no secret reference");
            continue;
        }
        auto secret = without_line_end(section.resolve_secret("webhook_secrets", *item.text));
        if (const char* complaint = complaint_about(secret, livemode)) {
            section.complain("webhook_secrets", complaint);
        } else if (!secret.empty()) {
            secrets.push_back(std::move(secret));
        } else if (!section.complained()) {
            section.complain("webhook_secrets", "names a secret that is empty");
        }
    }
    return secrets;
}

}  // namespace

std::unique_ptr<Channel> make_channel(config::Section& section, const ChannelContext& context) {
    Options options;
    options.account = section.required_text("account");
    options.livemode = section.boolean("livemode").value_or(options.livemode);
    options.webhook_secrets = read_secrets(section, options.livemode);
    options.order_key = section.text("order_key").value_or(options.order_key);
    options.time_zone = section.text("time_zone").value_or(options.time_zone);
    if (options.account.empty() && !section.complained()) {
        section.complain("account", "is empty");
    }
    if (options.order_key.empty() || options.order_key.size() > kOrderKeyBytesMax) {
        section.complain("order_key", "must have 1 to 40 bytes");
    }
    if (!core::zone_exists(options.time_zone)) {
        section.complain("time_zone", R"(is no time zone of this system; a name such as "UTC" or "Asia/Shanghai")");
    }
    if (section.complained()) {
        return nullptr;
    }
    return make_channel(std::move(options), context);
}

}  // namespace payments::stripe
