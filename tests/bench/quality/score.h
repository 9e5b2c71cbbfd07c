// Score: how often what was planted was found, and what was found had been planted, kind by kind.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace bench {

// One row, planted or listed: the kind, then what names it. Two equal rows count twice.
struct Row {
    std::string kind;
    std::string name;

    friend auto operator<=>(const Row&, const Row&) = default;
};
using Rows = std::multiset<Row>;

struct Tally {
    std::uint64_t planted = 0;
    std::uint64_t found = 0;  // listed, or made by a rule
    std::uint64_t right = 0;  // of those: planted

    bool exact() const { return planted == right && found == right; }
};

class Score {
public:
    // `where` names the seed and the file or day, for the first disagreement.
    // All kinds together.
    Tally compare(const std::string& where, const Rows& planted, const Rows& listed);
    void add(const std::string& kind, const Tally& more, const std::string& where);

    bool exact() const { return first_.empty(); }
    // The first row that the two don't agree on, in words; empty when there is none.
    const std::string& first_disagreement() const { return first_; }
    // A line for each kind: planted, found, right, and precision and recall in thousandths, rounded down.
    std::string table() const;

private:
    void disagree(const std::string& where, const std::string& what);

    std::map<std::string, Tally> kinds_;
    std::string first_;
};

}  // namespace bench
