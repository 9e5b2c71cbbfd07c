// Which numbers were met in which order: what is missing, what stands elsewhere, what stands there twice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace trail_verifier {

class Places {
public:
    enum class Met { in_its_place, after_a_gap, late, again };

    // A record whose signature holds.
    Met meet(std::int64_t number);
    // One whose signature doesn't: it takes the place that is next, whatever it says.
    std::int64_t take_next() { return next_++; }
    // The place that a record of this number is expected at, or the next that is free.
    std::int64_t next() const { return next_; }

    // Numbers that never came, by the first of them: the last of them.
    const std::map<std::int64_t, std::int64_t>& gaps() const { return gaps_; }

private:
    bool fill(std::int64_t number);

    std::int64_t next_ = 1;
    std::map<std::int64_t, std::int64_t> gaps_;
};

}  // namespace trail_verifier
