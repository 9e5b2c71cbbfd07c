#include "audit/needles.h"

#include <algorithm>
#include <cstring>
#include <fstream>

#include "core/failure.h"

namespace audit {
namespace {

constexpr unsigned kHashBits = 16;
constexpr std::size_t kPiece = std::size_t{1} << 20U;

std::uint32_t hash_at(const char* bytes) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes, sizeof(eight));
    return static_cast<std::uint32_t>((eight * 0x9E3779B97F4A7C15U) >> (64U - kHashBits));
}

}  // namespace

Needles::Needles(std::vector<Needle> needles)
    : needles_(std::move(needles)),
      may_begin_((std::size_t{1} << kHashBits) / 64),
      first_((std::size_t{1} << kHashBits) + 1) {
    std::vector<std::uint32_t> hashes;
    hashes.reserve(needles_.size());
    for (const auto& needle : needles_) {
        core::ensure(needle.text.size() >= kShortest, "what is looked for has eight bytes at least");
        longest_ = std::max(longest_, needle.text.size());
        hashes.push_back(hash_at(needle.text.data()));
        may_begin_[hashes.back() / 64] |= std::uint64_t{1} << (hashes.back() % 64);
        ++first_[hashes.back() + 1];
    }
    for (std::size_t i = 1; i < first_.size(); ++i) {
        first_[i] += first_[i - 1];
    }
    by_hash_.resize(needles_.size());
    auto next = first_;
    for (std::size_t i = 0; i < needles_.size(); ++i) {
        by_hash_[next[hashes[i]]++] = static_cast<std::uint32_t>(i);
    }
}

void Needles::find(std::string_view text, std::uint64_t base, std::vector<Hit>& hits) const {
    for (std::size_t at = 0; at + kShortest <= text.size(); ++at) {
        const auto hash = hash_at(text.data() + at);
        if ((may_begin_[hash / 64] >> (hash % 64) & 1U) == 0) {
            continue;
        }
        for (auto i = first_[hash]; i < first_[hash + 1]; ++i) {
            if (text.substr(at).starts_with(needles_[by_hash_[i]].text)) {
                hits.push_back({base + at, by_hash_[i]});
            }
        }
    }
}

std::vector<Needles::Hit> Needles::find_in_file(const std::string& path, std::uint64_t& bytes) const {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw core::OutsideFailure(path + ": can't be opened");
    }
    std::vector<Hit> hits;
    std::string buffer;
    std::uint64_t base = 0;
    while (true) {
        // What a needle may still begin in is seen again with what follows.
        const auto kept = std::min(buffer.size(), longest_ - 1);
        base += buffer.size() - kept;
        buffer.erase(0, buffer.size() - kept);
        const auto begin = buffer.size();
        buffer.resize(begin + kPiece);
        file.read(buffer.data() + begin, static_cast<std::streamsize>(kPiece));
        const auto read = static_cast<std::size_t>(file.gcount());
        buffer.resize(begin + read);
        if (read == 0) {
            break;
        }
        bytes += read;
        std::vector<Hit> found;
        find(buffer, base, found);
        for (const auto& hit : found) {
            // All of it in what was seen before: it is known already.
            if (hit.at - base + needles_[hit.needle].text.size() > begin) {
                hits.push_back(hit);
            }
        }
    }
    if (file.bad()) {
        throw core::OutsideFailure(path + ": can't be read");
    }
    return hits;
}

}  // namespace audit
