#include <set>

#include "core/archive.h"
#include "tests/fuzz/fuzz.h"

namespace {

core::ArchiveLimits small_limits() {
    core::ArchiveLimits limits;
    limits.bytes_out_max = 1U << 22U;
    limits.members_max = 8;
    return limits;
}

void check_delivered(std::string_view bytes) {
    const auto limits = small_limits();
    const auto members = core::unpack(bytes, limits);
    if (!members) {
        fuzz::promise(!members.error().empty(), "a refusal says why");
        return;
    }
    fuzz::promise(members->size() <= limits.members_max, "no more members than allowed");
    std::size_t total = 0;
    std::set<std::string_view> names;
    for (const auto& member : *members) {
        total += member.bytes.size();
        fuzz::promise(names.insert(member.name).second, "no two members have one name");
    }
    fuzz::promise(total <= limits.bytes_out_max, "no more bytes than allowed");
}

void check_round_trip(std::string_view bytes) {
    const auto from_gzip = core::unpack(core::gzip(bytes));
    fuzz::promise(from_gzip && from_gzip->size() == 1 && from_gzip->front().bytes == bytes, "gzip comes back");
    const auto from_zip = core::unpack(core::zip({{"a", std::string(bytes)}, {"b", "second"}}));
    fuzz::promise(from_zip && from_zip->size() == 2 && from_zip->front().bytes == bytes, "zip comes back");
    const auto inflated = core::zlib_inflate(core::zlib_deflate(bytes), bytes.size());
    fuzz::promise(inflated && *inflated == bytes, "zlib comes back");
    if (!bytes.empty()) {
        fuzz::promise(!core::zlib_inflate(core::zlib_deflate(bytes), bytes.size() - 1), "not a byte beyond the limit");
    }
}

// An archive of our own with one byte changed: the same members, or none.
void check_damage(fuzz::Input input, bool zip) {
    const auto text = std::string("some text that is packed, that is packed");
    const auto whole = zip ? core::zip({{"name", text}}) : core::gzip(text);
    auto damaged = whole;
    while (input.rest().size() > 1) {
        damaged[static_cast<unsigned char>(input.rest()[0]) % damaged.size()] = input.rest()[1];
        input.choice(1);
        input.choice(1);
    }
    const auto members = core::unpack(damaged, small_limits());
    if (members && members->size() == 1 && !members->front().name.empty()) {
        fuzz::promise(members->front().bytes == text || members->front().bytes.size() != text.size(),
                      "bytes that fail their CRC are not handed out");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.choice(5)) {
        case 0:
            check_delivered(input.rest());
            break;
        case 1:
            check_round_trip(input.rest());
            break;
        case 2:
            check_damage(input, true);
            break;
        case 3:
            check_damage(input, false);
            break;
        default:
            if (const auto bytes = core::zlib_inflate(input.rest(), 1U << 20U)) {
                fuzz::promise(bytes->size() <= 1U << 20U, "no more bytes than allowed");
            }
    }
    return 0;
}
