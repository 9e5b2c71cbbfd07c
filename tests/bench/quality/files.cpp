#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "audit/redact.h"
#include "config/match_rule.h"
#include "core/failure.h"
#include "core/files.h"
#include "corpus.h"
#include "dialects.h"
#include "reconciliation/diff.h"
#include "tests/support/test_database.h"

namespace bench {

namespace {

using Random = std::mt19937_64;
using config::MatchRule;

// Two sides under way, and what has to be listed of them.
struct Sides {
    explicit Sides(std::uint64_t seed) : random(seed * 6151 + 3) {}

    std::uint64_t below(std::uint64_t limit) { return random() % limit; }

    FileRow some_row() {
        ++count;
        FileRow row;
        row.id = "4200" + std::to_string(1'000'000'000 + count * 101);
        row.order = "PAY" + std::to_string(1'000'000 + count);
        row.amount = unit * (10 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(1'000'000 / unit))));
        row.fee = row.amount / 100;
        return row;
    }
    void both(const FileRow& row) {
        left.push_back(row);
        right.push_back(row);
    }
    void plant(const std::string& kind, const FileRow& row) { planted.insert({kind, row.type + " " + row.id}); }
    void only_left(const FileRow& row) {
        left.push_back(row);
        plant("missing_in_channel", row);
    }
    void only_right(const FileRow& row) {
        right.push_back(row);
        plant("missing_in_ledger", row);
    }
    // The right side has it changed.
    void differing(const std::string& kind, const std::function<void(FileRow&)>& change) {
        FileRow row = some_row();
        left.push_back(row);
        change(row);
        right.push_back(row);
        plant(kind, row);
    }
    // Neither is the other, however alike they look.
    void near_miss(const std::function<void(FileRow&)>& change) {
        FileRow row = some_row();
        only_left(row);
        change(row);
        only_right(row);
    }

