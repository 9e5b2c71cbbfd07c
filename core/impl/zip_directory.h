// A zip archive's central directory, checked before a byte is unpacked. Nobody outside core includes this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/archive.h"
#include "core/result.h"

namespace core::impl {

inline constexpr std::uint32_t kLocalHeaderMark = 0x04034b50;
inline constexpr std::uint32_t kDirectoryEntryMark = 0x02014b50;
inline constexpr std::uint32_t kDirectoryEndMark = 0x06054b50;
inline constexpr std::size_t kLocalHeaderSize = 30;
inline constexpr std::size_t kDirectoryEntrySize = 46;
inline constexpr std::size_t kDirectoryEndSize = 22;
inline constexpr unsigned kMethodStored = 0;
inline constexpr unsigned kMethodDeflate = 8;

// Little-endian numbers; the caller has checked that they lie within the text.
std::uint32_t read_u16(std::string_view bytes, std::size_t at);
std::uint32_t read_u32(std::string_view bytes, std::size_t at);

struct ZipEntry {
    std::string name;   // the bytes of the archive
    std::string shown;  // how an error calls it: "member 'x'", or by number when the name can't be shown
    unsigned method = 0;
    std::uint32_t crc = 0;
    std::size_t size = 0;
    std::string_view packed;  // its data in the archive

    bool is_folder() const { return name.ends_with('/'); }
};

// What holds for the entries that come back:
//   Z1  They are all there are: the directory ends where the archive's end record says, with as many entries.
//   Z2  Each has a local header that says the same as the directory about name, method and sizes.
//   Z3  No two share bytes of data (many small entries over one block of data unpack to more than any ratio shows).
//   Z4  None is encrypted, a link, or packed in a way other than stored or deflate; no two have one name.
Result<std::vector<ZipEntry>, ArchiveError> read_zip_directory(std::string_view bytes, std::size_t members_max);

}  // namespace core::impl
