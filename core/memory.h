// Memory that was freed, back to the system.
#pragma once

namespace core {

// After work that took much of it, before other work that takes much: what was freed is otherwise kept for the next
// request of the same size. Takes some milliseconds.
void give_back_memory() noexcept;

}  // namespace core
