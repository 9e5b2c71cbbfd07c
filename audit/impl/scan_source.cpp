#include "audit/impl/scan_source.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "audit/impl/scan_embedded.h"
#include "audit/impl/scan_window.h"
#include "core/failure.h"

namespace audit {
namespace impl {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10U;

struct Mark {
    std::string_view bytes;
    std::size_t at;
    Packed packed;
};
using namespace std::string_view_literals;
constexpr std::array<Mark, 15> kMarks = {{
    {"\x1F\x8B\x08"sv, 0, {Packing::archive, ""}},
    {"PK\x03\x04"sv, 0, {Packing::archive, ""}},
    {"PK\x05\x06"sv, 0, {Packing::archive, ""}},
    {"ustar"sv, 257, {Packing::archive, ""}},
    {"BZh"sv, 0, {Packing::archive, ""}},
    {"\xFD\x37zXZ\0"sv, 0, {Packing::archive, ""}},
    {"\x28\xB5\x2F\xFD"sv, 0, {Packing::archive, ""}},
    {"\x04\x22\x4D\x18"sv, 0, {Packing::archive, ""}},
    {"7z\xBC\xAF\x27\x1C"sv, 0, {Packing::archive, ""}},
    {"070701"sv, 0, {Packing::archive, ""}},
    {"PGDMP"sv, 0, {Packing::dump, ""}},
    {"Rar!\x1A\x07"sv, 0, {Packing::refused, "a rar archive; unpack it and scan the folder"}},
    {"\x85\x01\x0C"sv, 0, {Packing::refused, "a file encrypted with PGP; decrypt it and scan what comes out"}},
    {"Salted__"sv, 0, {Packing::refused, "a file encrypted with OpenSSL; decrypt it and scan what comes out"}},
    {"MSCF\0\0\0\0"sv, 0, {Packing::refused, "a cabinet; unpack it and scan the folder"}},
}};

std::size_t read_whole(Source& source, char* to, std::size_t size) {
    std::size_t got = 0;
    while (got < size) {
        const std::size_t more = source.read(to + got, size - got);
        if (more == 0) {
            break;
        }
        got += more;
    }
    return got;
}

std::vector<Hit> hits_in(std::string_view name) {
    std::string padded(name);
    padded.append(kReadBehind, '\0');
    std::vector<Hit> hits;
    std::vector<Trigger> triggers;
    Dealt dealt;
    const std::string_view text(padded.data(), name.size());
    find_triggers(text, 0, text.size(), triggers, fastest_lanes());
    Window window(text, 0, false, dealt, hits);
    for (const auto& trigger : triggers) {
        window.look_at(trigger);
    }
    std::erase_if(hits, [](const Hit& hit) { return hit.digits.empty(); });
    std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.begin < b.begin; });
    return hits;
}

}  // namespace

Packed packing_of(std::string_view head) {
    for (const auto& mark : kMarks) {
        if (head.size() > mark.at && head.substr(mark.at).starts_with(mark.bytes)) {
            return mark.packed;
        }
    }
    return {Packing::none, ""};
}

void SourceScanner::not_looked_into(const std::string& path, std::string reason) {
    report_.not_looked_into.push_back({shown_name(path), std::move(reason)});
}

void SourceScanner::count(Budget& budget, std::size_t bytes) const {
    budget.out += bytes;
    if (is_beyond_limits(options_, budget.in, budget.out)) {
        throw core::InputError("unpacks to more than the limits allow");
    }
}

void SourceScanner::scan_name(const std::string& path, std::string_view name) {
    for (const auto& hit : hits_in(name)) {
        Finding found;
        found.path = shown_name(path);
        found.kind = hit.kind;
        found.confidence = hit.confidence;
        found.encoding = "name";
        found.masked = masked_card(hit.digits);
        found.fingerprint = redactor_.fingerprint(hit.digits);
        const bool is_allowed = options_.allowed.contains(found.fingerprint);
        is_allowed ? void(++report_.allowed) : report_.findings.push_back(std::move(found));
    }
}

void SourceScanner::scan_text(const std::string& path, std::string_view head, Source& source) {
    TextScanner text(path, redactor_, options_, report_);
    text.take(head);
    std::vector<char> piece(kPiece);
    while (const std::size_t size = source.read(piece.data(), piece.size())) {
        text.take({piece.data(), size});
    }
    text.finish();
}

void SourceScanner::scan(const std::string& path, std::string_view name, Source& source, Budget& budget,
                         unsigned depth) {
    scan_name(path, name);
    std::array<char, kHead> room{};
    const std::string_view head(room.data(), read_whole(source, room.data(), room.size()));
    const auto packed = packing_of(head);
    if (packed.packing == Packing::refused) {
        not_looked_into(path, std::string(packed.refused_as));
    } else if (packed.packing != Packing::none && depth >= options_.depth_max) {
        not_looked_into(path, "packed more than " + std::to_string(options_.depth_max) + " times over");
    } else if (packed.packing != Packing::none) {
        const auto look_into = packed.packing == Packing::dump ? scan_dump : scan_archive;
        const bool whole = look_into(*this, path, head, source, budget, depth + 1);
        if (whole || !source.seek(0)) {
            return;
        }
        // What is damaged, or only looks like an archive, is looked at as it is.
        ++report_.files;
        return scan_text(path, {}, source);
    }
    ++report_.files;
    scan_text(path, head, source);
}

}  // namespace impl

namespace {

// The text with what was found masked; nothing when nothing was.
std::optional<std::string> masked_once(std::string_view name) {
    const auto hits = impl::hits_in(name);
    if (hits.empty()) {
        return std::nullopt;
    }
    std::string shown;
    std::size_t copied = 0;
    for (const auto& hit : hits) {
        if (hit.begin >= copied) {
            shown += name.substr(copied, hit.begin - copied);
            shown += masked_card(hit.digits);
            copied = hit.end;
        }
    }
    shown += name.substr(copied);
    return shown;
}

}  // namespace

// What is left of a number and what is behind it may read as another: so until nothing is found. Each round takes
// digits away.
std::string shown_name(std::string_view name) {
    std::string shown(name);
    while (auto again = masked_once(shown)) {
        shown = std::move(*again);
    }
    return shown;
}

}  // namespace audit
