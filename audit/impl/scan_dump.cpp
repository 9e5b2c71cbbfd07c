// PostgreSQL's own dumps (pg_dump --format=custom), versions 1.12 to 1.16 of the format, as PostgreSQL 9.0 to 17 write
// them. The form is that of src/bin/pg_dump/pg_backup_archiver.c and pg_backup_custom.c: a head, a table of contents,
// blocks of data, each in chunks with their lengths, deflated all together or not at all.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>

#include "audit/impl/scan_source.h"
#include "core/failure.h"

namespace audit::impl {
namespace {

constexpr std::size_t kTextMax = std::size_t{64} << 20U;
constexpr std::int64_t kEntriesMax = 10'000'000;
constexpr int kData = 1;
constexpr int kBlobs = 3;

class Reader {
public:
    Reader(std::string_view head, Source& source) : head_(head), source_(source) {}

    bool at_end() {
        fill();
        return from_ == until_;
    }
    unsigned byte() {
        if (at_end()) {
            throw core::InputError("is cut short");
        }
        return static_cast<unsigned char>(room_[from_++]);
    }
    std::size_t some(char* to, std::size_t size) {
        fill();
        size = std::min(size, until_ - from_);
        std::memcpy(to, room_.data() + from_, size);
        from_ += size;
        return size;
    }
    // A sign, then as many bytes as the head says, the lowest first.
    std::int64_t integer() {
        const bool negative = byte() != 0;
        std::uint64_t value = 0;
        for (unsigned i = 0; i < int_size_; ++i) {
            value |= std::uint64_t{byte()} << (8 * i);
        }
        if (value > INT32_MAX) {
            throw core::InputError("has a number in it that no dump has");
        }
        return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
    }
    // Nothing for what isn't there.
    std::optional<std::string> text() {
        const auto size = integer();
        if (size < 0) {
            return std::nullopt;
        }
        if (static_cast<std::size_t>(size) > kTextMax) {
            throw core::InputError("has a text in it that is longer than the limit");
        }
        std::string read;
        while (read.size() < static_cast<std::size_t>(size)) {
            read.push_back(static_cast<char>(byte()));
        }
        return read;
    }
    void sizes(unsigned int_size) {
        if (int_size == 0 || int_size > 8) {
            throw core::InputError("has a head that no dump has");
        }
        int_size_ = int_size;
    }

private:
    void fill() {
        if (from_ < until_) {
            return;
        }
        from_ = 0;
        until_ = std::min(head_.size(), room_.size());
        std::memcpy(room_.data(), head_.data(), until_);
        head_.remove_prefix(until_);
        until_ = until_ > 0 ? until_ : source_.read(room_.data(), room_.size());
    }

