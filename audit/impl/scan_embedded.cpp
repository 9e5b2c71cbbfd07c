#include "audit/impl/scan_embedded.h"

#include <zlib.h>

#include <array>
#include <stdexcept>

namespace audit::impl {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to say gzip
constexpr std::uint64_t kRatioFrom = std::uint64_t{16} << 20U;

}  // namespace

struct EmbeddedGzip::Inflate {
    z_stream stream{};
    std::array<char, std::size_t{64} << 10U> out{};

    Inflate() {
        if (inflateInit2(&stream, kGzipWindow) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~Inflate() { inflateEnd(&stream); }
    Inflate(const Inflate&) = delete;
    Inflate& operator=(const Inflate&) = delete;
};

bool is_beyond_limits(const ScanOptions& options, std::uint64_t in, std::uint64_t out) {
    return out > options.unpacked_max || (out > kRatioFrom && out / options.ratio_max > in);
}

bool EmbeddedGzip::may_begin(std::string_view bytes) {
    return bytes.starts_with("\x1F\x8B\x08") && bytes.size() > 3 && (static_cast<unsigned char>(bytes[3]) & 0xE0U) == 0;
}

EmbeddedGzip::EmbeddedGzip(const std::string& path, std::uint64_t at, const Redactor& redactor,
                           const ScanOptions& options, ScanReport& report)
    : path_(path + "!gzip@" + std::to_string(at)),
      redactor_(redactor),
      options_(options),
      report_(report),
      inflate_(std::make_unique<Inflate>()) {}

EmbeddedGzip::~EmbeddedGzip() = default;

bool EmbeddedGzip::take(std::string_view bytes) {
    auto& stream = inflate_->stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib doesn't write there
    stream.avail_in = static_cast<uInt>(bytes.size());
    in_ += bytes.size();
    while (true) {
        stream.next_out = reinterpret_cast<Bytef*>(inflate_->out.data());
        stream.avail_out = static_cast<uInt>(inflate_->out.size());
        const int result = inflate(&stream, Z_NO_FLUSH);
        const std::size_t size = inflate_->out.size() - stream.avail_out;
        if (size > 0) {
            if (!scanner_) {
                scanner_ = std::make_unique<TextScanner>(path_, redactor_, options_, report_);
                ++report_.files;
            }
            scanner_->take({inflate_->out.data(), size});
            out_ += size;
        }
        if (is_beyond_limits(options_, in_, out_)) {
            report_.not_looked_into.push_back({shown_name(path_), "unpacks to more than the limits allow"});
            return false;
        }
        if (result == Z_STREAM_END || (result != Z_OK && result != Z_BUF_ERROR)) {
            return false;
        }
        if (stream.avail_in == 0 && stream.avail_out > 0) {
            return true;
        }
    }
}

void EmbeddedGzip::finish() {
    if (scanner_) {
        scanner_->finish();
        scanner_.reset();
    }
}

}  // namespace audit::impl
