#include "ledger/request_key.h"

#include "core/crypto/digest.h"

namespace ledger {

std::string make_request_key(const core::TenantId& tenant, std::string_view order, core::Instant at,
                             std::string_view nonce) {
    const auto milliseconds = std::to_string(at.time_since_epoch().count());
    std::string bytes;
    for (const std::string_view part :
         {std::string_view(tenant.text()), order, std::string_view(milliseconds), nonce}) {
        bytes += std::to_string(part.size()) + ":";
        bytes += part;
    }
    return core::crypto::sha256_hex(bytes);
}

}  // namespace ledger
