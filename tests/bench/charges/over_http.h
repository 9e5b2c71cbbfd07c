// Charges as programs send them: POST /v1/charges to the service, keep-alive, each connection one after the other.
#pragma once

#include <cstdint>
#include <memory>

#include "tests/bench/http/load.h"

namespace bench {

// A service of its own, on a durable PostgreSQL of its own, with a customer who has prepaid.
class ChargesOverHttp {
public:
    ChargesOverHttp();
    ~ChargesOverHttp();
    ChargesOverHttp(const ChargesOverHttp&) = delete;
    ChargesOverHttp& operator=(const ChargesOverHttp&) = delete;

    LoadResult charge(std::size_t connections, std::int64_t charges);
    // What stands in the books is what was charged.
    bool books_are_right();

private:
    struct World;
    std::unique_ptr<World> world_;
};

}  // namespace bench
