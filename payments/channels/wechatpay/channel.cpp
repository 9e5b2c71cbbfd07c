#include <utility>

#include "core/failure.h"
#include "payments/channels/wechatpay/authenticity.h"
#include "payments/channels/wechatpay/notification.h"
#include "payments/channels/wechatpay/statement.h"
#include "payments/channels/wechatpay/wechatpay.h"

namespace payments::wechatpay {
namespace {

// Immutable once made, so that callbacks of many connections can be read at once.
class WechatPay final : public payments::Channel {
public:
    WechatPay(Options options, ChannelContext context) : options_(std::move(options)), context_(std::move(context)) {}

    std::string_view name() const override { return "wechatpay"; }

    core::DayCut day_cut() const override { return {std::string(kZone), std::chrono::minutes{0}}; }

    core::Result<CallbackMessage, CallbackRefusal> read_callback(const CallbackRequest& request) const override {
        const auto verifier = authenticate(request, options_.verifiers);
        if (!verifier) {
            return core::Refused{verifier.error()};
        }
        return read_notification(request.body, **verifier, options_, context_);
    }

    std::string_view callback_content_type() const override { return "application/json"; }

    // The status code is all that WeChat Pay looks at (spec 1.9).
    CallbackAnswer accepted() const override { return {204, "", ""}; }

    core::Result<Statement, StatementRefusal> read_lines(const std::vector<StatementFile>& files, core::BusinessDay day,
                                                         RowPick pick, const LineTaker& take) const override {
        return read_wechatpay_statement(files, day, options_.merchant, context_, pick, take);
    }

    bool returns_fee_on_refund() const override { return true; }

private:
    Options options_;
    ChannelContext context_;
};

}  // namespace

std::unique_ptr<payments::Channel> make_channel(Options options, const ChannelContext& context) {
    core::ensure(!options.verifiers.empty() && !options.merchant.id.empty() &&
                     options.api_v3_key.reveal().size() == kApiV3KeyBytes,
                 "a WeChat Pay channel has a merchant, a verifier and an API v3 key");
    return std::make_unique<WechatPay>(std::move(options), context);
}

std::unique_ptr<payments::Channel> make_channel(config::Section& section, const ChannelContext& context) {
    auto options = read_options(section);
    return options ? make_channel(*std::move(options), context) : nullptr;
}

}  // namespace payments::wechatpay
