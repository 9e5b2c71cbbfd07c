#include "score.h"

#include <cstdio>

namespace bench {

namespace {

// "1.000": rounded down, so that it says 1.000 only when it is.
std::string thousandths(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) {
        return "-";
    }
    const auto ratio = part * 1000 / whole;
    char text[32];
    std::snprintf(text, sizeof text, "%llu.%03llu", static_cast<unsigned long long>(ratio / 1000),
                  static_cast<unsigned long long>(ratio % 1000));
    return text;
}

}  // namespace

void Score::disagree(const std::string& where, const std::string& what) {
    if (first_.empty()) {
        first_ = where + ": " + what;
    }
}

Tally Score::compare(const std::string& where, const Rows& planted, const Rows& listed) {
    for (const auto& row : planted) {
        ++kinds_[row.kind].planted;
    }
    Tally all{planted.size(), listed.size(), 0};
    Rows unplanted;
    Rows missed = planted;
    for (const auto& row : listed) {
        auto& tally = kinds_[row.kind];
        ++tally.found;
        if (const auto at = missed.find(row); at != missed.end()) {
            missed.erase(at);
            ++tally.right;
            ++all.right;
        } else {
            unplanted.insert(row);
        }
    }
    if (!missed.empty()) {
        disagree(where, "planted and not listed: " + missed.begin()->kind + " " + missed.begin()->name);
    }
    if (!unplanted.empty()) {
        disagree(where, "listed and not planted: " + unplanted.begin()->kind + " " + unplanted.begin()->name);
    }
    return all;
}

void Score::add(const std::string& kind, const Tally& more, const std::string& where) {
    auto& tally = kinds_[kind];
    tally.planted += more.planted;
    tally.found += more.found;
    tally.right += more.right;
    if (!more.exact()) {
        disagree(where, kind + ": planted " + std::to_string(more.planted) + ", found " + std::to_string(more.found) +
                            ", of these right " + std::to_string(more.right));
    }
}

std::string Score::table() const {
    std::string text;
    char line[160];
    std::snprintf(line, sizeof line, "%-36s %8s %8s %8s %10s %8s\n", "kind", "planted", "found", "right", "precision",
                  "recall");
    text += line;
    for (const auto& [kind, tally] : kinds_) {
        std::snprintf(line, sizeof line, "%-36s %8llu %8llu %8llu %10s %8s\n", kind.c_str(),
                      static_cast<unsigned long long>(tally.planted), static_cast<unsigned long long>(tally.found),
                      static_cast<unsigned long long>(tally.right), thousandths(tally.right, tally.found).c_str(),
                      thousandths(tally.right, tally.planted).c_str());
        text += line;
    }
    return text;
}

}  // namespace bench
