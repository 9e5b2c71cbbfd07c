#include "audit/redact.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    const auto once = redactor.redact({reinterpret_cast<const char*>(data), size});
    if (redactor.redact(once) != once) {
        __builtin_trap();
    }
    return 0;
}
