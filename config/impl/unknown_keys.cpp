// Unknown keys are errors, and say what was probably meant.
#include <algorithm>
#include <numeric>

#include "config/impl/node.h"

namespace config {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

std::string hint(std::string_view key, const std::set<std::string, std::less<>>& known) {
    std::string best;
    std::size_t best_distance = 1 + key.size() / 3;
    for (const auto& candidate : known) {
        const auto distance = edit_distance(key, candidate);
        if (distance <= best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best.empty() ? "remove it, or see config/example.toml" : "did you mean \"" + best + "\"?";
}

std::string joined(const std::string& section, std::string_view key) {
    return section.empty() ? std::string(key) : section + "." + std::string(key);
}

}  // namespace

void complain_about_unclaimed(Document::Shared& shared, const toml::table& table, const std::string& name) {
    const auto& known = shared.known[&table];
    for (const auto& [key, node] : table) {
        const std::string text(key.str());
        if (!known.contains(text)) {
            const auto line = node.source().begin.line;
            shared.complaints.push_back(
                {line, name, shared.place(line) + ": " + joined(name, text) + ": unknown key; " + hint(text, known)});
            continue;
        }
        if (const auto* inner = node.as_table()) {
            if (shared.known.contains(inner)) {
                complain_about_unclaimed(shared, *inner, joined(name, text));
            }
        } else if (const auto* items = node.as_array()) {
            for (const auto& item : *items) {
                if (const auto* row = item.as_table(); row != nullptr && shared.known.contains(row)) {
                    complain_about_unclaimed(shared, *row, joined(name, text));
                }
            }
        }
    }
}

}  // namespace config
