// Seals as files outside the database.
#include <algorithm>
#include <map>
#include <set>

#include "core/db/trip.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "ledger/closing.h"
#include "ledger/seals.h"

namespace ledger {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20U;

constexpr core::db::Statement kNumbers{"seal_numbers",
                                       "select seal_no from ledger.seals where tenant_id = $1 order by seal_no"};

std::string file_name(std::int64_t number) {
    const auto text = std::to_string(number);
    return std::string(text.size() < 6 ? 6 - text.size() : 0, '0') + text + ".json";
}

std::string file_text(const core::TenantId& tenant, const Seal& seal) {
    core::json::Writer json(1);
    json.begin_object()
        .member("version", 1)
        .member("tenant", tenant.text())
        .member("seal", seal.number)
        .member("after_entry", seal.after_entry)
        .member("until_entry", seal.until_entry)
        .member("entries", seal.entries)
        .member("sealed_at", core::format_rfc3339(seal.sealed_at))
        .member("previous", seal.previous)
        .member("digest", seal.digest)
        .member("signature", seal.signature)
        .member("entry_ids", seal.entry_ids)
        .member("leaves", seal.leaves)
        .end_object();
    return json.text() + "\n";
}

// The numbers of the seals published; other files are none of ours.
std::set<std::int64_t> numbers_in(const std::filesystem::path& folder) {
    std::set<std::int64_t> numbers;
    std::error_code none;
    for (const auto& item : std::filesystem::directory_iterator(folder, none)) {
        const auto stem = item.path().stem().string();
        const bool is_number =
            !stem.empty() && stem.size() < 18 && stem.find_first_not_of("0123456789") == std::string::npos;
        if (is_number && item.path().extension() == ".json") {
            numbers.insert(std::stoll(stem));
        }
    }
    return numbers;
}

std::string file_name(const Close& close) { return "close-" + core::format_day(close.until) + ".json"; }

std::string file_text(const core::TenantId& tenant, const Close& close) {
    core::json::Writer json(1);
    json.begin_object()
        .member("version", 1)
        .member("tenant", tenant.text())
        .member("closed_until", core::format_day(close.until))
        .member("after_day", close.after ? core::format_day(*close.after) : "")
        .member("until_entry", close.until_entry)
        .member("entries", close.entries)
        .member("entries_digest", close.entries_digest)
        .member("trial_balance_digest", close.trial_balance_digest)
        .member("accepted", close.accepted)
        .member("closed_at", core::format_rfc3339(close.closed_at))
        .member("previous", close.previous)
        .member("digest", close.digest)
        .member("signature", close.signature)
        .end_object();
    return json.text() + "\n";
}

}  // namespace

std::vector<std::string> publish_closes(core::db::TenantTransaction& transaction, const std::filesystem::path& folder) {
    std::map<std::string, std::string> made;
    for (const auto& close : read_closes(transaction)) {
        made.emplace(file_name(close), file_text(transaction.tenant(), close));
    }
    std::vector<std::string> breaches;
    std::error_code none;
    for (const auto& item : std::filesystem::directory_iterator(folder, none)) {
        const auto name = item.path().filename().string();
        if (!name.starts_with("close-") || item.path().extension() != ".json") {
            continue;
        }
        const auto found = made.find(name);
        if (found == made.end()) {
            breaches.push_back(item.path().string() +
                               " was published, and the books have no such close: the database"
                               " is an older one's backup, or the close was removed");
        } else if (core::read_file(item.path(), kFileBytesMax) != found->second) {
            breaches.push_back(item.path().string() + " was published, and the books' close says something else");
        }
        made.erase(name);
    }
    std::sort(breaches.begin(), breaches.end());
    if (breaches.empty()) {
        for (const auto& [name, text] : made) {
            core::write_files_together(folder, {{name, text}});
        }
    }
    return breaches;
}

std::vector<std::string> publish_seals(core::db::TenantTransaction& transaction, const std::filesystem::path& folder) {
    std::set<std::int64_t> made;
    for (const auto& row : core::db::run(transaction, kNumbers, transaction.tenant().text())) {
        made.insert(row.integer(0));
    }
    const auto published = numbers_in(folder);
    std::vector<std::string> breaches;
    const auto text_of = [&](std::int64_t number) {
        return file_text(transaction.tenant(), read_seals(transaction, number - 1, 1).front());
    };
    for (const auto number : published) {
        if (!made.contains(number)) {
            breaches.push_back((folder / file_name(number)).string() +
                               " was published, and the books have no such seal: the database is an older one's backup,"
                               " or the seal was removed");
        }
    }
    // Each seal says what the one before it was, so the last that both have speaks for all.
    for (auto last = published.rbegin(); last != published.rend() && breaches.empty(); ++last) {
        if (core::read_file(folder / file_name(*last), kFileBytesMax) != text_of(*last)) {
            breaches.push_back((folder / file_name(*last)).string() + " was published, and the books' seal " +
                               std::to_string(*last) + " says something else");
        }
        break;
    }
    if (!breaches.empty()) {
        return breaches;
    }
    for (const auto number : made) {
        if (!published.contains(number)) {
            core::write_files_together(folder, {{file_name(number), text_of(number)}});
        }
    }
    return {};
}

}  // namespace ledger
