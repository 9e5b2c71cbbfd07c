// Two files in a folder of their own, to be compared by `diff`.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "reconciliation/diff.h"

namespace reconciliation::diff_test {

inline constexpr std::string_view kHeader =
    "channel_txn_id,merchant_order_id,type,amount,fee,currency,status,occurred_at\n";

// Files of one test in a folder of their own, gone with it.
class Diff : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "duizhang-diff-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        options_.left = folder_ / "left.csv";
        options_.right = folder_ / "right.csv";
        options_.redact = [](std::string_view text) { return std::string(text); };
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }
    void write_sides(const std::string& left_rows, const std::string& right_rows) const {
        write("left.csv", std::string(kHeader) + left_rows);
        write("right.csv", std::string(kHeader) + right_rows);
    }
    void map(std::string_view toml) {
        write("mapping.toml", toml);
        options_.mapping = folder_ / "mapping.toml";
    }
    std::vector<DiscrepancyKind> kinds() const {
        std::vector<DiscrepancyKind> out;
        for (const auto& row : diff(options_).discrepancies) {
            out.push_back(row.kind);
        }
        return out;
    }
    template <typename Failure>
    std::string refusal() const {
        try {
            (void)diff(options_);
        } catch (const Failure& failure) {
            return failure.what();
        }
        ADD_FAILURE() << "it wasn't refused";
        return "";
    }

    std::filesystem::path folder_;
    DiffOptions options_;
};

}  // namespace reconciliation::diff_test
