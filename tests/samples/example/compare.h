// Review lists against what must come out. Free are the discrepancy's id, the words for state and action, and what
// evidence says beyond naming file, line and entry.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/failure.h"
#include "core/json/reader.h"
#include "core/text/csv.h"
#include "tests/support/command.h"

namespace example {

using Row = std::map<std::string, std::string>;

struct Table {
    std::vector<std::string> columns;
    std::vector<Row> rows;
};

inline Table read_table(const std::filesystem::path& file) {
    const std::string text = test_support::text_of(file);
    core::text::CsvReader reader(text);
    Table table;
    while (true) {
        const auto row = reader.next();
        core::ensure(static_cast<bool>(row), "a review list is a CSV file");
        if (!*row) {
            return table;
        }
        const auto& cells = (*row)->cells;
        if (table.columns.empty()) {
            table.columns = cells;
            continue;
        }
        Row& named = table.rows.emplace_back();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            named[table.columns.at(i)] = cells[i];
        }
    }
}

// FILE:LINE and entry:ID parts; an entry's number is the database's own, so only that it is named counts.
inline std::set<std::string> places_in(const std::string& evidence) {
    std::set<std::string> places;
    std::istringstream parts(evidence);
    for (std::string part; std::getline(parts, part, ';');) {
        part.erase(0, part.find_first_not_of(' '));
        places.insert(part.starts_with("entry:") ? "entry" : part);
    }
    return places;
}

// Of a line listed twice the expected list names one place, ours both.
inline bool names_all(const std::string& evidence, const std::string& wanted) {
    const auto places = places_in(evidence);
    const auto wanted_places = places_in(wanted);
    return std::includes(places.begin(), places.end(), wanted_places.begin(), wanted_places.end());
}

inline std::string name_of(const Row& row) {
    return row.at("kind") + " " + row.at("type") + " " + row.at("channel_txn_id");
}

// What differs, in words; empty when nothing does.
inline std::string compare_lists(const std::filesystem::path& found_file, const std::filesystem::path& wanted_file) {
    const auto found = read_table(found_file);
    const auto wanted = read_table(wanted_file);
    const std::set<std::string> free = {"discrepancy_id", "suggested_action", "ledger_status", "channel_status"};
    std::string complaints;
    for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
        if (i >= found.columns.size() || found.columns[i] != wanted.columns[i]) {
            complaints += "column " + std::to_string(i) + " is not " + wanted.columns[i] + "\n";
        }
    }
    std::multimap<std::string, const Row*> by_name;
    for (const auto& row : found.rows) {
        by_name.emplace(name_of(row), &row);
    }
    for (const auto& row : wanted.rows) {
        const auto same = by_name.find(name_of(row));
        if (same == by_name.end()) {
            complaints += "missing: " + name_of(row) + "\n";
            continue;
        }
        for (const auto& [column, cell] : row) {
            const std::string& other = same->second->at(column);
            const bool agrees = column == "evidence" ? names_all(other, cell) : cell == other;
            if (!free.contains(column) && !agrees) {
                complaints += name_of(row) + ": " + column + ": " + other + ", must be " + cell + "\n";
            }
        }
        by_name.erase(same);
    }
    for (const auto& [name, row] : by_name) {
        complaints += "too many: " + name + "\n";
    }
    return complaints;
}

inline core::json::Value read_json(const std::filesystem::path& file) {
    auto value = core::json::parse(test_support::text_of(file), {std::size_t{1} << 26U, 16});
    core::ensure(static_cast<bool>(value), "a JSON file can be parsed");
    return std::move(*value);
}

// As text with sorted names, so that two can be compared whatever their order.
inline std::string canonical(const core::json::Value& value) {
    using Kind = core::json::Value::Kind;
    std::string text;
    if (value.kind() == Kind::object) {
        std::map<std::string, std::string> sorted;
        for (const auto& [name, member] : value.members()) {
            sorted[name] = canonical(member);
        }
        for (const auto& [name, member] : sorted) {
            text += name + "=" + member + " ";
        }
        return "{" + text + "}";
    }
    if (value.kind() == Kind::array) {
        for (const auto& item : value.items()) {
            text += canonical(item) + " ";
        }
        return "[" + text + "]";
    }
    if (const auto integer = value.integer()) {
        return std::to_string(*integer);
    }
    return std::string(value.string().value_or(value.is_null() ? "null" : "?"));
}

// Everything that is wanted is there; times and the digest are the run's own.
inline std::string compare_summaries(const std::filesystem::path& found_file,
                                     const std::filesystem::path& wanted_file) {
    const auto found = read_json(found_file);
    const auto wanted = read_json(wanted_file);
    std::string complaints;
    for (const auto& [name, member] : wanted.members()) {
        if (name == "started_at" || name == "finished_at" || name == "digest") {
            continue;
        }
        const auto* other = found.find(name);
        const std::string text = other == nullptr ? "nothing" : canonical(*other);
        if (text != canonical(member)) {
            complaints += name + ": " + text + ", must be " + canonical(member) + "\n";
        }
    }
    return complaints;
}

}  // namespace example
