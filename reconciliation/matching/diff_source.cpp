#include "reconciliation/matching/diff_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/failure.h"
#include "core/text/encoding.h"
#include "reconciliation/engine/packed.h"
#include "reconciliation/matching/diff_layout.h"

namespace reconciliation::matching {

namespace {

constexpr std::size_t kPartBytes = std::size_t{1} << 18U;
// A row that doesn't end within this is refused by whoever reads it.
constexpr std::size_t kRowBytesMax = core::text::CsvReader::Limits{}.row_bytes_max + 1;

[[noreturn]] void fail_to(const std::string& what, const std::string& name) {
    throw core::OutsideFailure(name + ": can't " + what + ": " + std::strerror(errno));
}

int nameless_file(const std::filesystem::path& folder) {
    const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) {
        fail_to("make a temporary file there; set TMPDIR to another folder", folder.string());
    }
    return file;
}

void append(int file, std::string_view bytes, const std::filesystem::path& folder) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            fail_to("write a temporary file there; set TMPDIR to a folder with more room", folder.string());
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

DiffSource::DiffSource(const std::filesystem::path& path, std::string shown_name, std::optional<char> separator,
                       std::filesystem::path folder, std::function<void(std::uint64_t)> progress)
    : path_(path),
      name_(std::move(shown_name)),
      wanted_separator_(separator),
      folder_(std::move(folder)),
      progress_(std::move(progress)) {
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) {
        throw core::InputError(name_ + ": can't be opened: " + std::strerror(errno));
    }
    struct stat told {};
    if (::fstat(file_, &told) != 0) {
        fail_to("be looked at", name_);
    }
    if (S_ISDIR(told.st_mode)) {
        throw core::InputError(name_ + ": is a folder; name a file");
    }
    if (S_ISREG(told.st_mode)) {
        size_ = static_cast<std::uint64_t>(told.st_size);
    } else {
        is_pipe_ = true;
        copy_pipe();
    }
    begin();
}

DiffSource::~DiffSource() { ::close(file_); }

void DiffSource::copy_pipe() {
    const int copy = nameless_file(folder_);
    std::string bytes(kPartBytes, '\0');
    while (true) {
        const ssize_t got = ::read(file_, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            ::close(copy);
            fail_to("be read", name_);
        }
        if (got == 0) {
            break;
        }
        append(copy, std::string_view(bytes).substr(0, static_cast<std::size_t>(got)), folder_);
        size_ += static_cast<std::uint64_t>(got);
    }
    ::close(file_);
    file_ = copy;
}

