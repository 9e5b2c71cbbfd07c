#include "core/memory.h"

#include <malloc.h>

// Of tcmalloc, where the program is linked with it.
extern "C" void MallocExtension_ReleaseFreeMemory() __attribute__((weak));

namespace core {

void give_back_memory() noexcept {
    if (MallocExtension_ReleaseFreeMemory != nullptr) {
        MallocExtension_ReleaseFreeMemory();
    } else {
        ::malloc_trim(0);
    }
}

}  // namespace core
