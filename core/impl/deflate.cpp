#include "core/impl/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/failure.h"

namespace core::impl {
namespace {

constexpr std::size_t kChunk = std::size_t{64} * 1024;
constexpr std::size_t kRatioJudgedFrom = std::size_t{1} << 20U;

int window_bits(Wrapping wrapping) {
    switch (wrapping) {
        case Wrapping::raw:
            return -MAX_WBITS;
        case Wrapping::zlib:
            return MAX_WBITS;
        case Wrapping::gzip:
            return MAX_WBITS + 16;
    }
    ensure(false, "a wrapping is one of the three");
    return 0;
}

// zlib counts in 32 bits and wants a pointer it could write to, though it doesn't.
void feed(z_stream& stream, std::string_view bytes) {
    const std::size_t most = std::numeric_limits<uInt>::max();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(std::min(bytes.size(), most));
}

class Inflater {
public:
    explicit Inflater(Wrapping wrapping) {
        ensure(inflateInit2(&stream_, window_bits(wrapping)) == Z_OK, "zlib starts to inflate");
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    z_stream& stream() { return stream_; }

private:
    z_stream stream_{};
};

}  // namespace

std::string OutputBudget::take(std::size_t bytes) {
    taken_ += bytes;
    if (taken_ > bytes_max_) {
        return "unpacks to more than " + std::to_string(bytes_max_) + " bytes";
    }
    if (taken_ >= kRatioJudgedFrom && taken_ / ratio_max_ > bytes_in_) {
        return "unpacks to more than " + std::to_string(ratio_max_) + " times its size";
    }
    return {};
}

Result<std::size_t, std::string> inflate_stream(std::string_view bytes, Wrapping wrapping, OutputBudget& budget,
                                                std::string& out) {
    Inflater inflater(wrapping);
    z_stream& stream = inflater.stream();
    std::vector<char> chunk(kChunk);
    std::size_t used = 0;
    while (true) {
        feed(stream, bytes.substr(used));
        const uInt fed = stream.avail_in;
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        used += fed - stream.avail_in;
        const std::size_t made = chunk.size() - stream.avail_out;
        if (std::string passed = budget.take(made); !passed.empty()) {
            return Refused{std::move(passed)};
        }
        out.append(chunk.data(), made);
        if (status == Z_STREAM_END) {
            return used;
        }
        if (status == Z_BUF_ERROR || (status == Z_OK && used == bytes.size() && made == 0)) {
            return Refused{"is cut short"};
        }
        if (status != Z_OK) {
            return Refused{"is corrupted"};
        }
    }
}

std::string deflate_whole(std::string_view bytes, Wrapping wrapping) {
    z_stream stream{};
    constexpr int kMemoryLevel = 8;
    ensure(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits(wrapping), kMemoryLevel,
                        Z_DEFAULT_STRATEGY) == Z_OK,
           "zlib starts to deflate");
    std::vector<char> chunk(kChunk);
    std::string out;
    int status = Z_OK;
    while (status == Z_OK) {
        feed(stream, bytes);
        const uInt fed = stream.avail_in;
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        status = deflate(&stream, fed == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
        bytes.remove_prefix(fed - stream.avail_in);
        out.append(chunk.data(), chunk.size() - stream.avail_out);
    }
    deflateEnd(&stream);
    ensure(status == Z_STREAM_END, "zlib deflates to the end");
    return out;
}

}  // namespace core::impl
