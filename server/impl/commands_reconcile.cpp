// duizhang reconcile, nightly, diff
#include <charconv>

#include "audit/redact.h"
#include "core/crypto/digest.h"
#include "core/crypto/random.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "core/log.h"
#include "reconciliation/diff.h"
#include "reconciliation/engine/kept_folder.h"
#include "reconciliation/job.h"
#include "reconciliation/lists/grounds.h"
#include "server/closing.h"
#include "server/commands.h"
#include "server/console_text.h"
#include "server/impl/byte_progress.h"
#include "server/impl/command_support.h"
#include "server/impl/commands_closing.h"
#include "server/impl/commands_release.h"
#include "server/impl/commands_retention.h"
#include "server/impl/commands_shadow.h"
#include "server/nightly.h"

namespace server {
namespace {

constexpr std::size_t kStatementBytesMax = std::size_t{16} << 30U;

std::string amount_text(const std::optional<std::int64_t>& minor, int exponent) {
    return minor ? core::decimal_from_minor(*minor, exponent) : std::string();
}

std::string discrepancy_table(const reconciliation::ReviewList& list) {
    Table table({"差异 Kind", "类型 Type", "渠道流水号 Channel id", "订单号 Order", "账上 Books>", "渠道 Channel>",
                 "差额 Difference>", "币种"});
    for (const auto& row : list.discrepancies) {
        table.add({std::string(reconciliation::chinese_of(row.kind)) + " " + std::string(name_of(row.kind)),
                   row.type ? std::string(payments::name_of(*row.type)) : "", row.channel_txn_id, row.merchant_order_id,
                   amount_text(row.ledger_amount, row.ledger_exponent),
                   amount_text(row.channel_amount, row.channel_exponent), amount_text(row.difference(), row.exponent()),
                   row.currency()});
    }
    return list.discrepancies.empty() ? "无差异 Nothing to review.\n" : table.text();
}

std::string figures_line(const reconciliation::Summary& summary) {
    return "books " + std::to_string(summary.ledger_count) + ", channel " + std::to_string(summary.channel_count) +
           ", matched " + std::to_string(summary.matched) + ", carried in " + std::to_string(summary.carried_in) +
           ", cleared " + std::to_string(summary.cleared) + ", carried out " + std::to_string(summary.carried_out);
}

std::uint64_t count_of(const std::vector<NightlyDay>& days, NightlyDay::Outcome outcome) {
    std::uint64_t count = 0;
    for (const auto& day : days) {
        count += day.outcome == outcome ? 1 : 0;
    }
    return count;
}

const char* word(NightlyDay::Outcome outcome) {
    switch (outcome) {
        case NightlyDay::Outcome::reconciled:
            return "reconciled";
        case NightlyDay::Outcome::unchanged:
            return "unchanged";
        case NightlyDay::Outcome::no_statement:
            return "no_statement";
        case NightlyDay::Outcome::refused:
            return "refused";
        case NightlyDay::Outcome::elsewhere:
            return "done_elsewhere";
    }
    return "";
}

std::string nightly_json(const std::vector<NightlyDay>& days, const std::vector<LateStatement>& late,
                         std::size_t shared_out) {
    core::json::Writer json(1);
    json.begin_object().key("days").begin_array();
    for (const auto& day : days) {
        json.begin_object()
            .member("tenant", day.tenant)
            .member("channel", day.channel)
            .member("business_date", core::format_day(day.date))
            .member("outcome", word(day.outcome));
        if (day.again) {
            json.member("again", true);
        }
        if (day.list) {
            json.member("discrepancies", day.list->discrepancies.size())
                .member("matched", static_cast<std::int64_t>(day.list->summary.matched))
                .member("folder", day.folder.string());
            reconciliation::lists::write_leftovers(json, day.list->discrepancies);
        }
        if (!day.message.empty()) {
            json.member("message", day.message);
        }
        json.end_object();
    }
    json.end_array().key("late").begin_array();
    for (const auto& day : late) {
        json.begin_object()
            .member("tenant", day.tenant)
            .member("channel", day.channel)
            .member("business_date", core::format_day(day.date))
            .member("due", core::format_rfc3339(day.due))
            .end_object();
    }
    return json.end_array().member("shared_out", shared_out).end_object().text() + "\n";
}

std::string nightly_table(const std::vector<NightlyDay>& days, const std::vector<LateStatement>& late,
                          std::size_t shared_out) {
    Table table({"租户 Tenant", "渠道 Channel", "业务日 Day", "结果 Outcome", "账上>", "渠道>", "相符 Matched>",
                 "差异 To review>", "清单 Lists"});
    for (const auto& day : days) {
        std::vector<std::string> row = {day.tenant, day.channel, core::format_day(day.date), word(day.outcome)};
        if (day.list) {
            const auto& summary = day.list->summary;
            row.insert(row.end(), {std::to_string(summary.ledger_count), std::to_string(summary.channel_count),
                                   std::to_string(summary.matched), std::to_string(day.list->discrepancies.size()),
                                   day.folder.string()});
        } else {
            row.insert(row.end(), {"", "", "", "", day.message});
        }
        table.add(std::move(row));
    }
    std::string waiting;
    for (const auto& day : late) {
        waiting += "账单迟到 Late: " + day.tenant + " " + day.channel + " " + core::format_day(day.date) + ", due " +
                   core::format_rfc3339(day.due) + "\n";
    }
    return (days.empty() ? "No statements to take in.\n" : table.text()) + waiting +
           (shared_out > 0 ? std::to_string(shared_out) + " orders shared out, whose day has come\n" : "");
}

// "512M", "2G", "1048576".
std::optional<std::uint64_t> memory_size(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    const unsigned shift = unit == "K" ? 10U : unit == "M" ? 20U : unit == "G" ? 30U : 0U;
    const bool known = unit.empty() || shift > 0;
    if (error != std::errc() || !known || number == 0 || number > (std::uint64_t{1} << 40U)) {
        throw core::UsageError("--memory: must be a size such as 512M or 2G");
    }
    return number << shift;
}

std::uint64_t run_memory(const std::string& text) {
    constexpr std::uint64_t kLeast = std::uint64_t{128} << 20U;
    const auto memory = memory_size(text).value_or(reconciliation::kRunMemory);
    if (memory < kLeast) {
        throw core::UsageError("--memory: must be 128M or more");
    }
    return memory;
}

// What was posted since the last night; false when what was published isn't in the books any more.
bool seal_all(Session& session, const std::string& tenant) {
    std::vector<core::TenantId> tenants;
    for (const auto& one : session.tenants().all()) {
        if (tenant.empty() || one->settings->id.text() == tenant) {
            tenants.push_back(one->settings->id);
        }
    }
    const auto breaches = seal_all_books(session.application(), session.clock(), tenants, operating_actor());
    for (const auto& [of_tenant, breach] : breaches) {
        core::log_error("seal_broken", {{"tenant", of_tenant.text()}, {"reason", breach}});
    }
    return breaches.empty();
}

// The two ways of calling it, which the options alone can't tell apart.
void check_reconcile(const Reconcile& options) {
    const std::pair<const char*, bool> only_with_shadow[] = {
        {"--rules", !options.rules.empty()}, {"--from", !options.from.empty()}, {"--to", !options.to.empty()}};
    for (const auto& [option, given] : only_with_shadow) {
        if (given && !options.shadow) {
            throw core::UsageError(std::string(option) + ": goes with --shadow; the rules in force are configured");
        }
    }
    if (!options.shadow && (options.date.empty() || options.statements.empty())) {
        throw core::UsageError(std::string(options.date.empty() ? "--date" : "--statement") + ": is required");
    }
    if (!options.date.empty() && !(options.from + options.to).empty()) {
        throw core::UsageError("--date: give either a day and its statement, or --from and --to");
    }
}

reconciliation::DiffOptions diff_input(const Diff& options) {
    reconciliation::DiffOptions input;
    input.left = options.left;
    input.right = options.right;
    if (!options.mapping.empty()) {
        input.mapping = options.mapping;
    }
    if (!options.units.empty()) {
        input.units = reconciliation::diff_units_from(options.units);
        if (!input.units) {
            throw core::UsageError("--units: must be minor or major");
        }
    }
    if (!options.rules.empty()) {
        input.rules = config::load_match_rules(options.rules);
    }
    input.memory_bytes_max = memory_size(options.memory).value_or(reconciliation::kDiffMemory);
    input.threads = options.threads;
    return input;
}

// What else a comparison that is kept depends on: the rules, and this very program.
std::string bound_to(const Diff& options) {
    constexpr std::size_t kProgramBytesMax = std::size_t{1} << 30U;
    constexpr std::size_t kRulesBytesMax = 1U << 20U;
    const std::string rules = options.rules.empty() ? std::string() : core::read_file(options.rules, kRulesBytesMax);
    return core::crypto::sha256_hex(core::read_file("/proc/self/exe", kProgramBytesMax)) + "," +
           core::crypto::sha256_hex(rules);
}

}  // namespace

std::vector<payments::StatementFile> read_statements(const std::vector<std::string>& paths) {
    std::vector<payments::StatementFile> files;
    files.reserve(paths.size());
    for (const auto& path : paths) {
        files.push_back({std::filesystem::path(path).filename().string(), core::read_file(path, kStatementBytesMax)});
    }
    return files;
}

int reconcile(const GlobalOptions& global, const Reconcile& options) {
    check_reconcile(options);
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto* channel = tenant.find_channel(options.channel);
    if (channel == nullptr) {
        throw core::UsageError("--channel: tenant \"" + options.tenant + "\" has no channel of that name configured");
    }
    if (options.shadow) {
        return reconcile_shadow(session, global, options, tenant, *channel);
    }
    const auto day = require_day(options.date, "--date");
    const auto files = read_statements(options.statements);
    const auto& settings = session.tenants().settings();
    const std::filesystem::path folder =
        options.out.empty() ? settings.review_lists / options.tenant / options.channel / core::format_day(day)
                            : std::filesystem::path(options.out);
    const auto list = reconciliation::reconcile_day(
        {session.database(), session.clock(), settings.carry_window, run_memory(options.memory),
         &session.tenants().keys()},
        {*tenant.settings, *channel, tenant.fees(options.channel), day, &tenant.calendars.at(options.channel)}, files,
        folder);
    if (global.json) {
        print(reconciliation::summary_json(list));
        print("\n");
    } else {
        print(discrepancy_table(list) + figures_line(list.summary) + "\n" + folder.string() + "\n");
    }
    return options.fail_on_discrepancy && !list.discrepancies.empty() ? 1 : 0;
}

int nightly(const GlobalOptions& global, const Nightly& options) {
    Session session(global);
    NightlyRequest request;
    if (!options.date.empty()) {
        request.date = require_day(options.date, "--date");
    }
    request.tenant = options.tenant;
    request.workers = options.workers;
    request.memory_bytes_max = run_memory(options.memory);
    session.database();
    const auto days = run_nightly(session.application(), session.clock(), request, [&](const NightlyDay& day) {
        tell(global, day.tenant + " " + day.channel + " " + core::format_day(day.date) + ": " + word(day.outcome) +
                         (day.message.empty() ? "" : ": " + day.message));
    });
    const auto shared_out = share_out_due_orders(session, global, options.tenant);
    const auto late = request.date ? std::vector<LateStatement>()
                                   : late_statements(session.application(), session.clock().now(), options.tenant);
    print(global.json ? nightly_json(days, late, shared_out) : nightly_table(days, late, shared_out));
    const bool is_sealed = seal_all(session, options.tenant);
    if (is_sealed && options.tenant.empty() && session.tenants().settings().retention.purges()) {
        purge_as_owner(session, global);
    }
    if (count_of(days, NightlyDay::Outcome::refused) > 0) {
        return 3;
    }
    if (!is_sealed) {
        return 1;
    }
    bool found = false;
    for (const auto& day : days) {
        found = found || (day.list && !day.list->discrepancies.empty());
    }
    return options.fail_on_discrepancy && found ? 1 : 0;
}

int diff(const GlobalOptions& global, const Diff& options) {
    reconciliation::DiffOptions input = diff_input(options);
    // There is no configuration, so no key of the tenant's: fingerprints hold for this run alone.
    const audit::Redactor redactor{core::KeyBytes(core::crypto::random_bytes(32))};
    input.redact = [&redactor](std::string_view text) { return redactor.redact_cards(text); };
    ByteProgress progress("reading", global.quiet);
    input.progress = [&](std::uint64_t done, std::uint64_t all) { progress.tell(done, all); };
    std::optional<reconciliation::engine::KeptFolder> folder;
    std::optional<reconciliation::DiffKept> kept;
    if (!options.resume.empty()) {
        folder.emplace(options.resume);
        kept.emplace(
            reconciliation::DiffKept{*folder, bound_to(options), [&](const std::string& what) { tell(global, what); }});
        input.kept = &*kept;
    }
    const auto result = reconciliation::diff(input);
    if (!options.out.empty()) {
        reconciliation::write_diff(options.out, result);
        tell(global, options.out + ": diff.csv, diff.html, summary.json");
    }
    if (global.json) {
        print(reconciliation::diff_summary_json(result) + "\n");
    } else if (options.out.empty()) {
        print(reconciliation::diff_table(result));
    }
    if (folder) {
        folder->remove();
    }
    return result.discrepancies.empty() ? 0 : 1;
}

}  // namespace server
