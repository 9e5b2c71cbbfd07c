#include "payments/channels/registry.h"

#include "payments/channels/stripe/stripe.h"
#include "payments/channels/unionpay/unionpay.h"
#include "payments/channels/wechatpay/wechatpay.h"

namespace payments {

const std::vector<ChannelRegistration>& channel_registry() {
    static const std::vector<ChannelRegistration> channels = {
        {"unionpay", "银联", "UnionPay", unionpay::make_channel, unionpay::make_simulator, std::chrono::hours(9)},
        {"wechatpay", "微信支付", "WeChat Pay", wechatpay::make_channel, wechatpay::make_simulator,
         std::chrono::hours(10)},
        {"stripe", "Stripe", "Stripe", stripe::make_channel, stripe::make_simulator, std::chrono::hours(12)},
    };
    return channels;
}

const ChannelRegistration* find_channel(std::string_view name) {
    for (const auto& channel : channel_registry()) {
        if (channel.name == name) {
            return &channel;
        }
    }
    return nullptr;
}

}  // namespace payments
