// A merchant's days to reconcile: callbacks taken in, and statements, first as delivered and then corrected.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "payments/simulator.h"
#include "tests/faults/harness/process.h"

namespace faults {

// One tenant with all channels and a bank account that WeChat Pay settles into; three days of each channel. The second
// day's statement is delivered wrong: a payment is missing, one has another amount, a line is nobody's, and what was
// paid near the cut is listed by the day after. The corrected one lists all as it was.
class Nights {
public:
    static constexpr const char* kTenant = "shop";

    // Makes keys and writes duizhang.toml, with `database` as the section's lines.
    Nights(const std::filesystem::path& folder, const std::string& database, std::uint64_t seed);

    // Orders and callbacks, into the database that the configuration names, which is migrated with it.
    void take_in();
    // What is delivered into the statement folders; lists and seals of other nights are gone with `anew`.
    void deliver(bool corrected, bool anew) const;
    std::size_t channel_days() const;

    Program nightly() const;
    Ran duizhang(std::vector<std::string> words) const;
    // Every review list that was published, one after the other.
    std::string lists() const;

private:
    struct ChannelDays {
        std::unique_ptr<payments::ChannelSimulator> simulator;
        std::vector<payments::SimulatedTransaction> told;
        // By day.
        std::vector<std::vector<payments::SimulatedTransaction>> delivered, corrected;
    };

    core::BusinessDay day(int number) const;
    payments::SimulatedTransaction pay(ChannelDays& days, int on_day, std::chrono::minutes before_cut);
    void make(ChannelDays& days);
    void write_configuration(const std::string& database) const;
    void write_bank_statement() const;
    std::filesystem::path configuration() const { return folder_ / "duizhang.toml"; }

    std::filesystem::path folder_;
    mutable payments::Random random_;
    core::BusinessDay first_day_;
    std::vector<ChannelDays> channels_;
    int payments_ = 0;
};

}  // namespace faults
