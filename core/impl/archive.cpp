#include "core/archive.h"

#include "core/impl/deflate.h"
#include "core/impl/zip.h"

namespace core {
namespace {

constexpr std::string_view kGzipMark = "\x1F\x8B";

bool is_zip(std::string_view bytes) {
    // A first member, an empty archive, and one cut into several disks (which is then refused).
    return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06") || bytes.starts_with("PK\x07\x08");
}

// The names of limits are about the whole file and stand alone; the rest needs to say what it is about.
ArchiveError about(std::string_view what, const std::string& error) {
    return error.starts_with("unpacks") ? error : std::string(what) + " " + error;
}

Result<std::string, ArchiveError> gunzip(std::string_view bytes, const ArchiveLimits& limits) {
    impl::OutputBudget budget(bytes.size(), limits.bytes_out_max, limits.ratio_max);
    std::string out;
    while (!bytes.empty()) {
        if (!bytes.starts_with(kGzipMark)) {
            return Refused{bytes == kGzipMark.substr(0, 1) ? "the gz is cut short"
                                                           : "the gz is followed by bytes that are no gz"};
        }
        const auto used = impl::inflate_stream(bytes, impl::Wrapping::gzip, budget, out);
        if (!used) {
            return Refused{about("the gz", used.error())};
        }
        bytes.remove_prefix(*used);
    }
    return out;
}

Result<std::vector<ArchiveMember>, ArchiveError> single(Result<std::string, ArchiveError> bytes) {
    if (!bytes) {
        return Refused{bytes.error()};
    }
    std::vector<ArchiveMember> members;
    members.push_back({"", *std::move(bytes)});
    return members;
}

// RFC 1950, 2.2: method 8 in the low half of the first byte, and both bytes together a multiple of 31. No raw stream
// starts like that: a stored block, which this would be, is padded with zero bits.
bool has_zlib_header(std::string_view bytes) {
    if (bytes.size() < 2) {
        return false;
    }
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    return (first & 0x0FU) == 8U && (first * 256U + second) % 31U == 0;
}

}  // namespace

bool is_packed(std::string_view bytes) { return bytes.starts_with(kGzipMark) || is_zip(bytes); }

Result<std::vector<ArchiveMember>, ArchiveError> unpack(std::string_view bytes, const ArchiveLimits& limits) {
    if (bytes.starts_with(kGzipMark)) {
        return single(gunzip(bytes, limits));
    }
    if (is_zip(bytes)) {
        return impl::unzip(bytes, limits);
    }
    if (bytes.size() > limits.bytes_out_max) {
        return Refused{"is larger than " + std::to_string(limits.bytes_out_max) + " bytes"};
    }
    return single(std::string(bytes));
}

std::string gzip(std::string_view bytes) { return impl::deflate_whole(bytes, impl::Wrapping::gzip); }

std::string zlib_deflate(std::string_view bytes) { return impl::deflate_whole(bytes, impl::Wrapping::zlib); }

Result<std::string, ArchiveError> zlib_inflate(std::string_view bytes, std::size_t bytes_max) {
    const auto wrapping = has_zlib_header(bytes) ? impl::Wrapping::zlib : impl::Wrapping::raw;
    impl::OutputBudget budget(bytes.size(), bytes_max, ArchiveLimits{}.ratio_max);
    std::string out;
    const auto used = impl::inflate_stream(bytes, wrapping, budget, out);
    if (!used) {
        return Refused{about("the compressed text", used.error())};
    }
    if (*used != bytes.size()) {
        return Refused{"the compressed text is followed by other bytes"};
    }
    return out;
}

}  // namespace core
