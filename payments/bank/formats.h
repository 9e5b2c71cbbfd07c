// The formats, each as it is read from one unpacked text. What they give has no file name, hash or check of B1 to B3
// yet (gate.cpp); accounts' numbers stand in Raw alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "payments/bank/statement.h"

namespace payments::bank {

inline constexpr std::size_t kEntriesMax = 1'000'000;
inline constexpr std::size_t kTextMax = 4096;  // of one text that is kept; the rest is cut

// A page, or a statement of one.
struct Raw {
    std::string account;  // letters and digits; empty where the file doesn't say
    std::string page_of;  // what pages of one statement have in common; empty: it is whole
    std::int64_t page = 1;
    bool is_last_page = true;
    Statement statement;
};

using RawReading = core::Result<std::vector<Raw>, StatementRefusal>;

// ISO 20022 camt.053.001.02 to .08, streamed. A document type, and so any entity, is refused. Entries that aren't
// booked (PDNG, INFO) are passed over: no balance has them.
RawReading read_camt053(std::string_view text, const Context& context);

// SWIFT MT940, with or without the envelope's blocks; structured :86: by German (?20) or SWIFT (/NAME/) codes.
RawReading read_mt940(std::string_view text, const Context& context);

// By the columns that the configuration names.
RawReading read_csv(std::string_view text, const Context& context);

// ---- What the formats share -----------------------------------------------------------------------------------------

core::Refused<StatementRefusal> refused(std::uint64_t line, std::string field, std::string what, std::string remedy);

// Letters and digits, upper case.
std::string plain_number(std::string_view written);

// Blanks around it and line breaks within it gone, no longer than kTextMax, never cut within a character.
std::string tidy(std::string_view text);

}  // namespace payments::bank
