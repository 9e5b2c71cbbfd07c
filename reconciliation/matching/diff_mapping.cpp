#include <toml++/toml.h>

#include <sstream>

#include "core/failure.h"
#include "core/files.h"
#include "core/text/encoding.h"
#include "core/time.h"
#include "reconciliation/matching/diff_layout.h"
#include "reconciliation/matching/diff_words.h"

namespace reconciliation {

const std::string_view kDiffMappingHelp =
    R"(A mapping file is TOML. [left] and [right] (or [both]) say how a file is laid out;
whatever is left out is found by the columns' names.

  [left]
  channel_txn_id = "流水号"        # the column of a field: channel_txn_id, merchant_order_id,
  amount = "金额"                  # own_order_id, type, amount, fee, currency, status, occurred_at
  fee = ""                         # the file is not to be asked for this field
  units = "major"                  # "minor" (12345, the default) or "major" (123.45)
  separator = ";"                  # one character; found in the header when left out
  decimal = ","                    # of amounts such as 1.234,50; "." without it
  time_zone = "Asia/Shanghai"      # of times that name none; default UTC

  [left.constant]                  # one value for every row
  type = "payment"
  currency = "CNY"

  [left.types]                     # the file's own words
  "收款" = "payment"

  [left.statuses]                  # captured, processing, failed, closed, revoked, abnormal
  "已入账" = "captured"

  [[rule]]                         # what may differ and still matches; as many as there are such cases
  name = "fen"                     # counted under this name in the summary: a-z, 0-9, - and _
  kind = "tolerance"               # or one_to_many, many_to_one, many_to_many: records that add up
  currency = "CNY"
  absolute = 1                     # minor units, at most; or basis_points = 5, of the channel's amount
)";

namespace matching {

namespace {

constexpr std::size_t kMappingBytesMax = 1U << 20U;

// Reads the tables of a mapping file; every complaint names file and key.
class MappingReader {
public:
    explicit MappingReader(std::string file) : file_(std::move(file)) {}

    void read_side(const toml::table& table, const std::string& where, SideMapping& side) {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            std::string path = where;
            path.append(".").append(name);
            if (name == "constant") {
                read_constants(table_of(node, path), path, side);
            } else if (name == "types") {
                read_types(table_of(node, path), path, side);
            } else if (name == "statuses") {
                read_statuses(table_of(node, path), path, side);
            } else if (const auto field = diff_field_from(name)) {
                side.columns[*field] = text_of(node, path);
            } else {
                read_form(name, text_of(node, path), path, side);
            }
        }
    }

    [[noreturn]] void refuse(const std::string& key, const std::string& what) const {
        throw core::UsageError(file_ + ": " + key + ": " + what);
    }

    const toml::table& table_of(const toml::node& node, const std::string& path) const {
        if (const auto* table = node.as_table()) {
            return *table;
        }
        refuse(path, "has to be a table");
    }

private:
    std::string text_of(const toml::node& node, const std::string& path) const {
        if (const auto* text = node.as_string()) {
            return text->get();
        }
        refuse(path, "has to be a text in quotes");
    }

    void read_form(const std::string& name, const std::string& value, const std::string& path,
                   SideMapping& side) const {
        if (name == "units") {
            side.units = diff_units_from(value);
            if (!side.units) {
                refuse(path, R"(is neither "minor" nor "major")");
            }
        } else if (name == "separator") {
            if (value.size() != 1 || value == "\"" || value == "\n" || value == "\r") {
                refuse(path, "has to be one ASCII character, no quote and no line end");
            }
            side.separator = value.front();
        } else if (name == "decimal") {
            if (value != "." && value != ",") {
                refuse(path, R"(is neither "." nor ",")");
            }
            side.decimal = value.front();
        } else if (name == "time_zone") {
            if (!core::zone_exists(value)) {
                refuse(path, "is not a time zone such as \"Asia/Shanghai\"");
            }
            side.time_zone = value;
        } else {
            refuse(
                path,
                "is not known here; known are the fields' names, units, separator, decimal, time_zone, constant, types "
                "and statuses");
        }
    }

    void read_constants(const toml::table& table, const std::string& where, SideMapping& side) const {
        for (const auto& [key, node] : table) {
            const std::string path = where + "." + std::string(key.str());
            const auto field = diff_field_from(key.str());
            if (!field || (*field != DiffField::type && *field != DiffField::currency && *field != DiffField::status)) {
                refuse(path, "can't be constant; type, currency and status can");
            }
            side.constants[*field] = text_of(node, path);
        }
    }

    void read_types(const toml::table& table, const std::string& where, SideMapping& side) const {
        for (const auto& [key, node] : table) {
            const std::string path = where + "." + std::string(key.str());
            const auto type = payments::transaction_type_from(text_of(node, path));
            if (!type) {
                refuse(path, "is none of payment, refund, reversal, dispute, fee, payout, adjustment");
            }
            side.types[normalised_word(key.str())] = *type;
        }
    }

    void read_statuses(const toml::table& table, const std::string& where, SideMapping& side) const {
        for (const auto& [key, node] : table) {
            const std::string path = where + "." + std::string(key.str());
            const auto status = payments::transaction_status_from(text_of(node, path));
            if (!status) {
                refuse(path, "is none of captured, processing, failed, closed, revoked, abnormal");
            }
            side.statuses[normalised_word(key.str())] = *status;
        }
    }

    std::string file_;
};

toml::table parse(const std::string& text, const std::string& file) {
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        std::ostringstream what;
        what << file << ":" << error.source().begin.line << ": " << error.description();
        throw core::UsageError(what.str());
    }
}

void check_both_ways(const SideMapping& side, const std::string& where, const MappingReader& reader) {
    for (const auto& [field, value] : side.constants) {
        const auto column = side.columns.find(field);
        if (column != side.columns.end() && !column->second.empty()) {
            reader.refuse(where + ".constant." + std::string(name_of(field)),
                          "is given as a column too; leave one of the two out");
        }
    }
}

}  // namespace

DiffMapping read_mapping(const std::filesystem::path& path) {
    const std::string file = path.string();
    std::string text;
    try {
        text = core::read_file(path, kMappingBytesMax);
    } catch (const core::InputError& failure) {
        throw core::UsageError(std::string("--mapping: ") + failure.what());
    }
    const toml::table root = parse(text, file);
    MappingReader reader(file);
    DiffMapping mapping;
    // [both] first, so that a side's own word goes before it.
    for (const std::string_view name : {"both", "left", "right"}) {
        const auto* node = root.get(name);
        if (node == nullptr) {
            continue;
        }
        const std::string where(name);
        const toml::table& table = reader.table_of(*node, where);
        if (where != "right") {
            reader.read_side(table, where, mapping.left);
        }
        if (where != "left") {
            reader.read_side(table, where, mapping.right);
        }
    }
    for (const auto& [key, node] : root) {
        if (key.str() != "both" && key.str() != "left" && key.str() != "right" && key.str() != "rule") {
            reader.refuse(std::string(key.str()), "is not known; the tables are [left], [right], [both] and [[rule]]");
        }
    }
    if (root.contains("rule")) {
        mapping.rules = config::match_rules_in(text, file, {"both", "left", "right"});
    }
    check_both_ways(mapping.left, "left", reader);
    check_both_ways(mapping.right, "right", reader);
    return mapping;
}

}  // namespace matching

}  // namespace reconciliation
