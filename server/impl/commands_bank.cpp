#include "server/impl/commands_bank.h"

#include <memory>

#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "server/bank.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::size_t kStatementBytesMax = std::size_t{256} << 20U;
constexpr std::string_view kAccount = "bank:";

struct BankOptions {
    std::string tenant;
    std::string account;
    std::string date;
    std::vector<std::string> files;
    std::int64_t limit = 100;
};

const config::Bank& require_bank(const Tenant& tenant, const std::string& account) {
    const auto* bank =
        account.starts_with(kAccount) ? tenant.settings->find_bank(account.substr(kAccount.size())) : nullptr;
    if (bank == nullptr) {
        std::string known;
        for (const auto& one : tenant.settings->banks) {
            known += (known.empty() ? "" : ", ") + std::string(kAccount) + one.name;
        }
        throw core::UsageError("--account: there is no such bank account; configured are: " +
                               (known.empty() ? "none" : known));
    }
    return *bank;
}

std::string major(std::int64_t minor, const config::Bank& bank) {
    return core::decimal_from_minor(minor, bank.currency.exponent());
}

std::string major(const std::optional<std::int64_t>& minor, const config::Bank& bank) {
    return minor ? major(*minor, bank) : std::string();
}

// ---- import ------------------------------------------------------------------------------------------------------

std::string import_table(const std::vector<reconciliation::BankDay>& days) {
    Table table({"日期 Day", "结果 Outcome", "明细 Entries>", "已解释 Explained>", "差异 To review>", "清单 Lists"});
    for (const auto& day : days) {
        const auto& summary = day.list.summary;
        table.add({core::format_day(day.day), day.fresh ? "taken_in" : "again", std::to_string(summary.channel_count),
                   std::to_string(summary.matched), std::to_string(day.list.discrepancies.size()),
                   day.folder.string()});
    }
    return table.text();
}

