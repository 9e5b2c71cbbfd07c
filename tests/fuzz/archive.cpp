#include "core/archive.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    core::ArchiveLimits limits;
    limits.bytes_out_max = 1U << 22U;
    const auto members = core::unpack({reinterpret_cast<const char*>(data), size}, limits);
    if (members) {
        std::size_t total = 0;
        for (const auto& member : *members) {
            total += member.bytes.size();
        }
        if (total > limits.bytes_out_max) {
            __builtin_trap();
        }
    }
    return 0;
}
