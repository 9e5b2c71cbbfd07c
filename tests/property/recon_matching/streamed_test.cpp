// However two files are written, shuffled, bounded in memory and spread over threads: the same is found, and it is what
// looking at every row closely finds. A failing case names its seed.
#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/text/csv.h"
#include "reconciliation/diff.h"

namespace reconciliation {
namespace {

using Random = std::mt19937_64;
using Row = std::vector<std::string>;

struct File {
    Row header;
    std::vector<Row> rows;
};

// How a file is written; none of it changes what it says.
struct Writing {
    bool quoted = false;  // every cell
    bool blank_lines = false;
    std::string line_end = "\n";
    bool last_end = true;
};

std::size_t below(Random& random, std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

template <typename T, std::size_t N>
T any_of(Random& random, const T (&choices)[N]) {
    return choices[below(random, N)];
}

Row random_row(Random& random, std::size_t names, bool major) {
    const std::string name = std::to_string(below(random, names));
    const auto amount = static_cast<std::int64_t>(below(random, 3)) * 50 + (random() % 30 == 0 ? -100 : 10);
    static constexpr const char* kTypes[] = {"payment", "payment", "PAYMENT", "refund", "fee", "支付"};
    static constexpr const char* kStates[] = {"captured", "SUCCESS",  "success", "failed",
                                              "odd word", "Odd Word", "",        "processing"};
    static constexpr const char* kTimes[] = {"2026-11-18T07:01:04Z", "2026-11-18 15:01:04", "", "20261118150104",
                                             "2026-02-28 23:59:59"};
    static constexpr const char* kCurrencies[] = {"CNY", "CNY", "cny", "156", "JPY", ""};
    static constexpr const char* kNames[] = {"T", "4200001", " T", "`T", "4242 4242 4242 424"};
    return {random() % 12 == 0 ? "" : any_of(random, kNames) + name,
            "O" + std::to_string(below(random, names)),
            any_of(random, kTypes),
            major ? std::to_string(amount) + ".00" : std::to_string(amount),
            random() % 3 == 0 ? std::to_string(below(random, 2)) : "",
            any_of(random, kCurrencies),
            any_of(random, kStates),
            any_of(random, kTimes)};
}

// Rows of the one, most of them again in the other, some of them changed.
std::pair<File, File> random_files(Random& random) {
    const Row header{"channel_txn_id", "merchant_order_id", "type", "amount", "fee", "currency",
                     "status",         "occurred_at"};
    File left{header, {}};
    File right{header, {}};
    const std::size_t count = 1 + below(random, 120);
    const std::size_t names = 1 + below(random, count * 4);
    const bool major = random() % 2 == 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Row row = random_row(random, names, major);
        if (random() % 10 != 0) {
            left.rows.push_back(row);
        }
        if (random() % 10 != 0) {
            right.rows.push_back(random() % 5 == 0 ? random_row(random, names, major) : row);
        }
    }
    // Columns that one file lacks.
    for (File* file : {&left, &right}) {
        for (const std::size_t column : {7U, 6U, 5U, 4U, 2U, 0U}) {
            if (random() % 8 == 0) {
                file->header.erase(file->header.begin() + static_cast<std::ptrdiff_t>(column));
                for (Row& row : file->rows) {
                    row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
                }
            }
        }
    }
    return {left, right};
}

std::string written(const File& file, const Writing& writing) {
    std::string text;
    const auto add = [&](const Row& row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += i == 0 ? "" : ",";
            text += writing.quoted ? "\"" + row[i] + "\"" : row[i];
        }
        text += writing.line_end;
    };
    add(file.header);
    for (const Row& row : file.rows) {
        add(row);
        text += writing.blank_lines && row.front().size() % 2 == 0 ? writing.line_end : "";
    }
    if (!writing.last_end) {
        text.resize(text.size() - writing.line_end.size());
    }
    return text;
}

class Streamed : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "duizhang-streamed-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    DiffResult compare(const File& left, const File& right, const Writing& writing, DiffOptions options) const {
        options.left = folder_ / "left.csv";
        options.right = folder_ / "right.csv";
        std::ofstream(options.left, std::ios::binary) << written(left, writing);
        std::ofstream(options.right, std::ios::binary) << written(right, writing);
        options.redact = [](std::string_view text) { return std::string(text); };
        options.units = DiffUnits::major;
        return diff(options);
    }

    std::filesystem::path folder_;
};

