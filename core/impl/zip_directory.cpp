#include "core/impl/zip_directory.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/text/encoding.h"

namespace core::impl {
namespace {

constexpr std::size_t kCommentMax = 0xFFFF;
constexpr std::uint32_t kNumberIsInZip64 = 0xFFFFFFFF;
constexpr std::uint32_t kCountIsInZip64 = 0xFFFF;
constexpr std::uint32_t kFlagEncrypted = 0x0001;
constexpr std::uint32_t kFlagSizesFollowData = 0x0008;
constexpr std::uint32_t kFlagMaskedDirectory = 0x2000;
constexpr std::uint32_t kMadeByUnix = 3;
constexpr std::uint32_t kUnixTypeMask = 0170000;
constexpr std::uint32_t kUnixLink = 0120000;

constexpr std::string_view kCutShort = "the zip is cut short";
constexpr std::string_view kDamaged = "the zip's directory is damaged";
constexpr std::string_view kZip64 = "the zip is a zip64, which only files above 4 GiB need: have it packed anew";

// The raw fields of a directory entry.
struct RawEntry {
    std::uint32_t made_by, flags, method, crc, packed_size, size, name_size, extra_size, comment_size, attributes,
        offset;

    std::size_t whole_size() const { return kDirectoryEntrySize + name_size + extra_size + comment_size; }
};

RawEntry raw_entry(std::string_view bytes, std::size_t at) {
    return {read_u16(bytes, at + 4) >> 8U, read_u16(bytes, at + 8),  read_u16(bytes, at + 10), read_u32(bytes, at + 16),
            read_u32(bytes, at + 20),      read_u32(bytes, at + 24), read_u16(bytes, at + 28), read_u16(bytes, at + 30),
            read_u16(bytes, at + 32),      read_u32(bytes, at + 38), read_u32(bytes, at + 42)};
}

// The end record, whose comment must reach exactly to the end of the bytes: otherwise something is missing there,
// or was put there.
std::optional<std::size_t> find_end_record(std::string_view bytes) {
    if (bytes.size() < kDirectoryEndSize) {
        return std::nullopt;
    }
    const std::size_t last = bytes.size() - kDirectoryEndSize;
    const std::size_t first = last > kCommentMax ? last - kCommentMax : 0;
    for (std::size_t at = last + 1; at-- > first;) {
        if (read_u32(bytes, at) == kDirectoryEndMark && read_u16(bytes, at + 20) == last - at) {
            return at;
        }
    }
    return std::nullopt;
}

bool can_be_shown(const std::string& name) {
    constexpr std::size_t kShownMax = 80;
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    return !name.empty() && name.size() <= kShownMax && std::none_of(name.begin(), name.end(), control) &&
           text::is_valid_utf8(name);
}

std::string shown_name(const std::string& name, std::size_t number) {
    return can_be_shown(name) ? "member '" + name + "'" : "member " + std::to_string(number);
}

// Z4, apart from the names.
std::optional<ArchiveError> unreadable(const RawEntry& raw, const ZipEntry& entry) {
    if ((raw.flags & (kFlagEncrypted | kFlagMaskedDirectory)) != 0) {
        return entry.shown + " is encrypted";
    }
    if (raw.packed_size == kNumberIsInZip64 || raw.size == kNumberIsInZip64 || raw.offset == kNumberIsInZip64) {
        return ArchiveError(kZip64);
    }
    if (raw.method != kMethodStored && raw.method != kMethodDeflate) {
        return entry.shown + " is packed by method " + std::to_string(raw.method) + "; only deflate can be read";
    }
    if (raw.made_by == kMadeByUnix && ((raw.attributes >> 16U) & kUnixTypeMask) == kUnixLink) {
        return entry.shown + " is a link, not a file";
    }
    return std::nullopt;
}

// Z2: where the data lies, once the local header has been found to agree. Sizes that follow the data are zero here.
std::optional<std::size_t> data_begin(std::string_view bytes, const RawEntry& raw, std::string_view name,
                                      std::size_t directory_begin) {
    if (raw.offset > directory_begin || directory_begin - raw.offset < kLocalHeaderSize) {
        return std::nullopt;
    }
    const std::size_t at = raw.offset;
    const std::size_t name_size = read_u16(bytes, at + 26);
    const std::size_t begin = at + kLocalHeaderSize + name_size + read_u16(bytes, at + 28);
    if (read_u32(bytes, at) != kLocalHeaderMark || begin > directory_begin ||
        directory_begin - begin < raw.packed_size || bytes.substr(at + kLocalHeaderSize, name_size) != name) {
        return std::nullopt;
    }
    const std::uint32_t flags = read_u16(bytes, at + 6);
    const bool sizes_agree = read_u32(bytes, at + 14) == raw.crc && read_u32(bytes, at + 18) == raw.packed_size &&
                             read_u32(bytes, at + 22) == raw.size;
    const bool agrees = read_u16(bytes, at + 8) == raw.method && (flags & kFlagEncrypted) == 0 &&
                        (sizes_agree || (flags & kFlagSizesFollowData) != 0);
    return agrees ? std::optional(begin) : std::nullopt;
}

// Reads the entries of a directory whose bounds are known.
class DirectoryReader {
public:
    DirectoryReader(std::string_view bytes, std::size_t begin, std::size_t end)
        : bytes_(bytes), begin_(begin), end_(end), at_(begin) {}

