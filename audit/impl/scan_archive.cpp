// Archives and compressed files, member by member, as they come: libarchive reads, we hold it to our limits.
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>

#include "audit/impl/scan_source.h"
#include "core/failure.h"

namespace audit::impl {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10U;

// What libarchive reads from. Its callbacks are C: what is thrown is kept and thrown again outside.
struct Feed {
    Source& source;
    std::string_view head;  // read already
    std::uint64_t place = 0;
    std::array<char, kBlock> block{};
    std::exception_ptr thrown{};
};

la_ssize_t read_feed(archive*, void* data, const void** bytes) {
    auto& feed = *static_cast<Feed*>(data);
    try {
        std::size_t size = 0;
        if (feed.place < feed.head.size()) {
            size = feed.head.size() - feed.place;
            std::memcpy(feed.block.data(), feed.head.data() + feed.place, size);
        } else {
            size = feed.source.read(feed.block.data(), feed.block.size());
        }
        feed.place += size;
        *bytes = feed.block.data();
        return static_cast<la_ssize_t>(size);
    } catch (...) {
        feed.thrown = std::current_exception();
        return ARCHIVE_FATAL;
    }
}

la_int64_t seek_feed(archive*, void* data, la_int64_t offset, int whence) {
    auto& feed = *static_cast<Feed*>(data);
    try {
        const auto size = static_cast<la_int64_t>(feed.source.size());
        const auto place = static_cast<la_int64_t>(feed.place);
        const la_int64_t to = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? place : size);
        if (to < 0 || to > size || !feed.source.seek(static_cast<std::uint64_t>(to))) {
            return ARCHIVE_FATAL;
        }
        feed.head = {};
        feed.place = static_cast<std::uint64_t>(to);
        return to;
    } catch (...) {
        feed.thrown = std::current_exception();
        return ARCHIVE_FATAL;
    }
}

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

Reader reader_of(Feed& feed) {
    Reader reader(archive_read_new(), archive_read_free);
    core::ensure(reader != nullptr, "libarchive gives a reader");
    archive* a = reader.get();
    // One by one: "all" would run other programs for some.
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_cpio(a);
    archive_read_support_format_7zip(a);
    archive_read_support_format_raw(a);
    archive_read_set_read_callback(a, read_feed);
    archive_read_set_callback_data(a, &feed);
    if (feed.source.size() > 0) {
        archive_read_set_seek_callback(a, seek_feed);
    }
    return reader;
}

class Member : public Source {
public:
    Member(archive* reader, SourceScanner& scanner, Budget& budget)
        : reader_(reader), scanner_(scanner), budget_(budget) {}

    std::size_t read(char* to, std::size_t size) override {
        const auto got = archive_read_data(reader_, to, size);
        if (got < 0) {
            throw core::InputError("is damaged or packed in a way that isn't known");
        }
        scanner_.count(budget_, static_cast<std::size_t>(got));
        return static_cast<std::size_t>(got);
    }

private:
    archive* reader_;
    SourceScanner& scanner_;
    Budget& budget_;
};

std::string name_without_ending(const std::string& path) {
    const auto name = path.substr(path.find_last_of("/!") + 1);
    const auto dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? "data" : name.substr(0, dot);
}

std::string name_of(archive* reader, archive_entry* entry, const std::string& path, std::uint64_t number) {
    if (archive_format(reader) == ARCHIVE_FORMAT_RAW) {
        return name_without_ending(path);
    }
    const char* name = archive_entry_pathname(entry);
    name = name != nullptr ? name : archive_entry_pathname_utf8(entry);
    return name != nullptr ? name : "member-" + std::to_string(number);
}

class Archive {
public:
    Archive(SourceScanner& scanner, const std::string& path, Feed& feed, Budget& budget, unsigned depth)
        : scanner_(scanner), path_(path), feed_(feed), budget_(budget), depth_(depth), reader_(reader_of(feed)) {}

    bool scan() {
        if (archive_read_open1(reader_.get()) != ARCHIVE_OK) {
            return fails();
        }
        archive_entry* entry = nullptr;
        while (true) {
            const int result = archive_read_next_header(reader_.get(), &entry);
            if (result == ARCHIVE_EOF) {
                return has_members_ || is_empty();
            }
            if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
                return fails();
            }
            if (++budget_.members > scanner_.options().members_max) {
                scanner_.not_looked_into(path_, "has more members than the limit");
                return true;
            }
            if (!scan_member(entry)) {
                return true;
            }
        }
    }

private:
    // What says that it is an archive and has nothing in it is looked at as it is.
    bool is_empty() {
        if (feed_.source.size() > 0) {
            return false;
        }
        scanner_.not_looked_into(path_, "is an archive without members");
        return true;
    }

    // False when there is no going on.
    bool scan_member(archive_entry* entry) {
        has_members_ = true;
        if (archive_entry_filetype(entry) == AE_IFDIR || archive_entry_filetype(entry) == AE_IFLNK) {
            return true;
        }
        const auto name = name_of(reader_.get(), entry, path_, budget_.members);
        const auto path = path_ + "!" + name;
        if (archive_entry_is_encrypted(entry) != 0) {
            scanner_.not_looked_into(path, "is encrypted");
            return true;
        }
        Member member(reader_.get(), scanner_, budget_);
        try {
            scanner_.scan(path, name, member, budget_, depth_);
        } catch (const core::InputError& error) {
            if (feed_.thrown) {
                std::rethrow_exception(feed_.thrown);
            }
            scanner_.not_looked_into(path, error.what());
            return !is_spent();
        }
        return true;
    }

    bool is_spent() const {
        try {
            scanner_.count(budget_, 0);
            return false;
        } catch (const core::InputError&) {
            return true;
        }
    }

    bool fails() {
        if (feed_.thrown) {
            std::rethrow_exception(feed_.thrown);
        }
        scanner_.not_looked_into(path_, "is a damaged archive, or none; looked at as it is where possible");
        return false;
    }

    SourceScanner& scanner_;
    const std::string& path_;
    Feed& feed_;
    Budget& budget_;
    unsigned depth_;
    Reader reader_;
    bool has_members_ = false;
};

}  // namespace

bool scan_archive(SourceScanner& scanner, const std::string& path, std::string_view head, Source& source,
                  Budget& budget, unsigned depth) {
    Feed feed{source, head, 0, {}, nullptr};
    return Archive(scanner, path, feed, budget, depth).scan();
}

}  // namespace audit::impl
