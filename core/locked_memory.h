// Memory for keys: locked, so that it is never swapped out, left out of core dumps, and wiped when it is given back.
#pragma once

#include <cstddef>

namespace core {

// `bytes` of it, at least one; throws std::bad_alloc. Slices of locked pages, since a page for each key would be more
// than a process may lock. Any thread.
void* take_locked(std::size_t bytes);
// What take_locked(bytes) gave. Wiped first.
void give_back_locked(void* memory, std::size_t bytes) noexcept;

// Whether all of it could be locked. Where it couldn't, it is used all the same: the service says so at its start.
bool all_is_locked() noexcept;

}  // namespace core
