#include "core/json/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto value = core::json::parse({reinterpret_cast<const char*>(data), size});
    return value && value->members().size() > size ? 1 : 0;
}
