// ChannelSimulator: plays a channel as the real one behaves: makes keys, signs callbacks, writes statements in the
// true format. The demo and the tests use it; what it makes depends on its seed and the calls alone (keys and
// signatures apart).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/money.h"
#include "core/time.h"
#include "payments/channel.h"
#include "payments/transaction.h"

namespace payments {

using Random = std::mt19937_64;

// A movement of money in the simulated world: what really happened. The simulator fills the ids.
struct SimulatedTransaction {
    TransactionType type = TransactionType::payment;  // or refund; for callbacks() what else the channel tells of
    std::string merchant_order_id;                    // the payment's
    std::string own_order_id;                         // of a refund; else empty
    core::Money amount;                               // above zero, for a refund too
    core::Instant occurred_at;
    core::BusinessDay business_day;  // the statement it stands on
    core::Money fee;                 // positive costs, negative given back
    // Filled by assign_ids():
    std::string channel_txn_id;
    std::string related_txn_id;
    Attributes attributes;  // trace numbers, payment_intent, balance_transaction ...
    // What became of it, where that isn't success: the channel's own word, in its statement or its callbacks.
    std::string channel_status;
    // What people wrote where the channel lets them, and the card as a careless channel tells it. Empty: as usual.
    std::string remark{};
    std::string card{};
};

struct SignedCallback {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct StatementFaults {
    std::int64_t total_off_by_minor = 0;  // the statement's own total lies by so much
};

class ChannelSimulator {
public:
    virtual ~ChannelSimulator() = default;

    virtual std::string_view channel() const = 0;
    virtual core::DayCut day_cut() const = 0;
    virtual core::Currency currency() const = 0;  // what most of its sales are in

    // Makes keys (once), writes what the tenant holds of them into `keys_folder` (secrets with mode 0600) and returns
    // the configuration's [tenant.NAME] section as TOML, with paths relative to the configuration file, which lies
    // in `config_folder`.
    virtual std::string write_configuration(const std::filesystem::path& config_folder,
                                            const std::filesystem::path& keys_folder) = 0;

    // Gives a payment, or a refund of `payment`, its ids in the channel's shape.
    virtual void assign_ids(SimulatedTransaction& transaction, const SimulatedTransaction* payment,
                            Random& random) const = 0;

    // The signed messages that tell of it, one or more (Stripe: several event types for one payment).
    virtual std::vector<SignedCallback> callbacks(const SimulatedTransaction& transaction, core::Instant signed_at,
                                                  Random& random) const = 0;

    // What else the channel sends about it, and about things that concern nobody here: all signed and true, and none of
    // it moves money that callbacks() doesn't tell of.
    virtual std::vector<SignedCallback> further_callbacks(const SimulatedTransaction& transaction,
                                                          core::Instant signed_at, Random& random) const = 0;

    // The day's statement, named as the channel names it; one file or several.
    virtual std::vector<StatementFile> statement(core::BusinessDay day,
                                                 const std::vector<SimulatedTransaction>& transactions,
                                                 const StatementFaults& faults, Random& random) const = 0;
};

using SimulatorFactory = std::unique_ptr<ChannelSimulator> (*)(const std::string& tenant, std::uint64_t seed);

}  // namespace payments
