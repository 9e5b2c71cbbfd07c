#include "core/secret.h"

#include <sodium.h>

namespace core {

void wipe(void* memory, std::size_t bytes) noexcept { sodium_memzero(memory, bytes); }

}  // namespace core
