// zlib's streams as archive.cpp and zip.cpp need them. Nobody outside core includes this.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace core::impl {

enum class Wrapping { raw, zlib, gzip };

// Counts what comes out against what may; shared by all members of an archive.
class OutputBudget {
public:
    // `bytes_in` is the whole archive, so that the ratio is that of the file and not of its best member.
    OutputBudget(std::size_t bytes_in, std::size_t bytes_max, std::size_t ratio_max)
        : bytes_in_(bytes_in), bytes_max_(bytes_max), ratio_max_(ratio_max) {}

    // Empty, or which limit is passed.
    std::string take(std::size_t bytes);

private:
    std::size_t bytes_in_;
    std::size_t bytes_max_;
    std::size_t ratio_max_;
    std::size_t taken_ = 0;
};

// One stream from the start of `bytes`: what it unpacks to is appended to `out`, the bytes it took are returned.
// The error is a half sentence about the stream: "is cut short", "is corrupted", or a limit's words.
Result<std::size_t, std::string> inflate_stream(std::string_view bytes, Wrapping wrapping, OutputBudget& budget,
                                                std::string& out);

std::string deflate_whole(std::string_view bytes, Wrapping wrapping);

}  // namespace core::impl