    std::string_view head_;
    Source& source_;
    std::array<char, std::size_t{64} << 10U> room_{};
    std::size_t from_ = 0;
    std::size_t until_ = 0;
    unsigned int_size_ = 4;
};

// One block's bytes, inflated when they are deflated.
class Block : public Source {
public:
    Block(Reader& reader, bool deflated, SourceScanner& scanner, Budget& budget)
        : reader_(reader), deflated_(deflated), scanner_(scanner), budget_(budget) {
        if (deflated_ && inflateInit(&stream_) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~Block() override {
        if (deflated_) {
            inflateEnd(&stream_);
        }
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    std::size_t read(char* to, std::size_t size) override {
        const auto got = deflated_ ? inflated(to, size) : raw(to, size);
        scanner_.count(budget_, got);
        return got;
    }

    // To the block's end, where the next begins.
    void read_over() {
        while (raw(room_.data(), room_.size()) > 0) {
        }
    }

private:
    std::size_t raw(char* to, std::size_t size) {
        while (chunk_ == 0 && !ended_) {
            const auto next = reader_.integer();
            if (next < 0) {
                throw core::InputError("has a block in it that no dump has");
            }
            chunk_ = static_cast<std::size_t>(next);
            ended_ = next == 0;
        }
        const auto got = ended_ ? 0 : reader_.some(to, std::min(size, chunk_));
        if (got == 0 && !ended_) {
            throw core::InputError("is cut short");
        }
        chunk_ -= got;
        return got;
    }
    std::size_t inflated(char* to, std::size_t size) {
        stream_.next_out = reinterpret_cast<Bytef*>(to);
        stream_.avail_out = static_cast<uInt>(size);
        while (stream_.avail_out == size && !inflated_whole_) {
            if (stream_.avail_in == 0) {
                stream_.next_in = reinterpret_cast<Bytef*>(room_.data());
                stream_.avail_in = static_cast<uInt>(raw(room_.data(), room_.size()));
            }
            if (stream_.avail_in == 0) {
                return 0;
            }
            const int result = inflate(&stream_, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END) {
                throw core::InputError("is damaged: a block can't be inflated");
            }
            inflated_whole_ = result == Z_STREAM_END;
        }
        return size - stream_.avail_out;
    }

    Reader& reader_;
    bool deflated_;
    SourceScanner& scanner_;
    Budget& budget_;
    std::size_t chunk_ = 0;
    bool ended_ = false;
    bool inflated_whole_ = false;
    z_stream stream_{};
    std::array<char, std::size_t{16} << 10U> room_{};
};

class Text : public Source {
public:
    explicit Text(std::string text) : text_(std::move(text)) {}
    std::size_t read(char* to, std::size_t size) override {
        const auto part = std::string_view(text_).substr(at_, size);
        std::memcpy(to, part.data(), part.size());
        at_ += part.size();
        return part.size();
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};

class Dump {
public:
    Dump(SourceScanner& scanner, const std::string& path, Reader& reader, Budget& budget, unsigned depth)
        : scanner_(scanner), path_(path), reader_(reader), budget_(budget), depth_(depth) {}

    void scan() {
        read_head();
        const auto entries = reader_.integer();
        for (std::int64_t i = 0; i < std::min(entries, kEntriesMax); ++i) {
            read_entry();
        }
        while (!reader_.at_end()) {
            scan_block();
        }
        if (entries <= 0) {
            throw core::InputError("is a dump with nothing in it");
        }
    }

private:
    void read_head() {
        for (std::size_t i = 0; i < 5; ++i) {
            reader_.byte();  // PGDMP
        }
        const auto major = reader_.byte();
        minor_ = reader_.byte();
        reader_.byte();
        reader_.sizes(reader_.byte());
        offset_size_ = reader_.byte();
        const auto format = reader_.byte();
        if (major != 1 || minor_ < 12 || minor_ > 16 || format != 1) {
            throw core::InputError("is a dump of a version that isn't known; make text of it with pg_restore -f FILE");
        }
        const auto packing = minor_ >= 15 ? static_cast<std::int64_t>(reader_.byte()) : reader_.integer();
        if (minor_ >= 15 && packing > 1) {
            throw core::InputError("is packed with lz4 or zstd; make text of it with pg_restore -f FILE");
        }
        deflated_ = packing != 0;
        for (int i = 0; i < 7; ++i) {
            reader_.integer();  // when it was made
        }
        for (int i = 0; i < 3; ++i) {
            reader_.text();  // database, versions
        }
    }

    void read_entry() {
        const auto id = reader_.integer();
        reader_.integer();
        reader_.text();
        reader_.text();
        const auto tag = reader_.text();
        reader_.text();
        reader_.integer();
        std::string statements;
        for (int i = 0; i < 3; ++i) {
            statements += reader_.text().value_or("") + "\n";
        }
        const auto schema = reader_.text();
        reader_.text();
        if (minor_ >= 14) {
            reader_.text();
        }
        if (minor_ >= 16) {
            reader_.integer();
        }
        reader_.text();
        reader_.text();
        while (reader_.text()) {
        }
        for (unsigned i = 0; i <= offset_size_; ++i) {
            reader_.byte();
        }
        const auto name = (schema && !schema->empty() ? *schema + "." : "") + tag.value_or("");
        names_[id] = name;
        Text text(std::move(statements));
        scanner_.scan(path_ + "!" + name + " (definition)", "", text, budget_, depth_);
    }

    void scan_block() {
        const auto kind = static_cast<int>(reader_.byte());
        const auto name = names_[reader_.integer()];
        if (kind == kData) {
            return scan_data(name);
        }
        if (kind != kBlobs) {
            throw core::InputError("has a block in it that no dump has");
        }
        while (const auto object = reader_.integer()) {
            scan_data("large object " + std::to_string(object));
        }
    }

    void scan_data(const std::string& name) {
        Block block(reader_, deflated_, scanner_, budget_);
        scanner_.scan(path_ + "!" + name, "", block, budget_, depth_);
        block.read_over();
    }

    SourceScanner& scanner_;
    const std::string& path_;
    Reader& reader_;
    Budget& budget_;
    unsigned depth_;
    unsigned minor_ = 0;
    unsigned offset_size_ = 0;
    bool deflated_ = false;
    std::map<std::int64_t, std::string> names_;
};

}  // namespace

bool scan_dump(SourceScanner& scanner, const std::string& path, std::string_view head, Source& source, Budget& budget,
               unsigned depth) {
    Reader reader(head, source);
    try {
        Dump(scanner, path, reader, budget, depth).scan();
        return true;
    } catch (const core::InputError& error) {
        scanner.not_looked_into(path, error.what());
        return false;
    }
}

}  // namespace audit::impl
