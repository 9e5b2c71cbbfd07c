#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "core/archive.h"
#include "core/impl/zip_directory.h"

namespace core {
namespace {

using Members = std::vector<ArchiveMember>;

std::string error_of(std::string_view bytes, const ArchiveLimits& limits = {}) {
    const auto members = unpack(bytes, limits);
    return members ? "" : members.error();
}

void expect_members(std::string_view bytes, const Members& expected) {
    const auto members = unpack(bytes);
    ASSERT_TRUE(members) << members.error();
    ASSERT_EQ(members->size(), expected.size());
    for (std::size_t at = 0; at < expected.size(); ++at) {
        EXPECT_EQ((*members)[at].name, expected[at].name);
        EXPECT_EQ((*members)[at].bytes, expected[at].bytes);
    }
}

std::string with_u16(std::string bytes, std::size_t at, unsigned number) {
    bytes[at] = static_cast<char>(number & 0xFFU);
    bytes[at + 1] = static_cast<char>(number >> 8U);
    return bytes;
}

// Where the directory's only entry and the end record stand in what zip() wrote.
std::size_t end_record(const std::string& bytes) { return bytes.size() - impl::kDirectoryEndSize; }
std::size_t directory(const std::string& bytes) { return impl::read_u32(bytes, end_record(bytes) + 16); }

// An archive by another hand.
std::string by_libarchive(const Members& members, const char* options) {
    std::array<char, 1 << 16> buffer{};
    std::size_t used = 0;
    const std::unique_ptr<archive, int (*)(archive*)> writer(archive_write_new(), archive_write_free);
    EXPECT_EQ(archive_write_set_format_zip(writer.get()), ARCHIVE_OK);
    EXPECT_EQ(archive_write_set_options(writer.get(), options), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(writer.get(), 1);
    EXPECT_EQ(archive_write_open_memory(writer.get(), buffer.data(), buffer.size(), &used), ARCHIVE_OK);
    for (const auto& member : members) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), member.name.c_str());
        archive_entry_set_filetype(entry.get(), member.name.ends_with('/') ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.bytes.size()));
        EXPECT_EQ(archive_write_header(writer.get(), entry.get()), ARCHIVE_OK);
        archive_write_data(writer.get(), member.bytes.data(), member.bytes.size());
    }
    EXPECT_EQ(archive_write_close(writer.get()), ARCHIVE_OK);
    return {buffer.data(), used};
}

Members read_by_libarchive(const std::string& bytes) {
    const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
    archive_read_support_format_zip(reader.get());
    EXPECT_EQ(archive_read_open_memory(reader.get(), bytes.data(), bytes.size()), ARCHIVE_OK);
    Members members;
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
        std::string text(static_cast<std::size_t>(archive_entry_size(entry)) + 1, '\0');
        const auto got = archive_read_data(reader.get(), text.data(), text.size());
        EXPECT_GE(got, 0) << archive_error_string(reader.get());
        text.resize(static_cast<std::size_t>(std::max<la_ssize_t>(got, 0)));
        members.push_back({archive_entry_pathname(entry), text});
    }
    EXPECT_EQ(archive_errno(reader.get()), 0);
    return members;
}

const Members kTwo{{"trade.csv", std::string(5000, 'a') + "z"}, {"dir/fund.csv", "x,y\n"}};

TEST(Zip, ComesBackWhole) {
    expect_members(zip(kTwo), kTwo);
    expect_members(zip({{"empty", ""}}), {{"empty", ""}});
    expect_members(zip({}), {});
}

TEST(Zip, IsReadByOthers) {
    const auto members = read_by_libarchive(zip(kTwo));
    ASSERT_EQ(members.size(), 2U);
    EXPECT_EQ(members[0].name, "trade.csv");
    EXPECT_EQ(members[0].bytes, kTwo[0].bytes);
    EXPECT_EQ(members[1].bytes, kTwo[1].bytes);
}

TEST(Zip, IsReadFromOthers) {
    expect_members(by_libarchive(kTwo, "compression=deflate"), kTwo);
    expect_members(by_libarchive(kTwo, "compression=store"), kTwo);
    // Folders are passed over.
    expect_members(by_libarchive({{"dir/", ""}, {"dir/a", "1"}}, "compression=deflate"), {{"dir/a", "1"}});
}

