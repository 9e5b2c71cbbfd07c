// WeChat Pay (API v3): signed callbacks, trade bills, and a simulator of both.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "config/section.h"
#include "payments/channel.h"
#include "payments/channels/wechatpay/options.h"
#include "payments/simulator.h"

namespace payments::wechatpay {

// From the configuration's [tenant.wechatpay]; nothing when it complained there. See read_options().
std::unique_ptr<payments::Channel> make_channel(config::Section& section, const ChannelContext& context);

// From options made by hand. There must be a verifier, a merchant number and an API v3 key of 32 bytes
// (core::BrokenRule otherwise): a channel without a key would have to refuse everything or trust everything.
std::unique_ptr<payments::Channel> make_channel(Options options, const ChannelContext& context);

std::unique_ptr<payments::ChannelSimulator> make_simulator(const std::string& tenant, std::uint64_t seed);

}  // namespace payments::wechatpay