    std::optional<ArchiveError> read(std::size_t count) {
        for (std::size_t number = 1; number <= count; ++number) {
            if (auto error = read_entry(number)) {
                return error;
            }
        }
        if (at_ != end_) {
            return ArchiveError(kDamaged);  // Z1
        }
        return shared_data();
    }

    std::vector<ZipEntry> entries() && { return std::move(entries_); }

private:
    std::optional<ArchiveError> read_entry(std::size_t number) {
        if (end_ - at_ < kDirectoryEntrySize || read_u32(bytes_, at_) != kDirectoryEntryMark) {
            return ArchiveError(kDamaged);
        }
        const RawEntry raw = raw_entry(bytes_, at_);
        if (end_ - at_ < raw.whole_size()) {
            return ArchiveError(kDamaged);
        }
        ZipEntry entry;
        entry.name = bytes_.substr(at_ + kDirectoryEntrySize, raw.name_size);
        entry.shown = shown_name(entry.name, number);
        entry.method = raw.method;
        entry.crc = raw.crc;
        entry.size = raw.size;
        at_ += raw.whole_size();

        if (auto error = unreadable(raw, entry)) {
            return error;
        }
        if (!names_.insert(entry.name).second) {
            return can_be_shown(entry.name) ? "two members are called '" + entry.name + "'"
                                            : entry.shown + " has the name of another";
        }
        const auto data = data_begin(bytes_, raw, entry.name, begin_);
        if (!data) {
            return entry.shown + " is not what the zip's directory says";
        }
        entry.packed = bytes_.substr(*data, raw.packed_size);
        entries_.push_back(std::move(entry));
        return std::nullopt;
    }

    // Z3
    std::optional<ArchiveError> shared_data() const {
        std::vector<std::string_view> blocks;
        for (const auto& entry : entries_) {
            blocks.push_back(entry.packed);
        }
        std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.data() < b.data(); });
        const auto overlap = std::adjacent_find(
            blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.data() + a.size() > b.data(); });
        return overlap == blocks.end() ? std::nullopt : std::optional<ArchiveError>("two members share their data");
    }

    std::string_view bytes_;
    std::size_t begin_;
    std::size_t end_;
    std::size_t at_;
    std::vector<ZipEntry> entries_;
    std::set<std::string> names_;
};

}  // namespace

std::uint32_t read_u16(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])) |
           static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + 1])) << 8U;
}

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
    return read_u16(bytes, at) | read_u16(bytes, at + 2) << 16U;
}

Result<std::vector<ZipEntry>, ArchiveError> read_zip_directory(std::string_view bytes, std::size_t members_max) {
    const auto end = find_end_record(bytes);
    if (!end) {
        return Refused{kCutShort};
    }
    const std::size_t count = read_u16(bytes, *end + 10);
    const std::size_t size = read_u32(bytes, *end + 12);
    const std::size_t begin = read_u32(bytes, *end + 16);
    if (count == kCountIsInZip64 || size == kNumberIsInZip64 || begin == kNumberIsInZip64) {
        return Refused{kZip64};
    }
    // More than one disk, or bytes between the directory and its end record.
    if (read_u32(bytes, *end + 4) != 0 || read_u16(bytes, *end + 8) != count || begin + size != *end) {
        return Refused{kDamaged};
    }
    if (count > members_max) {
        return Refused{"the zip has more than " + std::to_string(members_max) + " members"};
    }
    DirectoryReader reader(bytes, begin, *end);
    if (auto error = reader.read(count)) {
        return Refused{std::move(*error)};
    }
    return std::move(reader).entries();
}

}  // namespace core::impl
