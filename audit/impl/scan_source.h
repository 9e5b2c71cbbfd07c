// Where the scanner's bytes come from: files, standard input, members of archives, one in the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "audit/scan.h"

namespace audit::impl {

class Source {
public:
    virtual ~Source() = default;
    // Up to so many bytes; 0 at the end. Throws core::InputError or core::OutsideFailure.
    virtual std::size_t read(char* to, std::size_t size) = 0;
    // To that place; false where that can't be done.
    virtual bool seek(std::uint64_t) { return false; }
    virtual std::uint64_t size() { return 0; }
};

// What is unpacked of one file on the disk, at whatever depth.
struct Budget {
    std::uint64_t in = 0;   // of the file itself
    std::uint64_t out = 0;  // out of anything packed
    std::uint64_t members = 0;
};

// How a text begins that has others in it.
enum class Packing { none, archive, dump, refused };
struct Packed {
    Packing packing;
    std::string_view refused_as;  // what it is, when it can't be looked into
};
Packed packing_of(std::string_view head);
constexpr std::size_t kHead = 512;

// Scans a text, and what is packed in it. Its name is looked at too.
class SourceScanner {
public:
    SourceScanner(const Redactor& redactor, const ScanOptions& options, ScanReport& report)
        : redactor_(redactor), options_(options), report_(report) {}

    void scan(const std::string& path, std::string_view name, Source& source, Budget& budget, unsigned depth);
    void not_looked_into(const std::string& path, std::string reason);
    // Counts what came out of something packed; throws when it is beyond the limits.
    void count(Budget& budget, std::size_t bytes) const;

    const ScanOptions& options() const { return options_; }

private:
    void scan_name(const std::string& path, std::string_view name);
    void scan_text(const std::string& path, std::string_view head, Source& source);

    const Redactor& redactor_;
    const ScanOptions& options_;
    ScanReport& report_;
};

// Unpacks, and hands each member to the scanner. `head` has been read already. True unless it is damaged or none.
bool scan_archive(SourceScanner& scanner, const std::string& path, std::string_view head, Source& source,
                  Budget& budget, unsigned depth);
// The same for PostgreSQL's own dumps (pg_dump --format=custom).
bool scan_dump(SourceScanner& scanner, const std::string& path, std::string_view head, Source& source, Budget& budget,
               unsigned depth);

}  // namespace audit::impl
