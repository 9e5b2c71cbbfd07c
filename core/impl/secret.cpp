#include "core/secret.h"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace core {

void wipe(void* memory, std::size_t bytes) noexcept { sodium_memzero(memory, bytes); }

void keep_memory_to_ourselves() noexcept {
    // The limit is for what we start, PostgreSQL among it; a program that takes dumps by a pipe doesn't heed it, but
    // heeds the flag.
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace core
