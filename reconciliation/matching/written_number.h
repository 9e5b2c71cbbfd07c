// Amounts as people and spreadsheets write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reconciliation::matching {

// The number as core::minor_from_decimal() takes it: "1,234.50", "¥ 1 234.50", "(1234.50)" and "1234.50-" are read as
// 1234.50 or -1234.50. Thousands are told apart throughout or not at all, always in threes and by one sign, which is a
// comma (a point where `decimal` is a comma), an apostrophe or a blank. Nothing for what is no such number.
std::optional<std::string> plainly_written(std::string_view text, char decimal);

}  // namespace reconciliation::matching
