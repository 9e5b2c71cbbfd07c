// Unpacking what channels deliver: plain, .gz or .zip, within limits, in memory, names as data only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace core {

struct ArchiveLimits {
    std::size_t bytes_out_max = std::size_t{2} << 30U;
    std::size_t ratio_max = 200;  // bytes out to bytes in, judged from 1 MiB of output on
    std::size_t members_max = 64;
};

struct ArchiveMember {
    std::string name;   // as in the archive (never used as a path); empty for plain and .gz
    std::string bytes;  // unpacked
};

// What is wrong, in words that can follow a file's name: "the zip is cut short", "member 'x' fails its CRC",
// "unpacks to more than 2147483648 bytes", "two members are called 'x'".
using ArchiveError = std::string;

// Is it a gz or a zip? What is neither is taken as it is.
bool is_packed(std::string_view bytes);

// Told by the first bytes, not by the name. Truncated or corrupted data is an error, never a shorter result:
// a gz must end with its trailer (CRC and size; several members one after the other are one text), a zip must have
// its central directory and every CRC right. Folders in a zip are passed over; encrypted members, links, zip64 and
// methods other than stored and deflate are errors. One layer only: a gz inside a zip comes out as it is.
Result<std::vector<ArchiveMember>, ArchiveError> unpack(std::string_view bytes, const ArchiveLimits& limits = {});

// Fast, for what we keep ourselves: one frame that says its size. Refused: a frame that doesn't, that is damaged, or
// that says more than `bytes_max`.
std::string zstd(std::string_view bytes);
Result<std::string, ArchiveError> unzstd(std::string_view bytes, std::size_t bytes_max);

// The other way, for simulators and tests.
std::string gzip(std::string_view bytes);
std::string zip(const std::vector<ArchiveMember>& members);
// RFC 1950, as UnionPay wraps its files; inflate takes raw deflate too. Bytes behind the end are an error.
std::string zlib_deflate(std::string_view bytes);
Result<std::string, ArchiveError> zlib_inflate(std::string_view bytes, std::size_t bytes_max);

}  // namespace core
