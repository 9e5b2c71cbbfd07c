#include "core/impl/zip.h"

#include <zlib.h>

#include <cstdint>
#include <limits>
#include <optional>

#include "core/failure.h"
#include "core/impl/deflate.h"
#include "core/impl/zip_directory.h"

namespace core {
namespace impl {
namespace {

std::uint32_t crc_of(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// The member's bytes before the checksum is looked at.
std::optional<ArchiveError> unpack_data(const ZipEntry& entry, OutputBudget& budget, std::string& out) {
    if (entry.method == kMethodStored) {
        if (std::string passed = budget.take(entry.packed.size()); !passed.empty()) {
            return passed;
        }
        out = entry.packed;
        return std::nullopt;
    }
    const auto used = inflate_stream(entry.packed, Wrapping::raw, budget, out);
    if (!used) {
        return used.error().starts_with("unpacks") ? used.error() : entry.shown + " " + used.error();
    }
    if (*used != entry.packed.size()) {
        return entry.shown + " is corrupted";
    }
    return std::nullopt;
}

Result<ArchiveMember, ArchiveError> unpack_entry(const ZipEntry& entry, OutputBudget& budget) {
    ArchiveMember member{entry.name, {}};
    if (auto error = unpack_data(entry, budget, member.bytes)) {
        return Refused{std::move(*error)};
    }
    if (crc_of(member.bytes) != entry.crc) {
        return Refused{entry.shown + " fails its CRC"};
    }
    if (member.bytes.size() != entry.size) {
        return Refused{entry.shown + " is not as long as it says"};
    }
    return member;
}

void append_u16(std::string& out, std::uint32_t number) {
    out.push_back(static_cast<char>(number & 0xFFU));
    out.push_back(static_cast<char>(number >> 8U & 0xFFU));
}

void append_u32(std::string& out, std::uint32_t number) {
    append_u16(out, number & 0xFFFFU);
    append_u16(out, number >> 16U);
}

std::uint32_t fits(std::size_t size) {
    ensure(size < std::numeric_limits<std::uint32_t>::max(), "a zip that is written stays below 4 GiB");
    return static_cast<std::uint32_t>(size);
}

constexpr std::uint32_t kVersionForDeflate = 20;
constexpr std::uint32_t kFirstDayOfDos = 0x0021;  // 1980-01-01: the same members give the same bytes on any day

// The fields that local header and directory entry have in common, from the version on.
std::string common_fields(const ArchiveMember& member, std::string_view packed) {
    std::string out;
    append_u16(out, kVersionForDeflate);
    append_u16(out, 0);
    append_u16(out, kMethodDeflate);
    append_u16(out, 0);
    append_u16(out, kFirstDayOfDos);
    append_u32(out, crc_of(member.bytes));
    append_u32(out, fits(packed.size()));
    append_u32(out, fits(member.bytes.size()));
    append_u16(out, fits(member.name.size()));
    append_u16(out, 0);
    return out;
}

}  // namespace

Result<std::vector<ArchiveMember>, ArchiveError> unzip(std::string_view bytes, const ArchiveLimits& limits) {
    const auto entries = read_zip_directory(bytes, limits.members_max);
    if (!entries) {
        return Refused{entries.error()};
    }
    OutputBudget budget(bytes.size(), limits.bytes_out_max, limits.ratio_max);
    std::vector<ArchiveMember> members;
    for (const auto& entry : *entries) {
        if (entry.is_folder() && entry.size != 0) {
            return Refused{entry.shown + " is a folder and yet holds data"};
        }
        auto member = unpack_entry(entry, budget);
        if (!member) {
            return Refused{member.error()};
        }
        if (!entry.is_folder()) {
            members.push_back(*std::move(member));
        }
    }
    return members;
}

}  // namespace impl

std::string zip(const std::vector<ArchiveMember>& members) {
    std::string out;
    std::string directory;
    for (const auto& member : members) {
        const std::string packed = impl::deflate_whole(member.bytes, impl::Wrapping::raw);
        const std::string common = impl::common_fields(member, packed);
        impl::append_u32(directory, impl::kDirectoryEntryMark);
        impl::append_u16(directory, impl::kVersionForDeflate);
        directory += common;
        directory.append(10, '\0');  // no comment, first disk, no attributes
        impl::append_u32(directory, impl::fits(out.size()));
        directory += member.name;

        impl::append_u32(out, impl::kLocalHeaderMark);
        out += common;
        out += member.name;
        out += packed;
    }
    const std::uint32_t begin = impl::fits(out.size());
    const std::uint32_t count = impl::fits(members.size());
    ensure(count < std::numeric_limits<std::uint16_t>::max(), "a zip that is written has few members");
    out += directory;
    impl::append_u32(out, impl::kDirectoryEndMark);
    impl::append_u32(out, 0);
    impl::append_u16(out, count);
    impl::append_u16(out, count);
    impl::append_u32(out, impl::fits(directory.size()));
    impl::append_u32(out, begin);
    impl::append_u16(out, 0);
    return out;
}

}  // namespace core