std::string import_json(const BankOptions& options, const std::vector<reconciliation::BankDay>& days) {
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("account", options.account).key("days").begin_array();
    for (const auto& day : days) {
        json.begin_object()
            .member("day", core::format_day(day.day))
            .member("outcome", day.fresh ? "taken_in" : "again")
            .member("entries", day.list.summary.channel_count)
            .member("explained", day.list.summary.matched)
            .member("discrepancies", day.list.discrepancies.size())
            .member("folder", day.folder.string())
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

int bank_import(const GlobalOptions& global, const BankOptions& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto& bank = require_bank(tenant, options.account);
    std::vector<payments::StatementFile> files;
    for (const auto& path : options.files) {
        files.push_back({std::filesystem::path(path).filename().string(), core::read_file(path, kStatementBytesMax)});
    }
    const auto days = import_bank(session.application(), session.clock(), session.tenants(), tenant, bank, files);
    print(global.json ? import_json(options, days) : import_table(days));
    return 0;
}

// ---- list, show --------------------------------------------------------------------------------------------------

void write_optional(core::json::Writer& json, std::string_view name, const std::optional<std::int64_t>& number) {
    if (number) {
        json.member(name, *number);
    } else {
        json.key(name).null();
    }
}

int bank_list(const GlobalOptions& global, const BankOptions& options) {
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto& bank = require_bank(tenant, options.account);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto statements = reconciliation::list_bank_statements(transaction, bank.name, options.limit);
    if (!global.json) {
        Table table({"日期 Day", "期号 Number>", "期初 Opening>", "期末 Closing>", "明细 Entries>", "已解释 Explained>",
                     "文件 File"});
        for (const auto& one : statements) {
            table.add({core::format_day(one.day), one.number ? std::to_string(*one.number) : "",
                       major(one.opening_minor, bank), major(one.closing_minor, bank), std::to_string(one.entries),
                       std::to_string(one.explained), one.file});
        }
        print(options.account + "  " + payments::bank::masked_number(bank.number) + "  " +
              std::string(bank.currency.code()) + "\n" + table.text());
        return 0;
    }
    core::json::Writer json(1);
    json.begin_object()
        .member("tenant", options.tenant)
        .member("account", options.account)
        .member("number", payments::bank::masked_number(bank.number))
        .member("currency", bank.currency.code())
        .key("statements")
        .begin_array();
    for (const auto& one : statements) {
        json.begin_object().member("day", core::format_day(one.day)).member("file", one.file);
        json.member("sha256", one.file_sha256);
        write_optional(json, "number", one.number);
        write_optional(json, "opening", one.opening_minor);
        write_optional(json, "closing", one.closing_minor);
        json.member("entries", one.entries).member("explained", one.explained).end_object();
    }
    print(json.end_array().end_object().text() + "\n");
    return 0;
}

std::string settled_text(const reconciliation::StoredBankEntry& entry) {
    if (!entry.first_day) {
        return entry.entry_id ? "entry " + std::to_string(*entry.entry_id) : "";
    }
    const auto first = core::format_day(*entry.first_day);
    const auto last = core::format_day(*entry.last_day);
    return entry.channel + " " + first + (first == last ? "" : " to " + last) + ", entry " +
           std::to_string(*entry.entry_id);
}

void write_entry(core::json::Writer& json, const reconciliation::StoredBankEntry& entry) {
    json.begin_object()
        .member("booked", core::format_day(entry.booked))
        .member("amount", entry.amount_minor)
        .member("reference", entry.reference)
        .member("counterparty", entry.counterparty)
        .member("description", entry.description)
        .member("evidence", entry.evidence);
    write_optional(json, "entry", entry.entry_id);
    if (entry.first_day) {
        json.key("settles")
            .begin_object()
            .member("channel", entry.channel)
            .member("from", core::format_day(*entry.first_day))
            .member("until", core::format_day(*entry.last_day))
            .end_object();
    } else {
        json.key("settles").null();
    }
    json.end_object();
}

int bank_show(const GlobalOptions& global, const BankOptions& options) {
    const auto day = require_day(options.date, "--date");
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    const auto& bank = require_bank(tenant, options.account);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    const auto entries = reconciliation::bank_entries_of(transaction, bank.name, day);
    if (!global.json) {
        Table table({"记账日 Booked", "金额 Amount>", "流水号 Reference", "对方 Counterparty", "摘要 Description",
                     "已解释 Explained by", "凭据 Evidence"});
        for (const auto& entry : entries) {
            table.add({core::format_day(entry.booked), major(entry.amount_minor, bank), entry.reference,
                       entry.counterparty, entry.description, settled_text(entry), entry.evidence});
        }
        print(table.text());
        return 0;
    }
    core::json::Writer json(1);
    json.begin_object()
        .member("tenant", options.tenant)
        .member("account", options.account)
        .member("currency", bank.currency.code())
        .member("day", core::format_day(day))
        .key("entries")
        .begin_array();
    for (const auto& entry : entries) {
        write_entry(json, entry);
    }
    print(json.end_array().end_object().text() + "\n");
    return 0;
}

}  // namespace

void add_bank(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    auto* bank = app.add_subcommand("bank", "Bank statements: what banks say, and what it settles");
    bank->require_subcommand(1);
    const auto options = std::make_shared<BankOptions>();
    const auto add = [&](const char* name, const char* help, int (*command)(const GlobalOptions&, const BankOptions&)) {
        auto* sub = bank->add_subcommand(name, help);
        sub->add_option("--tenant", options->tenant, "Whose")->required();
        sub->add_option("--account", options->account, "bank:NAME, of a [[tenant.bank]]")->required();
        sub->callback([&global, &run, options, command] {
            run = [&global, options, command] { return command(global, *options); };
        });
        return sub;
    };
    add("import", "Take statements in, book what they settle, and write the day's list", bank_import)
        ->add_option("file", options->files, "CAMT.053, MT940 or CSV, as configured; plain, .gz or .zip")
        ->required()
        ->check(CLI::ExistingPath);
    add("list", "The statements that were taken in, the latest first", bank_list)
        ->add_option("--limit", options->limit, "How many at most")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
    add("show", "A day's entries, and what explains them", bank_show)
        ->add_option("--date", options->date, "The closing day (YYYY-MM-DD)")
        ->required();
}

}  // namespace server
