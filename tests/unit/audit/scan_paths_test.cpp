#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "audit/scan.h"
#include "core/failure.h"
#include "tests/support/card_corpus.h"

namespace audit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kLine = "paid by card 4242424242424242 today\n";

class Folder {
public:
    Folder() {
        auto name = (fs::temp_directory_path() / "duizhang-scan-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& bytes) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return (path_ / name).string();
    }
    std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

ScanReport scan(const std::string& path, const ScanOptions& options = {}) {
    static const Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    return PathScanner(redactor, options).scan({path}, [](std::uint64_t, std::uint64_t) {});
}

// Packed as libarchive packs: its format and filter by number, one member.
std::string packed(int format, int filter, const std::string& name, const std::string& bytes) {
    std::string out(bytes.size() * 2 + 100'000, '\0');
    std::size_t used = 0;
    archive* writer = archive_write_new();
    archive_write_set_format(writer, format);
    archive_write_add_filter(writer, filter);
    archive_write_open_memory(writer, out.data(), out.size(), &used);
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    return out.substr(0, used);
}

struct Packing {
    const char* name;
    int format;
    int filter;
    const char* file;
    const char* member;
};

class Packed : public testing::TestWithParam<Packing> {};

TEST_P(Packed, IsLookedInto) {
    const Folder folder;
    const auto& packing = GetParam();
    const auto file = folder.write(packing.file, packed(packing.format, packing.filter, "log.txt", "first\n" + kLine));
    const auto report = scan(file);
    ASSERT_THAT(report.findings, SizeIs(1));
    EXPECT_EQ(report.findings[0].path, file + "!" + packing.member);
    EXPECT_EQ(report.findings[0].line, 2U);
    EXPECT_THAT(report.not_looked_into, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    , Packed,
    testing::Values(Packing{"Gzip", ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, "a.log.gz", "a.log"},
                    Packing{"Bzip2", ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_BZIP2, "a.log.bz2", "a.log"},
                    Packing{"Xz", ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_XZ, "a.log.xz", "a.log"},
                    Packing{"Zstd", ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_ZSTD, "a.log.zst", "a.log"},
                    Packing{"Zip", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "a.zip", "log.txt"},
                    Packing{"SevenZip", ARCHIVE_FORMAT_7ZIP, ARCHIVE_FILTER_NONE, "a.7z", "log.txt"},
                    Packing{"Tar", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, "a.tar", "log.txt"},
                    Packing{"TarGzip", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, "a.tar.gz", "log.txt"},
                    Packing{"TarZstd", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, "a.tar.zst", "log.txt"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(AZipInAZip, IsLookedInto) {
    const Folder folder;
    const auto report =
        scan(folder.write("a.zip", core::zip({{"b.zip", core::zip({{"c.txt.gz", core::gzip(kLine)}})}})));
    ASSERT_THAT(report.findings, SizeIs(1));
    EXPECT_THAT(report.findings[0].path, HasSubstr("a.zip!b.zip!c.txt.gz!c.txt"));
}

TEST(WhatIsPackedTooOften, IsNamed) {
    const Folder folder;
    std::string text = kLine;
    for (int i = 0; i < 6; ++i) {
        text = core::zip({{"a.zip", text}});
    }
    const auto report = scan(folder.write("a.zip", text));
    EXPECT_THAT(report.findings, IsEmpty());
    ASSERT_THAT(report.not_looked_into, SizeIs(1));
    EXPECT_THAT(report.not_looked_into[0].reason, HasSubstr("more than 4 times"));
}

TEST(ABomb, IsNamedAndLeft) {
    const Folder folder;
    ScanOptions options;
    options.unpacked_max = 1 << 20;
    const auto report = scan(folder.write("a.zip", core::zip({{"zeros", std::string(4 << 20, '\0')}})), options);
    ASSERT_THAT(report.not_looked_into, SizeIs(1));
    EXPECT_THAT(report.not_looked_into[0].path, HasSubstr("a.zip!zeros"));
    EXPECT_THAT(report.not_looked_into[0].reason, HasSubstr("limits"));
    EXPECT_LT(report.bytes, std::uint64_t{2} << 20U);
}

TEST(ABombByItsRatio, IsNamedAndLeft) {
    const Folder folder;
    ScanOptions options;
    options.ratio_max = 10;
    const auto report = scan(folder.write("a.gz", core::gzip(std::string(40 << 20, 'a'))), options);
    ASSERT_THAT(report.not_looked_into, SizeIs(1));
    EXPECT_LT(report.bytes, std::uint64_t{18} << 20U);
}

TEST(ADamagedArchive, IsNamedAndLookedAtAsItIs) {
    const Folder folder;
    const auto whole = core::zip({{"a.txt", kLine}});
    const auto report = scan(folder.write("a.zip", whole.substr(0, 20) + "card 5555555555554444"));
    ASSERT_THAT(report.findings, SizeIs(1));
    EXPECT_EQ(report.findings[0].masked, "555555******4444");
    EXPECT_THAT(report.not_looked_into, SizeIs(1));
}

TEST(AnArchiveWithoutMembers, IsLookedAtAsItIs) {
    const Folder folder;
    const auto report = scan(folder.write("a.zip", std::string("PK\x05\x06") + std::string(18, '\0') + kLine));
    EXPECT_THAT(report.findings, SizeIs(1));
}

TEST(ADumpThatIsCutShort, IsNamedAndLookedAtAsItIs) {
    const Folder folder;
    const auto report = scan(folder.write("a.dump", std::string("PGDMP\x01\x0E\0\4\x08\1", 11) + kLine));
    ASSERT_THAT(report.not_looked_into, SizeIs(1));
    EXPECT_THAT(report.findings, SizeIs(1));
    const auto unknown = scan(folder.write("b.dump", std::string("PGDMP\x01\x63\0\4\x08\1", 11)));
    ASSERT_THAT(unknown.not_looked_into, SizeIs(1));
    EXPECT_THAT(unknown.not_looked_into[0].reason, HasSubstr("pg_restore"));
}

TEST(AGzipInAFile, IsLookedInto) {
    const Folder folder;
    const auto report =
        scan(folder.write("core", std::string(300'000, 'x') + core::gzip(std::string(700'000, '-') + kLine) + "end"));
    ASSERT_THAT(report.findings, SizeIs(1));
    EXPECT_THAT(report.findings[0].path, HasSubstr("core!gzip@300000"));
}

TEST(AWorkbook, IsLookedInto) {
    const Folder folder;
    const auto report =
        scan(folder.write("a.xlsx", core::zip({{"xl/worksheets/sheet1.xml", "<c r=\"A1\"><v>4242424242424242</v></c>"},
                                               {"xl/sharedStrings.xml", "<si><t>5555 5555 5555 4444</t></si>"}})));
    EXPECT_THAT(report.findings, SizeIs(2));
}

TEST(AFolder, IsLookedThroughInOrderOfNames) {
    const Folder folder;
    folder.write("b/2.txt", kLine);
    folder.write("a.txt", kLine);
    folder.write("b/1.txt", "nothing");
    fs::create_symlink("a.txt", folder.path() + "/c.txt");
    const auto report = scan(folder.path());
    EXPECT_EQ(report.files, 3U);
    ASSERT_THAT(report.findings, SizeIs(2));
    EXPECT_THAT(report.findings[0].path, HasSubstr("/a.txt"));
    EXPECT_THAT(report.findings[1].path, HasSubstr("/b/2.txt"));
}

TEST(ANumberInAName, IsFoundAndShownMasked) {
    const Folder folder;
    const auto report = scan(folder.write("4242424242424242.txt", kLine));
    ASSERT_THAT(report.findings, SizeIs(2));
    EXPECT_EQ(report.findings[0].line, 0U);
    EXPECT_EQ(report.findings[0].encoding, "name");
    EXPECT_THAT(report.findings[0].path, HasSubstr("424242******4242.txt"));
    EXPECT_THAT(report.findings[1].path, HasSubstr("424242******4242.txt"));
}

TEST(APathThatIsntThere, IsRefused) { EXPECT_THROW(scan("/nowhere/at/all"), core::InputError); }

TEST(TheCorpusInFiles, IsFound) {
    const Folder folder;
    std::size_t found = 0;
    for (const auto& one : test_support::card_corpus()) {
        const auto report = scan(folder.write("case", one.text));
        found += std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
            return finding.masked.starts_with(one.card_digits.substr(0, 6));
        });
    }
    EXPECT_GE(found, 350U);
}

}  // namespace
}  // namespace audit