TEST(Zip, TakesNamesAsBytes) {
    const Members odd{{"\xB6\xD4\xD5\xCB.csv", "1"}, {"../../etc/passwd", "2"}, {"/abs", "3"}, {"a\\b", "4"}};
    expect_members(zip(odd), odd);
}

TEST(Zip, MayCarryAComment) {
    const std::string plain = zip(kTwo);
    const std::string comment = "made by the channel";
    expect_members(with_u16(plain, plain.size() - 2, static_cast<unsigned>(comment.size())) + comment, kTwo);
    EXPECT_EQ(error_of(plain + comment), "the zip is cut short");
}

TEST(Zip, IsRefusedAtEveryCut) {
    const std::string packed = zip(kTwo);
    for (std::size_t length = 4; length < packed.size(); ++length) {
        ASSERT_NE(error_of(packed.substr(0, length)), "") << length;
    }
    EXPECT_EQ(error_of(packed.substr(0, 60)), "the zip is cut short");
}

// Either it is refused or what was flipped says nothing about the contents (dates, versions, attributes).
TEST(Zip, NeverGivesOtherBytesForAnyFlippedBit) {
    const std::string packed = zip({{"a.csv", "1234567890,1234567890\n"}});
    const auto whole = unpack(packed);
    ASSERT_TRUE(whole);
    for (std::size_t at = 4; at < packed.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string flipped = packed;
            flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << bit));
            const auto members = unpack(flipped);
            if (members) {
                ASSERT_EQ(members->size(), 1U) << at << "." << bit;
                ASSERT_EQ(members->front().name, "a.csv") << at << "." << bit;
                ASSERT_EQ(members->front().bytes, whole->front().bytes) << at << "." << bit;
            }
        }
    }
}

TEST(Zip, IsRefusedWhenAMemberFailsItsCrc) {
    const std::string stored = by_libarchive({{"a.csv", "12345"}}, "compression=store");
    std::string changed = stored;
    changed[changed.find("12345")] = '9';
    EXPECT_EQ(error_of(changed), "member 'a.csv' fails its CRC");
}

TEST(Zip, IsRefusedWithTwoMembersOfOneName) {
    EXPECT_EQ(error_of(zip({{"x", "1"}, {"y", "2"}, {"x", "3"}})), "two members are called 'x'");
    // A name that can't be shown is told by its number.
    EXPECT_EQ(error_of(zip({{"\xFF", "1"}, {"\xFF", "2"}})), "member 2 has the name of another");
}

TEST(Zip, IsRefusedWhenEncrypted) {
    const std::string packed = zip({{"a", "1"}});
    EXPECT_EQ(error_of(with_u16(packed, directory(packed) + 8, 1)), "member 'a' is encrypted");
    EXPECT_EQ(error_of(with_u16(packed, 6, 1)), "member 'a' is not what the zip's directory says");
}

TEST(Zip, IsRefusedWhenEncryptedByAnotherHand) {
    std::array<char, 4096> buffer{};
    std::size_t used = 0;
    const std::unique_ptr<archive, int (*)(archive*)> writer(archive_write_new(), archive_write_free);
    archive_write_set_format_zip(writer.get());
    ASSERT_EQ(archive_write_set_options(writer.get(), "encryption=aes256"), ARCHIVE_OK);
    ASSERT_EQ(archive_write_set_passphrase(writer.get(), "mailed"), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(writer.get(), 1);
    ASSERT_EQ(archive_write_open_memory(writer.get(), buffer.data(), buffer.size(), &used), ARCHIVE_OK);
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), "bill.csv");
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_size(entry.get(), 3);
    ASSERT_EQ(archive_write_header(writer.get(), entry.get()), ARCHIVE_OK);
    archive_write_data(writer.get(), "abc", 3);
    ASSERT_EQ(archive_write_close(writer.get()), ARCHIVE_OK);

    EXPECT_EQ(error_of({buffer.data(), used}), "member 'bill.csv' is encrypted");
}

