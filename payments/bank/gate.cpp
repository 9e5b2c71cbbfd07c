// From the formats' readings to statements that hold B1 to B3.
#include <algorithm>
#include <map>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "core/text/encoding.h"
#include "payments/bank/formats.h"

namespace payments::bank {
namespace {

constexpr const char* kFetchAgain = "fetch the statement from the bank again";

using Check = std::optional<StatementRefusal>;

RawReading read_format(std::string_view text, const Context& context) {
    switch (context.bank.format) {
        case config::BankFormat::camt053:
            return read_camt053(text, context);
        case config::BankFormat::mt940:
            return read_mt940(text, context);
        case config::BankFormat::csv:
            return read_csv(text, context);
    }
    return std::vector<Raw>{};
}

StatementRefusal refusal(const Statement& statement, std::string field, std::string what, std::string remedy) {
    return {statement.file, statement.line, std::move(field), std::move(what), std::move(remedy)};
}

std::string amount_text(std::int64_t minor, const core::Currency& currency) {
    return core::decimal_from_minor(minor, currency.exponent());
}

// A bank may put its own code before the number, or the currency behind it.
bool is_of(const std::string& account, const config::Bank& bank) {
    return account.empty() || account == bank.number || account == bank.number + std::string(bank.currency.code()) ||
           account.ends_with("/" + bank.number);
}

// One page more of the statement that is being put together.
Check add_page(Raw& whole, Raw&& page) {
    auto& statement = whole.statement;
    auto& more = page.statement;
    if (page.page != whole.page + 1) {
        return refusal(more, "page",
                       "page " + std::to_string(page.page) + " follows page " + std::to_string(whole.page),
                       "give all pages in their order");
    }
    if (statement.closing && more.opening && statement.closing->minor != more.opening->minor) {
        return refusal(more, "balance", "doesn't begin with what the page before ends with", kFetchAgain);
    }
    statement.closing = more.closing;
    whole.page = page.page;
    whole.is_last_page = page.is_last_page;
    std::move(more.entries.begin(), more.entries.end(), std::back_inserter(statement.entries));
    return std::nullopt;
}

core::Result<std::vector<Raw>, StatementRefusal> join_pages(std::vector<Raw> pages) {
    std::vector<Raw> whole;
    for (auto& page : pages) {
        const bool goes_on = !whole.empty() && !whole.back().is_last_page;
        if (goes_on && whole.back().page_of == page.page_of && whole.back().account == page.account) {
            if (auto wrong = add_page(whole.back(), std::move(page))) {
                return core::Refused{*wrong};
            }
            continue;
        }
        if (goes_on || page.page != 1) {
            const auto& at = goes_on ? whole.back().statement : page.statement;
            return core::Refused{refusal(at, "page",
                                         goes_on ? "the pages after it are missing" : "the pages before it are missing",
                                         "give all pages in their order")};
        }
        whole.push_back(std::move(page));
    }
    if (!whole.empty() && !whole.back().is_last_page) {
        return core::Refused{
            refusal(whole.back().statement, "page", "the pages after it are missing", "give all pages in their order")};
    }
    return whole;
}

Check check_sum(const Statement& statement) {
    std::int64_t sum = statement.opening ? statement.opening->minor : 0;
    for (const auto& entry : statement.entries) {
        const auto next = core::checked_add(sum, entry.amount_minor);
        if (!next || entry.amount_minor > core::kMinorMax || entry.amount_minor < -core::kMinorMax) {
            return StatementRefusal{statement.file, entry.line, "amount", "is out of range", kFetchAgain};
        }
        sum = *next;
    }
    if (statement.opening.has_value() != statement.closing.has_value()) {
        return refusal(statement, "balance", "has only one of opening and closing balance", kFetchAgain);
    }
    if (statement.closing && sum != statement.closing->minor) {
        return refusal(statement, "balance",
                       "opening balance and entries give " + amount_text(sum, statement.currency) +
                           ", the closing balance is " + amount_text(statement.closing->minor, statement.currency),
                       kFetchAgain);
    }
    return std::nullopt;
}

// Its day, and what it says in one line a fact.
Check finish(Statement& statement) {
    std::erase_if(statement.entries, [](const Entry& entry) { return entry.amount_minor == 0; });
    if (statement.closing && statement.closing->day) {
        statement.day = *statement.closing->day;
    } else if (!statement.entries.empty()) {
        statement.day =
            std::max_element(statement.entries.begin(), statement.entries.end(), [](const Entry& a, const Entry& b) {
                return a.booked < b.booked;
            })->booked;
    } else {
        return refusal(statement, "day", "has neither entries nor a closing balance with a day", kFetchAgain);
    }
    const auto balance = [](const std::optional<Balance>& one) { return one ? std::to_string(one->minor) : "-"; };
    std::string said = std::string(statement.currency.code()) + "\n" + core::format_day(statement.day) + "\n" +
                       balance(statement.opening) + "\n" + balance(statement.closing) + "\n" +
                       (statement.number ? std::to_string(*statement.number) : "-") + "\n" + statement.reference + "\n";
    for (const auto& entry : statement.entries) {
        said += core::format_day(entry.booked) + "\n" + std::to_string(entry.amount_minor) + "\n" + entry.reference +
                "\n" + entry.counterparty + "\n" + entry.description + "\n";
    }
    statement.sha256 = core::crypto::sha256_hex(said);
    return std::nullopt;
}

Check take_raw(std::vector<Raw>&& raws, const std::string& name, const std::string& hash, const Context& context,
               std::vector<Statement>& statements) {
    for (auto& raw : raws) {
        raw.statement.file = name;
    }
    auto whole = join_pages(std::move(raws));
    if (!whole) {
        return whole.error();
    }
    for (auto& raw : *whole) {
        auto& statement = raw.statement;
        statement.file_sha256 = hash;
        if (!is_of(raw.account, context.bank)) {
            return refusal(
                statement, "account",
                "is of account " + masked_number(raw.account) + ", not of " + masked_number(context.bank.number),
                "give it to the account that it is of");
        }
        if (auto wrong = check_sum(statement)) {
            return wrong;
        }
        if (auto wrong = finish(statement)) {
            return wrong;
        }
        statements.push_back(std::move(statement));
    }
    return std::nullopt;
}

Check take_file(const StatementFile& file, const Context& context, std::vector<Statement>& statements) {
    auto members = core::unpack(file.bytes);
    if (!members) {
        return StatementRefusal{context.redact(file.name), 0, "", members.error(), kFetchAgain};
    }
    const auto hash = core::crypto::sha256_hex(file.bytes);
    for (const auto& member : *members) {
        const auto name = context.redact(file.name + (member.name.empty() ? "" : "!" + member.name));
        auto raws = read_format(member.bytes, context);
        if (!raws) {
            auto wrong = raws.error();
            wrong.file = name;
            return wrong;
        }
        if (auto wrong = take_raw(std::move(*raws), name, hash, context, statements)) {
            return wrong;
        }
    }
    return std::nullopt;
}

Check check_order(std::vector<Statement>& statements) {
    std::stable_sort(statements.begin(), statements.end(),
                     [](const Statement& a, const Statement& b) { return a.day < b.day; });
    std::map<std::string, const Statement*> seen;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const auto& statement = statements[i];
        const auto [there, fresh] = seen.emplace(statement.sha256, &statement);
        if (!fresh) {
            return refusal(
                statement, "",
                "is the same statement as " + there->second->file + ":" + std::to_string(there->second->line),
                "leave one of them out");
        }
        if (i == 0) {
            continue;
        }
        if (const auto gap = break_between(link_of(statements[i - 1]), link_of(statement), statement.currency)) {
            return refusal(statement, gap->field, gap->what, gap->remedy);
        }
    }
    return std::nullopt;
}

}  // namespace