    Random random;
    std::uint64_t count = 0;
    std::int64_t unit = 1;  // amounts are multiples of it, up to 10,000.00
    std::vector<FileRow> left;
    std::vector<FileRow> right;
    Rows planted;
};

struct Compared {
    reconciliation::DiffResult result;
    std::vector<std::string> ways;  // in which the two files are written
};

Compared diff(Sides& sides, const std::vector<MatchRule>& rules) {
    const test_support::TestFolder folder;
    static const audit::Redactor redactor{core::KeyBytes(std::string(32, 'k'))};
    reconciliation::DiffOptions options;
    options.left = folder.path() / "books.csv";
    options.right = folder.path() / "channel.csv";
    options.mapping = folder.path() / "mapping.toml";
    options.rules = rules;
    options.threads = 1;
    options.redact = [](std::string_view text) { return redactor.redact(text); };
    std::vector<std::string> ways;
    std::string mapping;
    const auto write = [&](const std::filesystem::path& path, std::vector<FileRow> rows, const char* side) {
        std::shuffle(rows.begin(), rows.end(), sides.random);
        const auto file = written(rows, sides.random);
        core::write_file(path, file.bytes, 0644);
        ways.insert(ways.end(), file.ways.begin(), file.ways.end());
        mapping += std::string("[") + side + "]\n" + file.mapping;
    };
    write(options.left, sides.left, "left");
    write(options.right, sides.right, "right");
    core::write_file(*options.mapping, mapping, 0644);
    return {reconciliation::diff(options), ways};
}

Rows listed(const reconciliation::DiffResult& result) {
    Rows rows;
    for (const auto& row : result.discrepancies) {
        rows.insert({std::string(name_of(row.kind)),
                     (row.type ? std::string(payments::name_of(*row.type)) : "-") + " " + row.channel_txn_id});
    }
    return rows;
}

void plant_kinds(Sides& sides) {
    sides.only_left(sides.some_row());
    sides.only_right(sides.some_row());
    sides.differing("amount_mismatch", [&](FileRow& row) { row.amount += sides.below(2) == 0 ? 1 : -1; });
    sides.differing("currency_mismatch", [](FileRow& row) { row.currency = "USD"; });
    sides.differing("status_mismatch", [](FileRow& row) { row.status = "failed"; });
    sides.differing("fee_mismatch", [&](FileRow& row) { row.fee += sides.below(2) == 0 ? 1 : -1; });
    FileRow twice = sides.some_row();
    sides.both(twice);
    sides.left.push_back(twice);
    sides.plant("duplicate_in_ledger", twice);
    twice = sides.some_row();
    sides.both(twice);
    sides.right.push_back(twice);
    sides.plant("duplicate_in_channel", twice);
}

void plant_near_misses(Sides& sides) {
    sides.near_miss([](FileRow& row) { row.id.back() = row.id.back() == '9' ? '8' : '9'; });
    sides.near_miss([](FileRow& row) { row.id += "0"; });
    sides.near_miss([](FileRow& row) { row.type = "refund"; });
    sides.near_miss([&](FileRow& row) {  // the same amount under other numbers
        const auto amount = row.amount;
        row = sides.some_row();
        row.amount = amount;
        row.fee = amount / 100;
    });
    sides.near_miss([](FileRow& row) {  // alike but for the id and one of the smallest unit
        row.id.front() = '5';
        ++row.amount;
    });
}

MatchRule rule_of(const char* name, MatchRule::Kind kind, MatchRule::GroupBy by) {
    const auto yuan = core::Currency::from_code("CNY");
    core::ensure(yuan.has_value(), "CNY is a currency");
    return {name, {}, {}, *yuan, {}, {}, core::Rounding::down, {}, kind, by};
}

// Splits a row into parts that add up to it, under ids of their own.
std::vector<FileRow> parts_of(Sides& sides, const FileRow& whole, std::uint64_t count) {
    std::vector<FileRow> parts(count, whole);
    auto rest = whole.amount;
    auto fee = whole.fee;
    for (std::uint64_t i = 0; i < count; ++i) {
        auto& part = parts[i];
        part.id = sides.some_row().id;
        const auto steps = static_cast<std::uint64_t>(rest / sides.unit) / (count - i);
        const auto share = i + 1 == count ? rest : sides.unit * (1 + static_cast<std::int64_t>(sides.below(steps)));
        part.amount = share;
        rest -= share;
        part.fee = i + 1 < count ? 0 : fee;
    }
    return parts;
}

// A rule's right groups leave nothing on the list; what it made beyond those is wrong.
struct Groups {
    std::string rule;
    std::vector<std::set<std::string>> members;  // "payment ID"
};

void add(Sides& sides, bool left, const std::vector<FileRow>& rows, std::set<std::string>& members) {
    for (const auto& row : rows) {
        (left ? sides.left : sides.right).push_back(row);
        members.insert(row.type + " " + row.id);
    }
}

void plant_groups(Sides& sides, Groups& one_to_many, Groups& many_to_one, Groups& many_to_many) {
    for (int i = 0; i < 3; ++i) {
        const auto whole = sides.some_row();
        const auto parts = parts_of(sides, whole, 2 + sides.below(3));
        add(sides, true, {whole}, one_to_many.members.emplace_back());
        add(sides, false, parts, one_to_many.members.back());

        const auto other = sides.some_row();
        add(sides, true, parts_of(sides, other, 2 + sides.below(3)), many_to_one.members.emplace_back());
        add(sides, false, {other}, many_to_one.members.back());

        const auto shared = sides.some_row();
        add(sides, true, parts_of(sides, shared, 2), many_to_many.members.emplace_back());
        add(sides, false, parts_of(sides, shared, 3), many_to_many.members.back());
    }
}

// Of a whole and its parts one unit is missing, or one part is there twice under another id: all stay alone.
void plant_false_groups(Sides& sides) {
    const auto whole = sides.some_row();
    auto parts = parts_of(sides, whole, 3);
    ++parts.front().amount;
    sides.only_left(whole);
    std::for_each(parts.begin(), parts.end(), [&](const auto& part) { sides.only_right(part); });

    const auto torn = sides.some_row();
    parts = parts_of(sides, torn, 2);
    auto again = parts.front();
    again.id = sides.some_row().id;
    parts.push_back(again);
    sides.only_left(torn);
    std::for_each(parts.begin(), parts.end(), [&](const auto& part) { sides.only_right(part); });
}

void score_groups(const Groups& groups, const reconciliation::DiffResult& result, const std::string& where,
                  Score& score) {
    std::set<std::string> open;
    for (const auto& row : listed(result)) {
        open.insert(row.name);
    }
    Tally tally;
    tally.planted = groups.members.size();
    const auto made = result.matched_by_rule.find(groups.rule);
    tally.found = made == result.matched_by_rule.end() ? 0 : made->second;
    for (const auto& members : groups.members) {
        const bool whole =
            std::none_of(members.begin(), members.end(), [&](const auto& m) { return open.contains(m); });
        tally.right += whole ? 1 : 0;
    }
    tally.right = std::min(tally.right, tally.found);  // what is off the list without the rule isn't its doing
    score.add("rule: " + groups.rule, tally, where);
}

}  // namespace

