// A file of `diff` as parts that several threads read side by side. It is read once from beginning to end, with its
// digest, and single parts again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/digest.h"
#include "core/text/csv.h"

namespace reconciliation::matching {

// The file turned out not to be UTF-8 while it was read: transcode() it and begin anew.
struct NotUtf8 {
    class DiffSource* source;
};

// Whole rows, about a quarter of a megabyte of them. The bytes behind `text` up to the next kPadding are zero.
struct Part {
    static constexpr std::size_t kPadding = 64;

    std::string bytes;
    std::size_t size = 0;
    std::uint64_t offset = 0;  // of the first byte in the file
    std::size_t number = 0;

    std::string_view text() const { return std::string_view(bytes).substr(0, size); }
};

// The line ends of a part.
struct LineEnds {
    static constexpr std::size_t kPage = std::size_t{1} << 12U;

    std::uint64_t count = 0;
    // How many stand before each kPage of bytes, so that a row's line is known without reading from the part's
    // beginning. Empty where a row may hold line ends.
    std::vector<std::uint32_t> before_page;
};

class DiffSource {
public:
    // What came through a pipe or isn't UTF-8 is copied to `folder` first, into a file without a name. `progress` gets
    // the bytes that were read since the last call. Throws core::InputError, core::OutsideFailure.
    DiffSource(const std::filesystem::path& path, std::string shown_name, std::optional<char> separator,
               std::filesystem::path folder, std::function<void(std::uint64_t)> progress);
    ~DiffSource();
    DiffSource(const DiffSource&) = delete;
    DiffSource& operator=(const DiffSource&) = delete;

    const std::string& name() const { return name_; }
    std::uint64_t size() const { return size_; }
    bool is_pipe() const { return is_pipe_; }
    char separator() const { return separator_; }
    // Nothing: the file is empty.
    const std::optional<core::text::CsvRow>& header() const { return header_; }
    std::vector<std::string> notes() const;  // what was understood otherwise than written

    // From any thread. The next part behind the header; false when there is none.
    bool next(Part& part);
    // Told of every part before any of them is read again.
    void counted(const Part& part, LineEnds line_ends);
    // No thread gets another part.
    void stop();
    // Of the file as it lies there; when next() has given false.
    std::string sha256();

    // The parts that were given out, again. From any thread, when all are counted.
    std::size_t parts() const { return begun_.size(); }
    void read_again(std::size_t number, Part& part) const;
    // So much of it as holds the row that begins at `place` of the file. Returns the line ends of the part before that.
    std::uint64_t read_around(std::size_t number, std::uint64_t place, Part& part) const;
    std::uint64_t first_line_of(std::size_t number) const;
    std::uint64_t end_of(std::size_t number) const { return begun_[number].offset + begun_[number].size; }
    std::uint64_t line_ends_of(std::size_t number) const { return begun_[number].line_ends.count; }

    // What reading has found, for another process that takes it over instead of reading.
    struct Taken {
        std::string sha256;
        bool is_transcoded = false;
        std::string parts;  // packed
    };
    Taken give_over();
    // Reads the file for its digest alone. False: it isn't the file that was read, and nothing is taken over.
    bool take_over(const Taken& taken);

    // From the beginning, again.
    void begin();
    // As UTF-16, where its mark says so, or GB18030, from the beginning. Throws core::InputError when it is neither.
    void transcode();

private:
    struct Begun {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        LineEnds line_ends;
    };

    void copy_pipe();
    void digest_all();
    void read_header();
    void read_piece(const Begun& begun, std::uint64_t from, std::size_t size, Part& part) const;
    std::size_t read_some(std::uint64_t offset, char* to, std::size_t size) const;
    void fill(std::string& bytes, std::size_t& size, std::size_t wanted);

    std::filesystem::path path_;
    std::string name_;
    std::optional<char> wanted_separator_;
    std::filesystem::path folder_;
    std::function<void(std::uint64_t)> progress_;
    int file_ = -1;
    std::uint64_t size_ = 0;
    char separator_ = ',';
    std::optional<core::text::CsvRow> header_;
    std::uint64_t header_end_ = 0;
    std::uint64_t first_line_ = 1;  // behind the header
    bool is_pipe_ = false;
    bool is_transcoded_ = false;
    bool is_utf16_ = false;
    std::string original_sha256_;  // where it isn't that of the bytes that are read

    std::mutex mutex_;
    core::crypto::Sha256Stream digest_;
    std::uint64_t at_ = 0;  // read so far
    std::string carried_;   // read, but not yet given out: the beginning of a row
    std::vector<Begun> begun_;
    bool stopped_ = false;
};

}  // namespace reconciliation::matching
