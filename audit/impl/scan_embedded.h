// A gzip stream in the middle of something else, unpacked as it comes and scanned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "audit/scan.h"

namespace audit::impl {

class EmbeddedGzip {
public:
    // Whether these bytes can be the beginning of one.
    static bool may_begin(std::string_view bytes);

    // `path` is that of the text it stands in, and `at` its place there.
    EmbeddedGzip(const std::string& path, std::uint64_t at, const Redactor& redactor, const ScanOptions& options,
                 ScanReport& report);
    ~EmbeddedGzip();
    EmbeddedGzip(const EmbeddedGzip&) = delete;
    EmbeddedGzip& operator=(const EmbeddedGzip&) = delete;

    // False when it has ended, or was none.
    bool take(std::string_view bytes);
    // The text around has ended.
    void finish();

private:
    struct Inflate;
    std::string path_;
    const Redactor& redactor_;
    const ScanOptions& options_;
    ScanReport& report_;
    std::unique_ptr<Inflate> inflate_;
    std::unique_ptr<TextScanner> scanner_;  // from the first byte that comes out
    std::uint64_t in_ = 0;
    std::uint64_t out_ = 0;
};

// Whether so much out of so much is more than unpacking gives in earnest.
bool is_beyond_limits(const ScanOptions& options, std::uint64_t in, std::uint64_t out);

}  // namespace audit::impl
