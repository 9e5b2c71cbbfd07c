// duizhang ledger post, ledger reverse: what people enter themselves
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "ledger/books.h"
#include "ledger/entry_file.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "server/commands.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kDescriptionBytesMax = 512;

std::vector<ledger::Entry> entries_of(const std::vector<ledger::EntryInFile>& lines) {
    std::vector<ledger::Entry> entries;
    entries.reserve(lines.size());
    for (const auto& line : lines) {
        entries.push_back(line.entry);
    }
    return entries;
}

void require_within_limits(const ledger::LimitedAccounts& limited, const std::string& what) {
    if (const auto complaint = limited.complaint()) {
        throw core::InputError(what + ": " + *complaint);
    }
}

using LinesEntries = decltype(ledger::read_entries({}, {}, {}, {}));

// The numbers of those that weren't there.
std::vector<std::int64_t> post_all(core::db::TenantTransaction& transaction, const std::string& file,
                                   const LinesEntries& entries, core::Instant now) {
    std::vector<std::int64_t> posted;
    const ledger::OpenDays days(transaction);
    ledger::LimitedAccounts limited(transaction, entries_of(entries), now);
    for (const auto& [line, entry] : entries) {
        if (const auto complaint = days.complaint(entry)) {
            throw core::InputError(file + ":" + std::to_string(line) + ": business_date: " + *complaint);
        }
        if (const auto id = ledger::post(transaction, entry)) {
            limited.posted(entry);
            posted.push_back(id->number());
            continue;
        }
        const auto stands = ledger::find_entry(transaction, entry.head().source_key);
        core::ensure(stands.has_value(), "what can't be posted for its source key stands already");
        if (!ledger::says_the_same(*stands, entry)) {
            throw core::InputError(file + ":" + std::to_string(line) + ": source_key: entry " +
                                   std::to_string(stands->id.number()) +
                                   " has it and says something else; give the new entry a key of its own");
        }
    }
    require_within_limits(limited, file);
    return posted;
}

// What the trail keeps: the entries themselves are in the journal.
std::string told(const std::vector<std::int64_t>& posted, std::size_t entries) {
    core::json::Writer json;
    json.begin_object().member("entries", entries).member("posted", posted.size());
    if (!posted.empty()) {
        json.member("first", posted.front()).member("last", posted.back());
    }
    return json.end_object().text();
}

std::optional<ledger::Reversed> reversal_of(core::db::TenantTransaction& transaction, core::EntryId id,
                                            const std::string& description, core::Instant now, core::BusinessDay day) {
    try {
        return ledger::reverse(transaction, id, description, now, day);
    } catch (const ledger::DayClosed& closed) {
        throw core::UsageError("--date: " + std::string(closed.what()));
    }
}

}  // namespace

int ledger_post(const GlobalOptions& global, const LedgerPost& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto& redactor = session.tenants().redactor();
    const auto entries =
        ledger::read_entries(options.file, core::read_file(options.file, kFileBytesMax), session.clock().now(),
                             [&](std::string_view part) { return redactor.redact(part); });
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).key("posted").begin_array();
    std::vector<std::int64_t> posted;
    session.act(tenant.settings->id, {"entry.post", "entries of " + options.file}, [&](auto& transaction, auto& act) {
        posted = post_all(transaction, options.file, entries, session.clock().now());
        act.after = told(posted, entries.size());
    });
    for (const auto id : posted) {
        json.value(id);
    }
    const auto already_there = entries.size() - posted.size();
    json.end_array().member("already_there", already_there).end_object();
    print(global.json ? json.text() + "\n"
                      : std::to_string(posted.size()) + " entries posted, " + std::to_string(already_there) +
                            " were there already\n");
    return 0;
}

int ledger_reverse(const GlobalOptions& global, const LedgerReverse& options) {
    if (options.description.empty() || options.description.size() > kDescriptionBytesMax) {
        throw core::UsageError("--description: must have 1 to " + std::to_string(kDescriptionBytesMax) + " bytes");
    }
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto now = session.clock().now();
    const auto day = options.date.empty() ? core::day_of(now, {"UTC", std::chrono::minutes(0)})
                                          : require_day(options.date, "--date");
    const auto number = std::to_string(options.entry);
    std::optional<ledger::Reversed> reversed;
    session.act(tenant.settings->id, {"entry.reverse", "entry " + number}, [&](auto& transaction, auto& act) {
        reversed = reversal_of(transaction, core::EntryId(options.entry),
                               session.tenants().redactor().redact(options.description), now, day);
        if (!reversed) {
            throw core::InputError("entry " + number + ": this tenant has no such entry");
        }
        act.after = "{\"reversal\":" + std::to_string(reversed->reversal.number()) + "}";
        act.outcome = reversed->is_new ? "done" : "done before";
    });
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object()
            .member("tenant", options.tenant)
            .member("entry", reversed->reversal.number())
            .member("reverses", options.entry)
            .member("already_there", !reversed->is_new);
        print(json.end_object().text() + "\n");
    } else {
        print("entry " + std::to_string(reversed->reversal.number()) +
              (reversed->is_new ? " reverses entry " : " reversed already entry ") + number + "\n");
    }
    return 0;
}

}  // namespace server
