// Random bytes from the operating system (libsodium).
#pragma once

#include <cstddef>
#include <string>

namespace core::crypto {

std::string random_bytes(std::size_t count);
// `count` characters of [A-Za-z0-9], evenly distributed.
std::string random_token(std::size_t count);

}  // namespace core::crypto
