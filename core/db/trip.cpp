#include "core/db/trip.h"

#include <utility>

#include "core/db/work.h"

namespace core::db {

Parameter Trip::parameter(std::string text) {
    require_no_nul(text);
    return {std::move(text)};
}

void Trip::run() {
    if (!steps_.empty()) {
        answers_ = detail::run(transaction_, std::move(steps_));
    }
}

}  // namespace core::db
