// How a file of `diff` is laid out: which column holds which field, in what form.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconciliation/diff.h"

namespace reconciliation::matching {

enum class DiffField {
    channel_txn_id,
    merchant_order_id,
    own_order_id,
    type,
    amount,
    fee,
    currency,
    status,
    occurred_at,
};
inline constexpr std::size_t kDiffFields = 9;
std::string_view name_of(DiffField field);
std::optional<DiffField> diff_field_from(std::string_view name);

// What a mapping file says of one side; all of it may be left out.
struct SideMapping {
    std::map<DiffField, std::string> columns;  // an empty name: the file is not to be asked for the field
    std::map<DiffField, std::string> constants;
    std::map<std::string, payments::TransactionType> types;       // by normalised_word()
    std::map<std::string, payments::TransactionStatus> statuses;  // likewise
    std::optional<DiffUnits> units;
    std::optional<char> separator;
    char decimal = '.';             // or ',': of amounts in major units
    std::string time_zone = "UTC";  // of times that name none
};

struct DiffMapping {
    SideMapping left;
    SideMapping right;
    std::vector<config::MatchRule> rules{};  // all the file has, whenever they hold
};

// Throws UsageError "FILE: KEY: what", all complaints of a kind that a person can mend at once.
DiffMapping read_mapping(const std::filesystem::path& path);

// The columns of one file, found.
struct Layout {
    std::array<std::optional<std::size_t>, kDiffFields> columns;  // where each field stands
    std::size_t width = 0;                                        // cells of the header
    std::vector<DiffColumn> told;                                 // for people
};

// Finds the columns in the header: as the mapping names them, by the fields' own names, by names that usually mean
// them. `file` and `line` are the header's, for the InputError that names a column which isn't there or there twice.
// `redact` is for header cells that people are shown: a file without a header has data there.
Layout find_columns(const std::vector<std::string>& header, const SideMapping& mapping, const std::string& file,
                    std::uint64_t line, const std::function<std::string(std::string_view)>& redact);

// The separator of a header line: the one of , ; TAB | that stands there most often.
char guess_separator(std::string_view text);

}  // namespace reconciliation::matching
