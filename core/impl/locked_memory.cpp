#include "core/locked_memory.h"

#include <sys/mman.h>

#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <vector>

#include "core/secret.h"

namespace core {
namespace {

constexpr std::size_t kLeast = 32;
constexpr std::size_t kChunk = std::size_t{64} * 1024;
constexpr std::size_t kSizes = 12;  // 32 bytes to 64 KiB, each twice the one before

class LockedPages {
public:
    void* take(std::size_t bytes) {
        const std::size_t size = std::bit_ceil(std::max(bytes, kLeast));
        const std::lock_guard lock(mutex_);
        if (size > kChunk) {
            return map(size);
        }
        auto& free = free_.at(place_of(size));
        if (free.empty()) {
            auto* chunk = static_cast<char*>(map(kChunk));
            free.reserve(free.size() + kChunk / size);
            for (std::size_t at = 0; at < kChunk; at += size) {
                free.push_back(chunk + at);
            }
        }
        void* taken = free.back();
        free.pop_back();
        return taken;
    }

    void give_back(void* memory, std::size_t bytes) noexcept {
        const std::size_t size = std::bit_ceil(std::max(bytes, kLeast));
        wipe(memory, bytes);
        const std::lock_guard lock(mutex_);
        if (size > kChunk) {
            ::munmap(memory, size);
        } else {
            free_.at(place_of(size)).push_back(memory);  // has room: it was taken from there
        }
    }

    bool all_is_locked() noexcept {
        const std::lock_guard lock(mutex_);
        return all_is_locked_;
    }

private:
    static std::size_t place_of(std::size_t size) {
        return static_cast<std::size_t>(std::countr_zero(size) - std::countr_zero(kLeast));
    }

    void* map(std::size_t size) {
        void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            throw std::bad_alloc();
        }
        const bool locked = ::mlock(memory, size) == 0;
        const bool left_out = ::madvise(memory, size, MADV_DONTDUMP) == 0;
        all_is_locked_ = all_is_locked_ && locked && left_out;
        return memory;
    }

    std::mutex mutex_;
    std::array<std::vector<void*>, kSizes> free_;
    bool all_is_locked_ = true;
};

// Never destroyed: a key of static life gives back what it has when all else is gone.
LockedPages& pages() {
    static auto* const all = new LockedPages;  // NOLINT(cppcoreguidelines-owning-memory)
    return *all;
}

}  // namespace

void* take_locked(std::size_t bytes) { return pages().take(bytes); }
void give_back_locked(void* memory, std::size_t bytes) noexcept { pages().give_back(memory, bytes); }
bool all_is_locked() noexcept { return pages().all_is_locked(); }

}  // namespace core