void score_files(std::uint64_t seed, Score& score) {
    Sides sides(seed);
    for (int i = 0; i < 200; ++i) {
        sides.both(sides.some_row());
    }
    for (int i = 0; i < 3; ++i) {
        plant_kinds(sides);
        plant_near_misses(sides);
    }
    const auto compared = diff(sides, {});
    const std::string where = "seed " + std::to_string(seed) + ", diff";
    const auto tally = score.compare(where, sides.planted, listed(compared.result));
    for (const auto& way : compared.ways) {
        score.add("file: " + way, tally, where);
    }
}

void score_rules(std::uint64_t seed, Score& score) {
    using Kind = MatchRule::Kind;
    using By = MatchRule::GroupBy;
    Sides sides(seed + 1'000'000);
    MatchRule tolerance = rule_of("within five", Kind::tolerance, By::merchant_order_id);
    tolerance.absolute = 5;
    Groups close{"within five", {}};
    for (std::int64_t off = -7; off <= 7; ++off) {
        auto row = sides.some_row();
        sides.left.push_back(row);
        row.amount += off;
        sides.right.push_back(row);
        if (off < -5 || off > 5) {
            sides.plant("amount_mismatch", row);
        } else if (off != 0) {
            close.members.push_back({row.type + " " + row.id});
        }
    }
    Groups one_to_many{"one_to_many", {}};
    Groups many_to_one{"many_to_one", {}};
    Groups many_to_many{"many_to_many", {}};
    plant_groups(sides, one_to_many, many_to_one, many_to_many);
    plant_false_groups(sides);
    const auto result = diff(sides, {tolerance, rule_of("one_to_many", Kind::one_to_many, By::merchant_order_id),
                                     rule_of("many_to_one", Kind::many_to_one, By::merchant_order_id),
                                     rule_of("many_to_many", Kind::many_to_many, By::merchant_order_id)})
                            .result;
    const std::string where = "seed " + std::to_string(seed) + ", diff with rules";
    score.compare(where, sides.planted, listed(result));
    for (const auto* groups : {&close, &one_to_many, &many_to_one, &many_to_many}) {
        score_groups(*groups, result, where, score);
    }
}

void score_search(std::uint64_t seed, const SearchCorpus& corpus, Score& score) {
    const auto noise = corpus.noise;
    Sides sides(seed + 2'000'000 + noise);
    sides.unit = corpus.unit;
    Groups groups{"among " + std::to_string(noise) + " a side, in steps of " + std::to_string(corpus.unit), {}};
    for (int i = 0; i < 2; ++i) {
        const auto whole = sides.some_row();
        auto parts = parts_of(sides, whole, 3);
        for (auto& part : parts) {
            part.order = sides.some_row().order;
        }
        add(sides, true, {whole}, groups.members.emplace_back());
        add(sides, false, parts, groups.members.back());
    }
    for (std::uint64_t i = 0; i < noise; ++i) {
        sides.left.push_back(sides.some_row());
        sides.right.push_back(sides.some_row());
    }
    const auto rule = rule_of(groups.rule.c_str(), MatchRule::Kind::one_to_many, MatchRule::GroupBy::none);
    score_groups(groups, diff(sides, {rule}).result, "seed " + std::to_string(seed), score);
}

}  // namespace bench
