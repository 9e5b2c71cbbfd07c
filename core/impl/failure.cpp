#include "core/failure.h"

namespace core {

void ensure(bool holds, std::string_view rule, const char* file, int line) {
    if (holds) {
        return;
    }
    throw BrokenRule("broken rule: " + std::string(rule) + " (" + file + ":" + std::to_string(line) + ")");
}

}  // namespace core
