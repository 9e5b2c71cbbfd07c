// The chain of a tenant's seals and of his closes, as the database has them and as they were published.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/verifier/database.h"
#include "audit/verifier/findings.h"
#include "audit/verifier/published.h"

namespace verifier {

// What the tenant is held against.
struct Evidence {
    std::string tenant;
    std::vector<std::string> public_keys;              // 32 bytes each; one of them signed
    std::optional<std::filesystem::path> published{};  // the tenant's folder
};

// Seals one after the other, each where it was published as it was published, else as the database has it.
class Seals {
public:
    // Checks the chain, the signatures and the files.
    Seals(Snapshot& snapshot, const Evidence& evidence, Findings& findings);

    std::int64_t until_entry() const { return until_.empty() ? 0 : until_.rbegin()->second; }
    // The numbers there are, with where each ends.
    const std::map<std::int64_t, std::int64_t>& ranges() const { return until_; }
    // One of them, whole.
    std::optional<Seal> load(std::int64_t number);

private:
    void check(const std::optional<Seal>& stored, const std::optional<Seal>& file, const std::optional<Seal>& before,
               std::int64_t number);
    std::optional<Seal> stored(std::int64_t number);
    std::optional<Seal> published(std::int64_t number);
    bool holds(const Seal& seal) const;

    Snapshot& snapshot_;
    const Evidence& evidence_;
    Findings& findings_;
    std::map<std::int64_t, std::int64_t> until_;  // of each seal
};

// The same for closes, all of which are kept.
std::vector<Close> checked_closes(Snapshot& snapshot, const Evidence& evidence, Findings& findings);

}  // namespace verifier