TEST(Zip, IsRefusedForAMethodThatIsNotRead) {
    const std::string packed = zip({{"a", "1"}});
    constexpr unsigned kBzip2 = 12;
    EXPECT_EQ(error_of(with_u16(packed, directory(packed) + 10, kBzip2)),
              "member 'a' is packed by method 12; only deflate can be read");
}

TEST(Zip, IsRefusedForALink) {
    std::string packed = zip({{"a", "/etc/passwd"}});
    packed[directory(packed) + 5] = 3;  // made by Unix
    packed = with_u16(packed, directory(packed) + 40, 0120777);
    EXPECT_EQ(error_of(packed), "member 'a' is a link, not a file");
}

TEST(Zip, IsRefusedWhenItsDirectoryListsTooFewOrTooMany) {
    const std::string packed = zip(kTwo);
    const auto listing = [&](unsigned count) {
        return with_u16(with_u16(packed, end_record(packed) + 8, count), end_record(packed) + 10, count);
    };
    EXPECT_EQ(error_of(listing(1)), "the zip's directory is damaged");
    EXPECT_EQ(error_of(listing(3)), "the zip's directory is damaged");
    EXPECT_EQ(error_of(listing(0)), "the zip's directory is damaged");
    EXPECT_EQ(error_of(with_u16(packed, end_record(packed) + 4, 1)), "the zip's directory is damaged");
}

TEST(Zip, IsRefusedWhenTwoAreJoined) {
    EXPECT_EQ(error_of(zip({{"a", "1"}}) + zip({{"b", "2"}})), "the zip's directory is damaged");
}

// Two entries over one block of data: what unpacks to gigabytes without any member standing out.
TEST(Zip, IsRefusedWhenMembersShareTheirData) {
    const std::string packed = zip({{"a", std::string(100, '1')}});
    const std::size_t begin = directory(packed);
    const std::string entry = packed.substr(begin, end_record(packed) - begin);
    std::string twice = packed.substr(0, begin) + entry + entry + packed.substr(end_record(packed));
    twice = with_u16(with_u16(twice, end_record(twice) + 8, 2), end_record(twice) + 10, 2);
    twice = with_u16(twice, end_record(twice) + 12, static_cast<unsigned>(entry.size() * 2));
    EXPECT_EQ(error_of(twice), "two members are called 'a'");

    // Also under another name, with a local header of its own laid inside the data of the first.
    const std::string inner = zip({{"b", std::string(100, '2')}});
    const std::string inner_local = inner.substr(0, directory(inner));
    std::string outer = by_libarchive({{"a", inner_local}}, "compression=store");
    const std::size_t outer_directory = directory(outer);
    std::string inner_entry = inner.substr(directory(inner), end_record(inner) - directory(inner));
    inner_entry = with_u16(inner_entry, 42, static_cast<unsigned>(outer.find(inner_local)));
    const std::size_t directory_size = end_record(outer) - outer_directory + inner_entry.size();
    outer.insert(end_record(outer), inner_entry);
    outer = with_u16(with_u16(outer, end_record(outer) + 8, 2), end_record(outer) + 10, 2);
    outer = with_u16(outer, end_record(outer) + 12, static_cast<unsigned>(directory_size));
    EXPECT_EQ(error_of(outer), "two members share their data");
}

TEST(ZipLimits, HoldAtTheEdge) {
    EXPECT_EQ(error_of(zip(kTwo), {.members_max = 2}), "");
    EXPECT_EQ(error_of(zip(kTwo), {.members_max = 1}), "the zip has more than 1 members");
    EXPECT_EQ(error_of(zip({{"a", "12345"}, {"b", "67890"}}), {.bytes_out_max = 10}), "");
    EXPECT_EQ(error_of(zip({{"a", "12345"}, {"b", "67890"}}), {.bytes_out_max = 9}), "unpacks to more than 9 bytes");
    EXPECT_EQ(error_of(by_libarchive({{"a", "12345"}}, "compression=store"), {.bytes_out_max = 4}),
              "unpacks to more than 4 bytes");
}

}  // namespace
}  // namespace core
