// duizhang ledger statement
#include "core/failure.h"
#include "core/json/writer.h"
#include "ledger/account_statement.h"
#include "reconciliation/review_list.h"
#include "server/commands.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

constexpr std::int64_t kPage = 1000;

std::string major(std::int64_t minor, const std::string& currency) {
    return core::decimal_from_minor(minor, reconciliation::display_exponent(currency));
}

void write_line(core::json::Writer& json, const ledger::AccountLine& line) {
    json.begin_object()
        .member("entry", line.entry.number())
        .member("business_date", line.business_date)
        .member("event", line.event)
        .member("description", line.description)
        .member("currency", line.currency)
        .member("amount", line.amount_minor);
    if (!line.due_date.empty()) {
        json.member("due_date", line.due_date);
    }
}

int statement_in_order_posted(const GlobalOptions& global, const Ledger& options,
                              core::db::TenantTransaction& transaction) {
    Table table({"分录 Entry>", "日期 Date", "事件 Event", "摘要 Description", "币种 Cur", "金额 Amount>", "到期 Due"});
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("account", options.account).key("lines").begin_array();
    std::int64_t after = 0;
    while (true) {
        const auto lines = ledger::account_lines(transaction, options.account, after, kPage);
        for (const auto& line : lines) {
            table.add({std::to_string(line.entry.number()), line.business_date, line.event, line.description,
                       line.currency, major(line.amount_minor, line.currency), line.due_date});
            write_line(json, line);
            json.end_object();
        }
        if (lines.size() < static_cast<std::size_t>(kPage)) {
            break;
        }
        after = lines.back().entry.number();
    }
    json.end_array().end_object();
    print(global.json ? json.text() + "\n" : table.text());
    return 0;
}

ledger::DayRange range_of(const Ledger& options) {
    ledger::DayRange range;
    if (!options.from.empty()) {
        range.from = require_day(options.from, "--from");
    }
    if (!options.until.empty()) {
        range.until = require_day(options.until, "--until");
    }
    if (range.from && range.until && *range.until < *range.from) {
        throw core::UsageError("--until: must not be before --from");
    }
    return range;
}

void write_ends(core::json::Writer& json, const char* name, const std::map<std::string, std::int64_t>& ends) {
    json.key(name).begin_array();
    for (const auto& [currency, minor] : ends) {
        json.begin_object().member("currency", currency).member("balance", minor).end_object();
    }
    json.end_array();
}

std::string statement_json(const Ledger& options, const ledger::StatementEnds& ends,
                           const std::vector<ledger::StatementLine>& lines) {
    core::json::Writer json(1);
    json.begin_object().member("tenant", options.tenant).member("account", options.account);
    write_ends(json, "opening", ends.opening);
    json.key("lines").begin_array();
    for (const auto& [line, balance_minor] : lines) {
        write_line(json, line);
        json.member("balance", balance_minor).end_object();
    }
    json.end_array();
    write_ends(json, "closing", ends.closing);
    return json.end_object().text() + "\n";
}

void add_ends(Table& table, const std::string& day, const char* name, const std::map<std::string, std::int64_t>& ends) {
    for (const auto& [currency, minor] : ends) {
        table.add({"", day, name, "", currency, "", major(minor, currency), ""});
    }
}

std::string statement_table(const Ledger& options, const ledger::StatementEnds& ends,
                            const std::vector<ledger::StatementLine>& lines) {
    Table table({"分录 Entry>", "日期 Date", "事件 Event", "摘要 Description", "币种 Cur", "金额 Amount>",
                 "余额 Balance>", "到期 Due"});
    add_ends(table, options.from, "期初 Opening", ends.opening);
    for (const auto& [line, balance_minor] : lines) {
        table.add({std::to_string(line.entry.number()), line.business_date, line.event, line.description, line.currency,
                   major(line.amount_minor, line.currency), major(balance_minor, line.currency), line.due_date});
    }
    add_ends(table, options.until, "期末 Closing", ends.closing);
    return table.text();
}

int statement_of_days(const GlobalOptions& global, const Ledger& options, const ledger::DayRange& range,
                      core::db::TenantTransaction& transaction) {
    std::vector<ledger::StatementLine> lines;
    const auto ends = ledger::read_statement(transaction, options.account, range,
                                             [&](const ledger::StatementLine& line) { lines.push_back(line); });
    print(global.json ? statement_json(options, ends, lines) : statement_table(options, ends, lines));
    return 0;
}

}  // namespace

int ledger_statement(const GlobalOptions& global, const Ledger& options) {
    const auto range = range_of(options);
    Session session(global);
    const auto& tenant = session.tenant(options.tenant);
    core::db::TenantTransaction transaction(session.database(), tenant.settings->id);
    return range.from || range.until ? statement_of_days(global, options, range, transaction)
                                     : statement_in_order_posted(global, options, transaction);
}

}  // namespace server
