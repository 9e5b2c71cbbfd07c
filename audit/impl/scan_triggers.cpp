#include "audit/impl/scan_triggers.h"

#include "audit/impl/scan_masks.h"

namespace audit::impl {

std::size_t find_triggers(std::string_view text, std::size_t from, std::size_t until, std::vector<Trigger>& out,
                          Lanes lanes) {
    return lanes == Lanes::avx2 ? find_triggers_avx2(text, from, until, out)
                                : find_triggers_plain(text, from, until, out);
}

}  // namespace audit::impl
