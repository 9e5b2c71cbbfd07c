// A day of many payments in the books of a tenant, and the channel's bill of it: what `duizhang reconcile` works on.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/db/embedded.h"
#include "peers.h"
#include "plant.h"

namespace bench {

// The plant's left side as movements and orders in a PostgreSQL of its own, its right side as WeChat Pay's bill. What
// can't be in the books (a transaction twice) isn't asked for.
class BookedDay {
public:
    BookedDay(const Plant& plant, const std::filesystem::path& folder);
    ~BookedDay();

    const Plant& plant() const { return plant_; }
    // The command, from the bill to the lists; the day is as if it had never been run.
    Run reconcile(const std::string& memory);
    // What PostgreSQL does by itself: COPY of the other side as a plain file, full join with the movements, the same
    // classification.
    Run join_in_postgresql();

private:
    void load();
    void write_bill();
    void forget_run();

    Plant plant_;
    std::filesystem::path folder_;
    std::filesystem::path configuration_;
    std::filesystem::path bill_;
    std::string merchant_;
    std::unique_ptr<core::db::EmbeddedCluster> cluster_;
};

}  // namespace bench
