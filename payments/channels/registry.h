// The channels there are. Adding one is one line in registry.cpp.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "payments/channel.h"
#include "payments/simulator.h"

namespace payments {

struct ChannelRegistration {
    std::string_view name;
    std::string_view label_zh;
    std::string_view label_en;
    ChannelFactory make;
    SimulatorFactory make_simulator;
    // Unless configured otherwise: when, in the zone of its day, a day's statement is there on the next.
    std::chrono::minutes published_at{};
};

const std::vector<ChannelRegistration>& channel_registry();
const ChannelRegistration* find_channel(std::string_view name);

}  // namespace payments
