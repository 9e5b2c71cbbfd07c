// A trail's bundle as text (audit/trail_verifier/README.md): its header, its records, its heads.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace trail_verifier {

constexpr std::size_t kLineBytesMax = std::size_t{1} << 20U;
constexpr std::int64_t kRecordsMax = 1'000'000'000;
constexpr std::int64_t kHeadsMax = 2'000'000;
constexpr std::size_t kKeysMax = 1000;

// What isn't written as a bundle is; the reader stops at the first.
struct FormError {
    std::size_t line;   // from 1
    std::string field;  // empty: of the line
    std::string what;
};

struct Header {
    std::string origin;  // the installation's name
    std::string tenant;
    std::int64_t records = 0;
    std::int64_t heads = 0;
};

struct Record {
    std::int64_t number = 0;
    std::int64_t at_us = 0;  // since 1970 UTC
    std::string actor;
    std::string act;
    std::string origin;
    std::string object;
    std::string before;
    std::string after;
    std::string outcome;
    std::string leaf;  // 32 bytes
    std::string key;   // 16 hex digits
    std::string signature;
};

struct Head {
    std::string origin;
    std::string tenant;
    std::int64_t size = 0;
    std::int64_t at_us = 0;
    std::string root;  // 32 bytes
    std::string key;
    std::string signature;
};

// Each of one line, without its end. They throw FormError.
Header header_in(const std::string& text, std::size_t line);
Record record_in(const std::string& text, std::size_t line);
Head head_in(const std::string& text, std::size_t line);
bool is_head(std::string_view text);

// Lines of what may be larger than memory.
class Lines {
public:
    explicit Lines(std::istream& from) : from_(from) {}

    // False at the end. Throws FormError for a line that is too long.
    bool next();
    const std::string& text() const { return text_; }
    std::size_t number() const { return number_; }
    bool is_whole() const { return whole_; }  // it ended with a line feed

private:
    std::istream& from_;
    std::string text_;
    std::size_t number_ = 0;
    bool whole_ = true;
};

// "2026-11-21T08:00:00.123456Z", with up to six digits behind the point; -1 for what isn't one.
std::int64_t microseconds_of(std::string_view text);
std::string time_text(std::int64_t microseconds);

// What the hashes and signatures are taken of.
std::string leaf_of(const std::string& tenant, const Record& record);
std::string signed_text(const Record& record, std::string_view leaf);
std::string signed_text(const Head& head);

}  // namespace trail_verifier