core::Refused<StatementRefusal> refused(std::uint64_t line, std::string field, std::string what, std::string remedy) {
    return {StatementRefusal{"", line, std::move(field), std::move(what), std::move(remedy)}};
}

std::string plain_number(std::string_view written) {
    std::string plain;
    for (const char c : written.substr(0, 128)) {
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.') {
            plain += c;
        } else if (c >= 'a' && c <= 'z') {
            plain += static_cast<char>(c - 'a' + 'A');
        }
    }
    return plain;
}

std::string tidy(std::string_view text) {
    std::string tidied;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
        if (!blank) {
            tidied += c;
        } else if (!tidied.empty() && tidied.back() != ' ') {
            tidied += ' ';
        }
    }
    if (tidied.size() > kTextMax) {
        tidied.resize(kTextMax);
        while (!tidied.empty() && !core::text::is_valid_utf8(tidied)) {
            tidied.pop_back();
        }
    }
    while (tidied.ends_with(' ')) {
        tidied.pop_back();
    }
    return tidied;
}

std::string masked_number(std::string_view number) {
    constexpr std::size_t kShown = 4;
    if (number.size() <= 2 * kShown) {
        return "****";
    }
    return std::string(number.substr(0, kShown)) + "****" + std::string(number.substr(number.size() - kShown));
}

Link link_of(const Statement& statement) {
    const auto minor = [](const std::optional<Balance>& balance) {
        return balance ? std::optional(balance->minor) : std::nullopt;
    };
    return {statement.day, minor(statement.opening), minor(statement.closing), statement.number};
}

std::optional<Break> break_between(const Link& before, const Link& after, const core::Currency& currency) {
    const std::string between = "give the statement in between first, or fetch both again";
    if (before.number && after.number && *after.number > *before.number + 1 && before.day.year() == after.day.year()) {
        return Break{"number", "number " + std::to_string(*after.number) + " follows " + std::to_string(*before.number),
                     between};
    }
    if (before.closing_minor && after.opening_minor && *before.closing_minor != *after.opening_minor) {
        return Break{"balance",
                     "opens with " + amount_text(*after.opening_minor, currency) + ", and the statement of " +
                         core::format_day(before.day) + " closes with " + amount_text(*before.closing_minor, currency),
                     between};
    }
    return std::nullopt;
}

Reading read_statements(const std::vector<StatementFile>& files, const Context& context) {
    std::vector<Statement> statements;
    for (const auto& file : files) {
        if (auto wrong = take_file(file, context, statements)) {
            return core::Refused{without_cards(*wrong, context.redact)};
        }
    }
    if (auto wrong = check_order(statements)) {
        return core::Refused{without_cards(*wrong, context.redact)};
    }
    return statements;
}

}  // namespace payments::bank
