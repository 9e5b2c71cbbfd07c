#include "payments/channels/unionpay/unionpay.h"

#include <string>
#include <utility>

#include "core/failure.h"
#include "payments/channels/unionpay/authenticity.h"
#include "payments/channels/unionpay/callback.h"
#include "payments/channels/unionpay/dates.h"
#include "payments/channels/unionpay/message.h"
#include "payments/channels/unionpay/settings.h"
#include "payments/channels/unionpay/statement.h"

namespace payments::unionpay {

namespace {

CallbackRefusal refusal(CallbackRefusal::Kind kind, std::string_view reason) { return {kind, std::string(reason)}; }

class UnionPay final : public Channel {
public:
    UnionPay(Options options, ChannelContext context)
        : authenticity_(std::move(options)), context_(std::move(context)) {}

    std::string_view name() const override { return "unionpay"; }
    core::DayCut day_cut() const override { return unionpay::day_cut(); }
    std::string_view callback_content_type() const override { return "application/x-www-form-urlencoded"; }
    CallbackAnswer accepted() const override { return {200, "text/plain", "ok"}; }
    bool returns_fee_on_refund() const override { return true; }

    // The signature covers the decoded fields, so a body that is no form cannot even be judged: bad_content.
    core::Result<CallbackMessage, CallbackRefusal> read_callback(const CallbackRequest& request) const override {
        const auto fields = fields_from_form(request.body);
        if (!fields || fields->empty()) {
            return core::Refused{refusal(CallbackRefusal::Kind::bad_content, fields ? "body_empty" : "form_broken")};
        }
        if (const auto authentic = authenticity_.check(*fields, request.received_at); !authentic) {
            return core::Refused{refusal(CallbackRefusal::Kind::unauthentic, authentic.error())};
        }
        // A genuine message of another merchant, sent here by whoever has seen it.
        if (value_of(*fields, "merId") != merchant_id()) {
            return core::Refused{refusal(CallbackRefusal::Kind::bad_content, "merchant_differs")};
        }
        return read_notification(*fields, context_);
    }

    core::Result<Statement, StatementRefusal> read_lines(const std::vector<StatementFile>& files, core::BusinessDay day,
                                                         RowPick pick, const LineTaker& take) const override {
        return read_settlement(files, {std::string(merchant_id()), day}, context_, pick, take);
    }

private:
    std::string_view merchant_id() const { return authenticity_.options().merchant_id; }

    Authenticity authenticity_;
    ChannelContext context_;
};

}  // namespace

std::unique_ptr<Channel> make_channel(Options options, const ChannelContext& context) {
    core::ensure(check_options(options).empty(), "UnionPay options hold O1 to O4");
    core::ensure(context.redact && context.fingerprint, "a channel can redact");
    return std::make_unique<UnionPay>(std::move(options), context);
}

std::unique_ptr<Channel> make_channel(config::Section& section, const ChannelContext& context) {
    auto options = read_options(section);
    return options ? make_channel(*std::move(options), context) : nullptr;
}

}  // namespace payments::unionpay
