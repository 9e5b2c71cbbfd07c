// A bank's statement in the product's words: CAMT.053, MT940 or a CSV file by a mapping.
//
// What holds for every Statement that read_statements() gives:
//   B1  It is of the account and the currency that the configuration names.
//   B2  Where it states balances, opening balance and entries add up to the closing balance; a CSV with balances has
//       them agree entry by entry.
//   B3  Pages and numbers follow each other without a gap, and no statement stands in it twice.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/bank.h"
#include "core/money.h"
#include "core/result.h"
#include "core/time.h"
#include "payments/channel.h"

namespace payments::bank {

struct Entry {
    core::BusinessDay booked{};
    std::optional<core::BusinessDay> value;
    std::int64_t amount_minor = 0;  // came in above zero, went out below
    std::string reference;          // the bank's, else the payer's; redacted, as the texts below
    std::string counterparty;
    std::string description;
    std::uint64_t line = 0;  // where it begins, from 1, in the unpacked file
};

// A balance and the day at whose end (opening: before whose first entry) it stood.
struct Balance {
    std::int64_t minor = 0;
    std::optional<core::BusinessDay> day;
};

struct Statement {
    std::string file{};                    // its name, and the archive's member where there is one: "A.zip!b.xml"
    std::string file_sha256{};             // of the file as delivered
    std::string reference{};               // the bank's own name of it
    std::optional<std::int64_t> number{};  // it counts on from statement to statement
    std::uint64_t line = 0;                // where it begins
    core::Currency currency;
    core::BusinessDay day{};  // the closing balance's, or the last entry's
    std::optional<Balance> opening{};
    std::optional<Balance> closing{};
    std::vector<Entry> entries{};
    std::string sha256{};  // of what it says, whatever the file's name: the same statement twice has the same
};

// What else reading needs: replaces card numbers in texts.
struct Context {
    const config::Bank& bank;
    std::function<std::string(std::string_view)> redact;
};

using Reading = core::Result<std::vector<Statement>, StatementRefusal>;

// All statements of the files, plain, .gz or .zip, by closing day. Refused as a whole: see B1 to B3, and what the
// formats' own headers say.
Reading read_statements(const std::vector<StatementFile>& files, const Context& context);

// "DE89****3000": what may be shown of an account's number.
std::string masked_number(std::string_view number);

// How the statement's end and another's beginning fit: nothing, or what is wrong, as a clause and a remedy.
struct Break {
    std::string field;
    std::string what;
    std::string remedy;
};
// What a statement says of itself to the one that follows it.
struct Link {
    core::BusinessDay day;
    std::optional<std::int64_t> opening_minor;
    std::optional<std::int64_t> closing_minor;
    std::optional<std::int64_t> number;
};
Link link_of(const Statement& statement);
std::optional<Break> break_between(const Link& before, const Link& after, const core::Currency& currency);

}  // namespace payments::bank
