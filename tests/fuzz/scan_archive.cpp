// The scanner on what may be an archive: whatever it is, within the limits, and named when it isn't looked into.
#include <algorithm>
#include <cstring>

#include "audit/impl/scan_source.h"
#include "tests/fuzz/fuzz.h"

namespace {

class Memory : public audit::impl::Source {
public:
    Memory(std::string_view bytes, bool can_seek) : bytes_(bytes), can_seek_(can_seek) {}

    std::size_t read(char* to, std::size_t size) override {
        const auto part = bytes_.substr(std::min(at_, bytes_.size()), size);
        std::memcpy(to, part.data(), part.size());
        at_ += part.size();
        return part.size();
    }
    bool seek(std::uint64_t place) override {
        at_ = can_seek_ ? static_cast<std::size_t>(place) : at_;
        return can_seek_;
    }
    std::uint64_t size() override { return can_seek_ ? bytes_.size() : 0; }

private:
    std::string_view bytes_;
    bool can_seek_;
    std::size_t at_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    fuzz::Input input(data, size);
    const bool can_seek = input.choice(2) == 0;
    Memory source(input.rest(), can_seek);
    audit::ScanOptions options;
    options.unpacked_max = 1U << 22U;
    options.members_max = 16;
    audit::ScanReport report;
    audit::impl::Budget budget;
    budget.in = input.rest().size();
    audit::impl::SourceScanner(redactor, options, report).scan("fuzz", "fuzz", source, budget, 0);
    // A block beyond is read before it is noticed; embedded streams have the limit each.
    fuzz::promise(budget.out <= options.unpacked_max + (1U << 18U), "no more bytes than allowed, but for a block");
    fuzz::promise(report.files > 0 || !report.not_looked_into.empty(), "it is looked into or named");
    for (const auto& [path, reason] : report.not_looked_into) {
        fuzz::promise(path.starts_with("fuzz") && !reason.empty(), "what is named has a reason");
    }
    return 0;
}
