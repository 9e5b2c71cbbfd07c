// How much memory all bodies together may take.
//
// Each has a first piece free, so that large ones, however many, never stand in the way of ordinary callbacks. What is
// above it comes out of one budget for all.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

namespace server::http {

class BodyBudget {
public:
    static constexpr std::size_t kFreeBytes = std::size_t{64} * 1024;

    explicit BodyBudget(std::size_t bytes_max) : bytes_left_(bytes_max) {}

    // What one body has of it. Given back at the end.
    class Share {
    public:
        explicit Share(BodyBudget& budget) : budget_(budget) {}
        ~Share() { give_back(); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

        // For a body of so many bytes. False when there is not enough left; the share stays as it was.
        [[nodiscard]] bool grow_to(std::size_t body_bytes) {
            const std::size_t wanted = std::max(body_bytes, kFreeBytes) - kFreeBytes;
            if (wanted > bytes_ && !budget_.take(wanted - bytes_)) {
                return false;
            }
            bytes_ = std::max(bytes_, wanted);
            return true;
        }
        void give_back() { budget_.bytes_left_ += std::exchange(bytes_, 0); }

    private:
        BodyBudget& budget_;
        std::size_t bytes_ = 0;
    };

private:
    bool take(std::size_t bytes) {
        std::size_t left = bytes_left_;
        while (left >= bytes) {
            if (bytes_left_.compare_exchange_weak(left, left - bytes)) {
                return true;
            }
        }
        return false;
    }

    std::atomic<std::size_t> bytes_left_;
};

}  // namespace server::http
