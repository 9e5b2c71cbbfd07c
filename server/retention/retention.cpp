#include "server/retention/retention.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"

namespace server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAside = ".purging-";

// A day's folder below a tenant's.
struct DayFolder {
    fs::path path;
    std::string subject;  // "stripe/2026-01-02"
    core::BusinessDay day;
};

const fs::path& root_of(const config::Settings& settings, std::string_view kind) {
    return kind == "statement_files" ? settings.statements : settings.review_lists;
}

std::vector<fs::path> folders_in(const fs::path& place) {
    std::vector<fs::path> folders;
    std::error_code none;
    for (const auto& item : fs::directory_iterator(place, none)) {
        if (fs::is_directory(item.symlink_status())) {
            folders.push_back(item.path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

std::vector<DayFolder> day_folders(const fs::path& tenant) {
    std::vector<DayFolder> days;
    for (const auto& channel : folders_in(tenant)) {
        for (const auto& folder : folders_in(channel)) {
            if (const auto day = core::parse_day(folder.filename().string())) {
                days.push_back({folder, channel.filename().string() + "/" + folder.filename().string(), *day});
            }
        }
    }
    return days;
}

// A day of which nothing more can come is as old as its end.
bool is_older(core::BusinessDay day, core::Instant than) {
    return core::Instant(date::sys_days(day) + std::chrono::hours(24)) <= than;
}

core::Instant cutoff(std::int64_t days, core::Instant now) { return now - std::chrono::hours(24 * days); }

Held held_folders(const fs::path& root, const std::string& tenant, std::string_view kind, std::int64_t days,
                  core::Instant now) {
    Held held{tenant, std::string(kind), days, 0, 0, 0};
    for (const auto& folder : day_folders(root / tenant)) {
        ++held.count;
        if (days > 0) {
            held.older += is_older(folder.day, cutoff(days, now)) ? 1 : 0;
            held.overdue += is_older(folder.day, cutoff(days + 1, now)) ? 1 : 0;
        }
    }
    return held;
}

// SHA-256 of the files' hashes one after the other, in the order of their names below the folder; a file's is of its
// name, the character 31, and its bytes.
Purged contents_of(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        if (!fs::is_directory(item.symlink_status())) {
            files.push_back(item.path());
        }
    }
    std::sort(files.begin(), files.end());
    Purged purged;
    std::string hashes;
    for (const auto& file : files) {
        core::crypto::Sha256Stream digest;
        digest.add(fs::relative(file, folder).generic_string() + "\x1F");
        if (fs::is_regular_file(fs::symlink_status(file))) {  // a link's target isn't ours
            std::ifstream stream(file, std::ios::binary);
            std::string part(std::size_t{1} << 16U, '\0');
            while (stream.read(part.data(), static_cast<std::streamsize>(part.size())) || stream.gcount() > 0) {
                digest.add(std::string_view(part).substr(0, static_cast<std::size_t>(stream.gcount())));
                purged.bytes += stream.gcount();
            }
            if (stream.bad()) {
                throw core::OutsideFailure(file.string() + ": can't be read");
            }
        }
        hashes += core::crypto::hex_decode(digest.finish_hex()).value_or("");
        ++purged.records;
    }
    purged.sha256 = core::crypto::sha256_hex(hashes);
    return purged;
}

// E2. What a purge that was stopped had put aside.
void put_back(const fs::path& tenant) {
    for (const auto& channel : folders_in(tenant)) {
        for (const auto& folder : folders_in(channel)) {
            const auto name = folder.filename().string();
            if (name.starts_with(kAside)) {
                const auto day = channel / name.substr(kAside.size());
                // The day is there again: what stands aside was on its tombstone before.
                fs::exists(day) ? static_cast<void>(fs::remove_all(folder)) : fs::rename(folder, day);
            }
        }
    }
}

// E1. An empty folder leaves nothing to tell of.
std::optional<Purged> purge_folder(const RetentionWork& work, const core::TenantId& tenant, std::string_view kind,
                                   const DayFolder& folder, core::Instant older_than) {
    const auto aside = folder.path.parent_path() / (std::string(kAside) + folder.path.filename().string());
    fs::rename(folder.path, aside);
    auto purged = contents_of(aside);
    purged.tenant = tenant.text();
    purged.kind = kind;
    purged.subject = folder.subject;
    if (purged.records > 0) {
        core::db::TenantTransaction transaction(work.owner, tenant);
        leave_tombstone(transaction, purged, older_than, folder.day, work);
        transaction.commit();
    }
    fs::remove_all(aside);
    return purged.records > 0 ? std::optional(purged) : std::nullopt;
}

void purge_folders(const RetentionWork& work, const core::TenantId& tenant, std::string_view kind,
                   core::Instant older_than, const std::function<void(const Purged&)>& told) {
    const auto place = root_of(work.settings, kind) / tenant.text();
    put_back(place);
    for (const auto& folder : day_folders(place)) {
        if (is_older(folder.day, older_than)) {
            if (const auto purged = purge_folder(work, tenant, kind, folder, older_than)) {
                told(*purged);
            }
        }
    }
}

void purge_all_rows(const RetentionWork& work, const core::TenantId& tenant, std::string_view kind,
                    core::Instant older_than, const std::function<void(const Purged&)>& told) {
    for (;;) {
        core::db::TenantTransaction transaction(work.owner, tenant);
        const auto purged = purge_rows(transaction, kind, older_than, work);
        transaction.commit();
        if (purged.records == 0) {
            return;
        }
        told(purged);
    }
}

}  // namespace

std::vector<Held> held_data(core::db::Database& database, const config::Settings& settings, core::Instant now) {
    std::vector<Held> all;
    for (const auto& tenant : settings.tenants) {
        for (std::size_t i = 0; i < config::kRetentionKinds.size(); ++i) {
            const auto kind = config::kRetentionKinds.at(i).name;
            const auto days = settings.retention.days.at(i);
            if (keeps_rows(kind)) {
                core::db::TenantTransaction transaction(database, tenant.id);
                all.push_back(held_rows(transaction, kind, days, now));
            } else {
                all.push_back(held_folders(root_of(settings, kind), tenant.id.text(), kind, days, now));
            }
        }
    }
    return all;
}

void purge(const RetentionWork& work, const std::function<void(const Purged&)>& told) {
    for (const auto& tenant : work.settings.tenants) {
        for (std::size_t i = 0; i < config::kRetentionKinds.size(); ++i) {
            const auto kind = config::kRetentionKinds.at(i).name;
            const auto days = work.settings.retention.days.at(i);
            if (days == 0) {
                continue;
            }
            if (keeps_rows(kind)) {
                purge_all_rows(work, tenant.id, kind, cutoff(days, work.now), told);
            } else {
                purge_folders(work, tenant.id, kind, cutoff(days, work.now), told);
            }
        }
    }
}

}  // namespace server
