#include <zstd.h>

#include "core/archive.h"
#include "core/failure.h"

namespace core {
namespace {

constexpr int kFastest = 1;

}  // namespace

std::string zstd(std::string_view bytes) {
    std::string packed(ZSTD_compressBound(bytes.size()), '\0');
    const auto size = ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), kFastest);
    ensure(ZSTD_isError(size) == 0, "zstd packs what has room");
    packed.resize(size);
    return packed;
}

Result<std::string, ArchiveError> unzstd(std::string_view bytes, std::size_t bytes_max) {
    std::string unpacked;
    const auto said = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (said == ZSTD_CONTENTSIZE_UNKNOWN || said == ZSTD_CONTENTSIZE_ERROR) {
        return Refused{ArchiveError("is no zstd frame that says its size")};
    }
    if (said > bytes_max) {
        return Refused{"unpacks to more than " + std::to_string(bytes_max) + " bytes"};
    }
    unpacked.resize(static_cast<std::size_t>(said));
    const auto size = ZSTD_decompress(unpacked.data(), unpacked.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size) != 0 || size != unpacked.size()) {
        return Refused{ArchiveError("the zstd frame is damaged")};
    }
    return unpacked;
}

}  // namespace core
