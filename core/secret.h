// Secret: bytes that cannot be printed, compared with == or copied by accident, and that wipe themselves.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

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
    // Copies and then wipes what it was handed: a short string moved from keeps its bytes.
    explicit Secret(std::string bytes) : bytes_(bytes.data(), bytes.size()) { wipe(bytes.data(), bytes.capacity()); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.clear(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            clear();
            bytes_ = std::move(other.bytes_);
            other.clear();
        }
        return *this;
    }
    ~Secret() { clear(); }

    bool operator==(const Secret&) const = delete;

    // The one way out; a reviewer looks at every use of it.
    std::string_view reveal() const noexcept { return bytes_; }
    bool empty() const noexcept { return bytes_.empty(); }
    Secret duplicate() const { return Secret(bytes_); }

private:
    void clear() noexcept {
        wipe(bytes_.data(), bytes_.capacity());
        bytes_.clear();
    }

    std::string bytes_;
};

using KeyBytes = Secret<struct KeyBytesTag>;      // symmetric keys, shared secrets, private key PEM
using CardNumber = Secret<struct CardNumberTag>;  // a card number between the first byte read and its masking

}  // namespace core
