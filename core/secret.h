// Secret: bytes that cannot be printed, compared with == or copied by accident, in locked memory that is wiped when
// they go (locked_memory.h).
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/locked_memory.h"

namespace core {

// Overwrites memory in a way the compiler may not leave out.
void wipe(void* memory, std::size_t bytes) noexcept;

// From now on this process leaves no core dump, nor does what it starts, whatever limits it was started with; and no
// other process of the same user may look into its memory.
void keep_memory_to_ourselves() noexcept;

template <typename Tag>
class Secret {
public:
    Secret() = default;
    // Copies into memory that is locked, and then wipes what it was handed.
    explicit Secret(std::string bytes) : Secret(std::string_view(bytes)) { wipe(bytes.data(), bytes.capacity()); }
    // For a caller who keeps what it has, or wipes it.
    explicit Secret(std::string_view bytes) : size_(bytes.size()) {
        if (size_ > 0) {
            bytes_ = static_cast<char*>(take_locked(size_));
            std::memcpy(bytes_, bytes.data(), size_);
        }
    }
    explicit Secret(const char* text) : Secret(std::string_view(text)) {}
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept
        : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            clear();
            bytes_ = std::exchange(other.bytes_, nullptr);
            size_ = std::exchange(other.size_, 0);
        }
        return *this;
    }
    ~Secret() { clear(); }

    bool operator==(const Secret&) const = delete;

    // The one way out; a reviewer looks at every use of it.
    std::string_view reveal() const noexcept {
        // Libraries take an address of nothing for no text at all.
        return bytes_ == nullptr ? std::string_view("") : std::string_view(bytes_, size_);
    }
    bool empty() const noexcept { return size_ == 0; }
    Secret duplicate() const { return Secret(reveal()); }

private:
    void clear() noexcept {
        if (bytes_ != nullptr) {
            give_back_locked(bytes_, size_);
            bytes_ = nullptr;
            size_ = 0;
        }
    }

    char* bytes_ = nullptr;
    std::size_t size_ = 0;
};

using KeyBytes = Secret<struct KeyBytesTag>;      // symmetric keys, shared secrets, private key PEM
using CardNumber = Secret<struct CardNumberTag>;  // a card number between the first byte read and its masking

}  // namespace core
