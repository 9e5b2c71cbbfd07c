// A night's work: a day of payments in the books of as many tenants as are wanted, and each one's bill.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/db/embedded.h"

namespace bench {

struct NightRun {
    std::int64_t milliseconds = 0;
    std::int64_t cpu_milliseconds = 0;           // of the command
    std::int64_t database_cpu_milliseconds = 0;  // of PostgreSQL meanwhile
    std::int64_t peak_kib = 0;                   // of the command
};

class Night {
public:
    // WeChat Pay's day of `payments` at each of the tenants, booked and on its bill; one in a thousand is on the bill
    // in another amount.
    Night(const std::filesystem::path& folder, std::uint64_t tenants, std::uint64_t payments);
    ~Night();

    // `duizhang nightly` as a process, to its end. Throws std::runtime_error unless each day was found as it was
    // planted; `again`: unless each was found done.
    NightRun run(unsigned workers, bool again) const;

private:
    void configure();
    void book() const;
    void write_bills() const;
    void check(const std::string& answer, bool again) const;

    std::filesystem::path folder_;
    std::string day_;
    std::uint64_t tenants_;
    std::uint64_t payments_;
    std::string merchant_;
    std::unique_ptr<core::db::EmbeddedCluster> cluster_;
};

}  // namespace bench
