// duizhang ledger post, ledger reverse: what people enter themselves
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "ledger/books.h"
#include "ledger/entry_file.h"
#include "ledger/limits.h"
#include "server/commands.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kDescriptionBytesMax = 512;

bool says_the_same(const ledger::StoredEntry& stands, const ledger::Entry& entry) {
    const auto legs = ledger::legs_of(stands);
    return stands.description == entry.head().description &&
           stands.business_date == core::format_day(entry.head().business_day) &&
           std::equal(legs.begin(), legs.end(), entry.legs().begin(), entry.legs().end(),
                      [](const ledger::Leg& one, const ledger::Leg& other) {
                          return one.account == other.account && one.amount == other.amount;
                      });
}

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
    std::size_t already_there = 0;
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    ledger::LimitedAccounts limited(transaction, entries_of(entries), session.clock().now());
    for (const auto& [line, entry] : entries) {
        if (const auto id = ledger::post(transaction, entry)) {
            limited.posted(entry);
            json.value(id->number());
            continue;
        }
        const auto stands = ledger::find_entry(transaction, entry.head().source_key);
        core::ensure(stands.has_value(), "what can't be posted for its source key stands already");
        if (!says_the_same(*stands, entry)) {
            throw core::InputError(options.file + ":" + std::to_string(line) + ": source_key: entry " +
                                   std::to_string(stands->id.number()) +
                                   " has it and says something else; give the new entry a key of its own");
        }
        ++already_there;
    }
    require_within_limits(limited, options.file);
    transaction.commit();
    json.end_array().member("already_there", already_there).end_object();
    print(global.json ? json.text() + "\n"
                      : std::to_string(entries.size() - already_there) + " entries posted, " +
                            std::to_string(already_there) + " were there already\n");
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
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto stands = ledger::find_entry(transaction, core::EntryId(options.entry));
    if (!stands) {
        throw core::InputError("entry " + number + ": this tenant has no such entry");
    }
    const std::string source_key = "reversal:" + number;
    const auto whole = ledger::Entry::make({"reversal", source_key, "", "", now, day}, ledger::legs_of(*stands));
    core::ensure(static_cast<bool>(whole), "what stands in the books is an entry");
    const auto description = session.tenants().redactor().redact(options.description);
    const auto reversed = whole->reversal({"reversal", source_key, "", description, now, day});
    ledger::LimitedAccounts limited(transaction, {reversed}, now);
    const auto posted = ledger::post(transaction, reversed);
    if (posted) {
        limited.posted(reversed);
    }
    require_within_limits(limited, "entry " + number);
    const auto reversal = posted ? *posted : ledger::find_entry(transaction, source_key)->id;
    transaction.commit();
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object()
            .member("tenant", options.tenant)
            .member("entry", reversal.number())
            .member("reverses", options.entry)
            .member("already_there", !posted);
        print(json.end_object().text() + "\n");
    } else {
        print("entry " + std::to_string(reversal.number()) +
              (posted ? " reverses entry " : " reversed already entry ") + number + "\n");
    }
    return 0;
}

}  // namespace server
