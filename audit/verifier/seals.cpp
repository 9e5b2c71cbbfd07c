#include "audit/verifier/seals.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "audit/verifier/digest.h"
#include "audit/verifier/published.h"

namespace verifier {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSeal = R"(
select seal_no, after_entry, until_entry, (extract(epoch from sealed_at) * 1000000)::bigint, entry_ids::text,
       encode(leaves, 'hex'), encode(previous, 'hex'), encode(digest, 'hex'), encode(signature, 'hex')
from ledger.seals where tenant_id = $1 and seal_no = $2::bigint)";

constexpr const char* kCloses = R"(
select closed_until::text, coalesce(after_day::text, ''), until_entry, entry_count, encode(entries, 'hex'),
       encode(trial_balance, 'hex'), accepted, encode(previous, 'hex'),
       (extract(epoch from closed_at) * 1000000)::bigint, encode(digest, 'hex'), encode(signature, 'hex')
from ledger.closes where tenant_id = $1 order by closed_until)";

// Of a regular file of reasonable size; nothing else is one that was published.
std::optional<std::string> text_of(const fs::path& file) {
    constexpr std::uintmax_t kBytesMax = std::uintmax_t{64} << 20U;
    std::error_code none;
    if (!fs::is_regular_file(file, none) || fs::file_size(file, none) > kBytesMax) {
        return std::nullopt;
    }
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::string padded(std::int64_t number) {
    const auto digits = std::to_string(number);
    return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + ".json";
}

std::string digest_of(const std::string& tenant, const Seal& seal) {
    Sha256 root;
    for (std::size_t i = 0; i < seal.entries.size(); ++i) {
        root.add(number_bytes(seal.entries[i]));
        root.add(std::string_view(seal.leaves).substr(std::min(seal.leaves.size(), i * 32), 32));
    }
    return sha256("duizhang seal 1\n" + text_bytes(tenant) + number_bytes(seal.number) +
                  number_bytes(seal.after_entry) + number_bytes(seal.until_entry) + number_bytes(seal.sealed_at_us) +
                  number_bytes(static_cast<std::int64_t>(seal.entries.size())) + text_bytes(seal.previous) +
                  text_bytes(root.finish()));
}

std::string digest_of(const std::string& tenant, const Close& close) {
    return sha256("duizhang close 1\n" + text_bytes(tenant) + text_bytes(close.after) + text_bytes(close.until) +
                  number_bytes(close.until_entry) + number_bytes(close.entries) + text_bytes(close.entries_digest) +
                  text_bytes(close.trial_balance) + text_bytes(close.accepted) + text_bytes(close.previous) +
                  number_bytes(close.closed_at_us));
}

bool is_signed(const Evidence& evidence, const std::string& purpose, const std::string& digest,
               const std::string& signature) {
    const auto message = "duizhang " + purpose + " signature 1\n" + text_bytes(digest);
    return std::any_of(evidence.public_keys.begin(), evidence.public_keys.end(),
                       [&](const std::string& key) { return is_signed_with(key, message, signature); });
}

}  // namespace

Seals::Seals(Snapshot& snapshot, const Evidence& evidence, Findings& findings)
    : snapshot_(snapshot), evidence_(evidence), findings_(findings) {
    std::set<std::int64_t> numbers;
    snapshot.each("select seal_no from ledger.seals where tenant_id = $1", {evidence.tenant},
                  [&](const Row& row) { numbers.insert(row.number(0)); });
    std::error_code none;
    if (evidence.published) {
        for (const auto& item : fs::directory_iterator(*evidence.published, none)) {
            const auto stem = item.path().stem().string();
            if (!stem.empty() && stem.size() < 18 && stem.find_first_not_of("0123456789") == std::string::npos) {
                numbers.insert(std::stoll(stem));
            }
        }
    }
    std::optional<Seal> before;
    std::int64_t expected = 1;
    for (const auto number : numbers) {
        for (; expected < number; ++expected) {
            findings.add(evidence.tenant, "seal " + std::to_string(expected), "is missing");
        }
        expected = number + 1;
        const auto in_books = stored(number);
        const auto in_file = published(number);
        check(in_books, in_file, before, number);
        before = in_file && holds(*in_file) ? in_file : in_books;
        if (before) {
            until_[number] = before->until_entry;
        }
    }
}

bool Seals::holds(const Seal& seal) const {
    return digest_of(evidence_.tenant, seal) == seal.digest &&
           is_signed(evidence_, "seal", seal.digest, seal.signature);
}

