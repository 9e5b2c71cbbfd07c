// The scanner: finds card data and secrets in whatever people leave behind: files, folders, archives, dumps, a
// database.
//
// What counts as a card number is wider than what the Redactor masks (redact.h): it may be written in groups, encoded,
// packed, broken over lines. What is judged is always a whole run of digits, so that parts of longer ids are none.
//
//   S1  No finding, nor anything else that comes from here, shows more of a number than its first six and last four
//       digits. Names of files are shown by the same rule.
//   S2  The memory taken doesn't depend on how long a text is.
//   S3  What couldn't be looked into is named, with the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "audit/redact.h"

namespace audit {

enum class FindingKind { pan, track, cvv, secret, private_key };
enum class Confidence { low, medium, high };

std::string_view name_of(FindingKind kind);
std::string_view name_of(Confidence confidence);

struct Finding {
    std::string path;          // inside an archive ARCHIVE!MEMBER; card numbers in it are masked
    std::uint64_t line = 0;    // from 1; 0 for what stands in the name itself
    std::uint64_t column = 0;  // in bytes, from 1
    FindingKind kind = FindingKind::pan;
    Confidence confidence = Confidence::low;
    std::string encoding;     // "plain", "grouped", "base64", "base64+json", ...
    std::string masked;       // 424242******4242; of secrets what says their kind
    std::string fingerprint;  // of a card number, under the key in use; else empty
};

struct NotLookedInto {
    std::string path;
    std::string reason;
};

struct ScanOptions {
    // Findings with these fingerprints are left out.
    std::set<std::string, std::less<>> allowed;
    // Leaves out the numbers that the card networks publish for testing.
    bool allow_test_numbers = false;
    std::size_t findings_max = 100'000;  // beyond, they are counted only
    // Of what is packed: so deep, so much in all of one file, so much for each byte (from 16 MiB on), so many members.
    unsigned depth_max = 4;
    std::uint64_t unpacked_max = std::uint64_t{1} << 38U;
    std::uint64_t ratio_max = 1'100;
    std::uint64_t members_max = 1'000'000;
};

struct ScanReport {
    std::uint64_t files = 0;  // members of archives too
    std::uint64_t bytes = 0;  // looked at, unpacked
    std::vector<Finding> findings;
    std::uint64_t findings_left_out = 0;  // beyond findings_max
    std::uint64_t allowed = 0;            // left out by an allow-list
    std::uint64_t ids = 0;                // numbers in fields of ids that, taken together, are no card numbers
    std::vector<NotLookedInto> not_looked_into;
};

// One text, in whatever pieces it comes. What it finds goes to the report.
class TextScanner {
public:
    // All of them outlive it.
    TextScanner(std::string path, const Redactor& redactor, const ScanOptions& options, ScanReport& report);
    ~TextScanner();
    TextScanner(const TextScanner&) = delete;
    TextScanner& operator=(const TextScanner&) = delete;

    void take(std::string_view bytes);
    void finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Files and folders, with all that is in them, and archives in them. Symbolic links within folders aren't followed.
class PathScanner {
public:
    using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;  // bytes on the disk

    PathScanner(const Redactor& redactor, const ScanOptions& options) : redactor_(redactor), options_(options) {}

    // A path that isn't there is a core::InputError. "-" is standard input.
    ScanReport scan(const std::vector<std::string>& paths, const Progress& progress) const;

private:
    const Redactor& redactor_;
    const ScanOptions& options_;
};

// The text with what may be a card number masked, by rule S1: for names of files.
std::string shown_name(std::string_view name);

}  // namespace audit