std::size_t DiffSource::read_some(std::uint64_t offset, char* to, std::size_t size) const {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(file_, to + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            fail_to("be read", name_);
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void DiffSource::begin() {
    stopped_ = false;
    at_ = 0;
    carried_.clear();
    begun_.clear();
    digest_.finish_hex();
    read_header();
}

// Reads on, at the end of what is there.
void DiffSource::fill(std::string& bytes, std::size_t& size, std::size_t wanted) {
    if (bytes.size() < size + wanted + Part::kPadding) {
        bytes.resize(size + wanted + Part::kPadding);
    }
    const std::size_t got = read_some(at_, bytes.data() + size, std::min<std::uint64_t>(wanted, size_ - at_));
    if (got == 0 && at_ < size_) {
        throw core::OutsideFailure(name_ + ": became shorter while it was read; compare it when nobody writes it");
    }
    if (original_sha256_.empty()) {
        digest_.add(std::string_view(bytes).substr(size, got));
    }
    at_ += got;
    size += got;
}

void DiffSource::read_header() {
    std::size_t size = 0;
    fill(carried_, size, kPartBytes + kRowBytesMax);
    carried_.resize(size);
    const std::string_view whole =
        at_ < size_ ? std::string_view(carried_).substr(0, carried_.find_last_of("\r\n")) : std::string_view(carried_);
    if (!core::text::is_valid_utf8(whole)) {
        transcode();
        return;
    }
    separator_ = wanted_separator_.value_or(guess_separator(carried_));
    core::text::CsvReader reader(carried_, separator_);
    auto row = reader.next();
    if (!row) {
        throw core::InputError(name_ + ":" + std::to_string(row.error().line) + ": row: " + row.error().what +
                               "; correct the row, or the separator in the mapping");
    }
    header_ = std::move(*row);
    header_end_ = reader.offset();
    first_line_ = reader.line();
    carried_.erase(0, header_end_);
}

std::vector<std::string> DiffSource::notes() const {
    std::vector<std::string> notes;
    if (is_transcoded_) {
        notes.emplace_back(is_utf16_ ? "read as UTF-16, as its first two bytes say"
                                     : "read as GB18030, since it isn't UTF-8");
    }
    if (!header_) {
        notes.emplace_back("is empty");
    }
    return notes;
}

bool DiffSource::next(Part& part) {
    const std::lock_guard lock(mutex_);
    if (stopped_ || (carried_.empty() && at_ >= size_)) {
        return false;
    }
    const std::uint64_t read_before = at_;
    part.offset = at_ - carried_.size();
    part.number = begun_.size();
    part.bytes.reserve(kPartBytes * 2);
    part.bytes.assign(carried_);
    part.size = carried_.size();
    std::size_t whole = 0;
    while (whole == 0) {
        fill(part.bytes, part.size, kPartBytes);
        whole = at_ >= size_ ? part.size : core::text::whole_records(part.text(), separator_);
        if (whole == 0 && part.size > kRowBytesMax) {
            whole = part.size;  // no row may be as long, so it is refused
        }
    }
    carried_.assign(part.bytes, whole, part.size - whole);
    part.size = whole;
    std::fill_n(part.bytes.begin() + static_cast<std::ptrdiff_t>(whole), Part::kPadding, '\0');
    begun_.push_back({part.offset, part.size, {}});
    if (progress_) {
        progress_(at_ - read_before);
    }
    return part.size > 0;
}

void DiffSource::counted(const Part& part, LineEnds line_ends) {
    const std::lock_guard lock(mutex_);
    begun_[part.number].line_ends = std::move(line_ends);
}

void DiffSource::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
}

std::string DiffSource::sha256() { return original_sha256_.empty() ? digest_.finish_hex() : original_sha256_; }

DiffSource::Taken DiffSource::give_over() {
    engine::Packer packer;
    packer.number<std::uint64_t>(begun_.size());
    for (const Begun& begun : begun_) {
        packer.number(begun.offset);
        packer.number(begun.size);
        packer.number(begun.line_ends.count);
        packer.numbers(begun.line_ends.before_page);
    }
    original_sha256_ = sha256();  // it can be asked for once
    return {original_sha256_, is_transcoded_, packer.take()};
}

bool DiffSource::take_over(const Taken& taken) {
    if (!taken.is_transcoded) {
        digest_all();
    } else if (!is_transcoded_) {
        transcode();
    }
    if (original_sha256_ != taken.sha256 || is_transcoded_ != taken.is_transcoded) {
        return false;
    }
    engine::Unpacker parts(taken.parts);
    const auto count = parts.number<std::uint64_t>();
    engine::Unpacker::require(count <= taken.parts.size());
    begun_.resize(count);
    for (Begun& begun : begun_) {
        begun.offset = parts.number<std::uint64_t>();
        begun.size = parts.number<std::uint64_t>();
        begun.line_ends.count = parts.number<std::uint64_t>();
        begun.line_ends.before_page = parts.numbers<std::uint32_t>();
        engine::Unpacker::require(begun.offset <= size_ && begun.size <= size_ - begun.offset);
    }
    parts.end();
    stop();
    return true;
}

void DiffSource::digest_all() {
    digest_.finish_hex();
    std::string bytes(kPartBytes, '\0');
    for (std::uint64_t offset = 0; offset < size_;) {
        const std::size_t got = read_some(offset, bytes.data(), bytes.size());
        if (got == 0) {
            break;
        }
        digest_.add(std::string_view(bytes).substr(0, got));
        offset += got;
        if (progress_) {
            progress_(got);
        }
    }
    original_sha256_ = digest_.finish_hex();
}

void DiffSource::read_piece(const Begun& begun, std::uint64_t from, std::size_t size, Part& part) const {
    part.bytes.resize(size + Part::kPadding);
    part.size = read_some(begun.offset + from, part.bytes.data(), size);
    if (part.size != size) {
        throw core::OutsideFailure(name_ + ": became shorter while it was read; compare it when nobody writes it");
    }
    part.offset = begun.offset + from;
}

void DiffSource::read_again(std::size_t number, Part& part) const {
    part.number = number;
    read_piece(begun_[number], 0, begun_[number].size, part);
}

std::uint64_t DiffSource::read_around(std::size_t number, std::uint64_t place, Part& part) const {
    const Begun& begun = begun_[number];
    const auto& before_page = begun.line_ends.before_page;
    if (before_page.empty()) {
        read_again(number, part);
        return 0;
    }
    part.number = number;
    const std::uint64_t page = (place - begun.offset) / LineEnds::kPage;
    const std::uint64_t from = page * LineEnds::kPage;
    read_piece(begun, from, std::min<std::uint64_t>(2 * LineEnds::kPage, begun.size - from), part);
    if (part.text().find('\n', place - part.offset) == std::string_view::npos) {
        read_piece(begun, from, begun.size - from, part);
    }
    return before_page[page];
}

std::uint64_t DiffSource::first_line_of(std::size_t number) const {
    std::uint64_t line = first_line_;
    for (std::size_t i = 0; i < number; ++i) {
        line += begun_[i].line_ends.count;
    }
    return line;
}

namespace {

// UTF-16 with its mark, or GB18030.
class Decoder {
public:
    explicit Decoder(std::string_view begin)
        : is_big_endian_(begin.starts_with("\xFE\xFF")), is_utf16_(is_big_endian_ || begin.starts_with("\xFF\xFE")) {}

    bool is_utf16() const { return is_utf16_; }
    std::size_t mark_bytes() const { return is_utf16_ ? 2 : 0; }

    // How many of the bytes hold whole characters: of UTF-16 all but half a one, of GB18030 whole rows, since no byte
    // of a line end is part of a longer character.
    std::size_t whole(std::string_view bytes) const {
        if (!is_utf16_) {
            const auto end = bytes.find_last_of("\r\n");
            return end == std::string_view::npos ? 0 : end + 1;
        }
        const std::size_t even = bytes.size() / 2 * 2;
        const bool is_first_half =
            even > 0 && (static_cast<unsigned char>(bytes[even - (is_big_endian_ ? 2 : 1)]) & 0xFCU) == 0xD8U;
        return even - (is_first_half ? 2 : 0);
    }
    std::optional<std::string> utf8(std::string_view bytes) const {
        return is_utf16_ ? core::text::utf8_from_utf16(bytes, is_big_endian_) : core::text::utf8_from_gbk(bytes);
    }

private:
    bool is_big_endian_;
    bool is_utf16_;
};

}  // namespace

void DiffSource::transcode() {
    std::string mark(2, '\0');
    mark.resize(read_some(0, mark.data(), mark.size()));
    const Decoder decoder(mark);
    const int copy = nameless_file(folder_);
    core::crypto::Sha256Stream digest;
    std::string pending;
    std::string bytes(kPartBytes, '\0');
    std::uint64_t offset = 0;
    std::uint64_t written = 0;
    while (true) {
        const std::size_t got = read_some(offset, bytes.data(), bytes.size());
        offset += got;
        digest.add(std::string_view(bytes).substr(0, got));
        pending.append(bytes, 0, got);
        if (offset == got) {
            pending.erase(0, decoder.mark_bytes());
        }
        const std::size_t whole = got > 0 ? decoder.whole(pending) : pending.size();
        const auto text = decoder.utf8(std::string_view(pending).substr(0, whole));
        if (!text) {
            ::close(copy);
            throw core::InputError(name_ + ":1: encoding: the file is neither UTF-8 nor GB18030" +
                                   (decoder.is_utf16() ? ", nor the UTF-16 that it begins as" : "") +
                                   "; save it as UTF-8");
        }
        append(copy, *text, folder_);
        written += text->size();
        pending.erase(0, whole);
        if (got == 0) {
            break;
        }
    }
    ::close(file_);
    file_ = copy;
    size_ = written;
    original_sha256_ = digest.finish_hex();
    is_transcoded_ = true;
    is_utf16_ = decoder.is_utf16();
    begin();
}

}  // namespace reconciliation::matching
