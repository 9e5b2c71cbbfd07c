#include "fuzz_channel.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::callback("stripe", {reinterpret_cast<const char*>(data), size});
    return 0;
}
