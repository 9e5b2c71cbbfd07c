#include "core/db/group_commit.h"

namespace core::db {

GroupFailure group_failure_of(const DatabaseFailure& failure) {
    const auto& state = failure.sqlstate();
    // Gone, or out of disk or memory.
    const bool is_the_server =
        state.starts_with("08") || state.starts_with("53") || state.starts_with("57P") || state.starts_with("58");
    // 23503: a row that was remembered isn't there, since the database was replaced by another.
    const bool is_in_the_way = state == "40P01" || state == "40001" || state == "23505" || state == "23503";
    // The statement's time is over. To try again would take as long once more, and nobody waits for that.
    const bool is_too_slow = state == "57014";
    return {is_in_the_way || is_the_server, state == "55P03", is_the_server || is_too_slow};
}

}  // namespace core::db