void Seals::check(const std::optional<Seal>& in_books, const std::optional<Seal>& in_file,
                  const std::optional<Seal>& before, std::int64_t number) {
    const auto complain = [&](const std::string& what) {
        findings_.add(evidence_.tenant, "seal " + std::to_string(number), what);
    };
    if (evidence_.published && !in_file) {
        complain("was not published, or its file is gone or no seal");
    }
    if (!in_books) {
        complain("was published and isn't in the books: it was removed, or the database is an older one's backup");
    } else if (in_file && *in_file != *in_books) {
        complain("says something else than what was published");
    }
    const auto* seal = in_books ? &*in_books : in_file ? &*in_file : nullptr;
    if (seal == nullptr) {
        return;
    }
    if (seal->after_entry != (before ? before->until_entry : 0) || seal->previous != (before ? before->digest : "")) {
        complain("does not go on where the one before it ends");
    }
    if (digest_of(evidence_.tenant, *seal) != seal->digest) {
        complain("was changed: its digest is another one's");
    } else if (!is_signed(evidence_, "seal", seal->digest, seal->signature)) {
        complain("is not signed with the key");
    }
    if (seal->leaves.size() != seal->entries.size() * 32) {
        complain("has not one hash for each entry");
    }
}

std::optional<Seal> Seals::stored(std::int64_t number) {
    std::optional<Seal> seal;
    snapshot_.each(kSeal, {evidence_.tenant, std::to_string(number)}, [&](const Row& row) {
        seal = Seal{row.number(0),         row.number(1),           row.number(2),
                    row.number(3),         numbers_in(row.text(4)), from_hex(row.text(5)),
                    from_hex(row.text(6)), from_hex(row.text(7)),   from_hex(row.text(8))};
    });
    return seal;
}

std::optional<Seal> Seals::published(std::int64_t number) {
    if (!evidence_.published) {
        return std::nullopt;
    }
    const auto json = text_of(*evidence_.published / padded(number));
    auto seal = json ? seal_in(*json, evidence_.tenant) : std::nullopt;
    return seal && seal->number == number ? seal : std::nullopt;
}

std::optional<Seal> Seals::load(std::int64_t number) {
    auto file = published(number);
    return file && holds(*file) ? file : stored(number);
}

namespace {

void check_files(const std::vector<Close>& closes, const Evidence& evidence, Findings& findings) {
    std::map<std::string, const Close*> by_day;
    for (const auto& close : closes) {
        by_day.emplace(close.until, &close);
    }
    std::error_code none;
    std::set<fs::path> files;
    for (const auto& item : fs::directory_iterator(*evidence.published, none)) {
        files.insert(item.path());
    }
    for (const auto& file : files) {
        const auto stem = file.stem().string();
        if (!stem.starts_with("close-")) {
            continue;
        }
        const auto day = stem.substr(6);
        const auto found = by_day.find(day);
        const auto json = text_of(file);
        const auto published = json ? close_in(*json, evidence.tenant) : std::nullopt;
        if (found == by_day.end()) {
            findings.add(evidence.tenant, "close of " + day,
                         "was published and isn't in the books: it was removed, or the database is an older one's"
                         " backup");
        } else if (!published || *published != *found->second) {
            findings.add(evidence.tenant, "close of " + day, "says something else than what was published");
        }
        by_day.erase(day);
    }
    for (const auto& [day, close] : by_day) {
        findings.add(evidence.tenant, "close of " + day, "was not published, or its file is gone");
    }
}

}  // namespace

std::vector<Close> checked_closes(Snapshot& snapshot, const Evidence& evidence, Findings& findings) {
    std::vector<Close> closes;
    snapshot.each(kCloses, {evidence.tenant}, [&](const Row& row) {
        closes.push_back({row.text(0), row.text(1), row.number(2), row.number(3), from_hex(row.text(4)),
                          from_hex(row.text(5)), row.text(6), from_hex(row.text(7)), row.number(8),
                          from_hex(row.text(9)), from_hex(row.text(10))});
    });
    const Close* before = nullptr;
    for (const auto& close : closes) {
        const auto record = "close of " + close.until;
        if (close.previous != (before != nullptr ? before->digest : "") ||
            close.after != (before != nullptr ? before->until : "")) {
            findings.add(evidence.tenant, record, "does not go on where the one before it ends");
        }
        if (digest_of(evidence.tenant, close) != close.digest) {
            findings.add(evidence.tenant, record, "was changed: its digest is another one's");
        } else if (!is_signed(evidence, "close", close.digest, close.signature)) {
            findings.add(evidence.tenant, record, "is not signed with the key");
        }
        before = &close;
    }
    if (evidence.published) {
        check_files(closes, evidence, findings);
    }
    return closes;
}

}  // namespace verifier