// The list without what names lines.
std::string said(DiffResult result) {
    for (auto& row : result.discrepancies) {
        row.evidence.clear();
        for (auto& candidate : row.candidates) {
            candidate.evidence.clear();
        }
    }
    return diff_csv(result) + std::to_string(result.matched) + "/" + std::to_string(result.paired);
}

// The first line of the one that the other doesn't have there; empty: none.
std::string first_difference(const std::string& a, const std::string& b) {
    std::istringstream ours(a);
    std::istringstream theirs(b);
    for (std::string x, y; std::getline(ours, x) || std::getline(theirs, y); y.clear()) {
        std::getline(theirs, y);
        if (x != y) {
            return x.substr(0, 200) + " <> " + y.substr(0, 200);
        }
        x.clear();
    }
    return "";
}

TEST_F(Streamed, FindsWhatLookingAtEveryRowFinds) {
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        auto [left, right] = random_files(random);
        if (left.header.size() < 4 || right.header.size() < 4) {
            continue;
        }
        DiffOptions closely;
        closely.looks_at_all = true;
        const DiffResult wanted = compare(left, right, {}, closely);
        const DiffResult found = compare(left, right, {}, {});
        ASSERT_EQ(first_difference(diff_csv(found), diff_csv(wanted)), "");
        ASSERT_EQ(first_difference(said(found), said(wanted)), "");
        ASSERT_EQ(found.left.count, left.rows.size());
        ASSERT_EQ(found.left.amounts, wanted.left.amounts);
        ASSERT_EQ(found.right.fee, wanted.right.fee);

        DiffOptions others;
        others.threads = 1 + static_cast<unsigned>(below(random, 4));
        others.memory_bytes_max = random() % 2 == 0 ? std::uint64_t{128} << 20U : kDiffMemory;
        const Writing writing{random() % 2 == 0, random() % 2 == 0,
                              random() % 3 == 0   ? "\r\n"
                              : random() % 3 == 0 ? "\r"
                                                  : "\n",
                              random() % 2 == 0};
        std::shuffle(left.rows.begin(), left.rows.end(), random);
        std::shuffle(right.rows.begin(), right.rows.end(), random);
        const DiffResult again = compare(left, right, writing, others);
        ASSERT_EQ(first_difference(said(again), said(found)), "");
        ASSERT_EQ(again.digest, found.digest);
    }
}

TEST_F(Streamed, NamesTheSameLinesHoweverManyPartsAFileHas) {
    File left{{"channel_txn_id", "amount", "remark"}, {}};
    for (int i = 0; i < 60'000; ++i) {
        // Some rows are longer than what is read around a row that differs, and some of those differ.
        const int remark = i % 997 == 16 || i % 6979 == 17 ? 9000 + i % 40 : i % 40;
        left.rows.push_back(
            {"T" + std::to_string(i), std::to_string(i), std::string(static_cast<std::size_t>(remark), 'x')});
    }
    File right = left;
    std::set<std::string> lines;
    for (std::size_t i = 17; i < right.rows.size(); i += 997) {
        right.rows[i][1] = "1";
        lines.insert("right.csv:" + std::to_string(i + 2));
    }
    for (const Writing& writing : {Writing{}, Writing{true, false, "\n", true}, Writing{false, false, "\r\n", false},
                                   Writing{false, false, "\r", true}}) {
        const DiffResult found = compare(left, right, writing, {});
        std::set<std::string> named;
        for (const auto& row : found.discrepancies) {
            EXPECT_EQ(row.kind, DiscrepancyKind::amount_mismatch);
            named.insert(row.evidence.at(0));
            EXPECT_EQ("right.csv:" + row.evidence.at(1).substr(9), row.evidence.at(0));
        }
        EXPECT_EQ(named, lines) << written({left.header, {}}, writing);
    }
}

}  // namespace
}  // namespace reconciliation
