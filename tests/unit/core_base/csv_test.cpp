#include "core/text/csv.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace core::text {
namespace {

using Cells = std::vector<std::string>;

std::vector<CsvRow> rows_of(std::string_view text, char separator = ',') {
    CsvReader reader(text, separator);
    std::vector<CsvRow> rows;
    for (auto row = reader.next(); row && *row; row = reader.next()) {
        rows.push_back(**row);
    }
    return rows;
}

std::vector<Cells> cells_of(std::string_view text, char separator = ',') {
    std::vector<Cells> cells;
    for (auto& row : rows_of(text, separator)) {
        cells.push_back(std::move(row.cells));
    }
    return cells;
}

struct Reading {
    const char* name;
    std::string_view text;
    std::vector<Cells> cells;
};

class CsvIsRead : public testing::TestWithParam<Reading> {};

TEST_P(CsvIsRead, IntoCells) { EXPECT_EQ(cells_of(GetParam().text), GetParam().cells); }

INSTANTIATE_TEST_SUITE_P(
    , CsvIsRead,
    testing::Values(Reading{"Empty", "", {}}, Reading{"OnlyAMark", "\xEF\xBB\xBF", {}},
                    Reading{"OnlyEmptyLines", "\n\r\n\r", {}}, Reading{"NoLastLineEnd", "a,b", {{"a", "b"}}},
                    Reading{"LineFeed", "a\nb\n", {{"a"}, {"b"}}}, Reading{"Both", "a\r\nb\r\n", {{"a"}, {"b"}}},
                    Reading{"CarriageReturn", "a\rb\r", {{"a"}, {"b"}}},
                    Reading{"MarkSkipped",
                            "\xEF\xBB\xBF"
                            "a",
                            {{"a"}}},
                    Reading{"MarkOnceOnly",
                            "\xEF\xBB\xBF\xEF\xBB\xBF"
                            "a",
                            {{"\xEF\xBB\xBF"
                              "a"}}},
                    Reading{"EmptyCells", ",\na,,b,\n", {{"", ""}, {"a", "", "b", ""}}},
                    Reading{"SeparatorAtTheEnd", "a,", {{"a", ""}}},
                    Reading{"EmptyLineInBetween", "a\n\n\nb", {{"a"}, {"b"}}},
                    Reading{"QuotedEmptyIsARow", "\"\"\n", {{""}}}, Reading{"BlanksAreARow", " \n", {{" "}}},
                    Reading{"Quoted", "\"a,b\",c", {{"a,b", "c"}}},
                    Reading{"DoubledQuote", "\"a\"\"b\",\"\"\"\"", {{"a\"b", "\""}}},
                    Reading{"LineBreakInside", "\"a\r\nb\nc\rd\",e\nf", {{"a\r\nb\nc\rd", "e"}, {"f"}}},
                    Reading{"QuoteInsideIsText", "a\"b\",c", {{"a\"b\"", "c"}}},
                    Reading{"BlankBeforeQuoteIsText", " \"a\",b", {{" \"a\"", "b"}}},
                    Reading{"BacktickStays", "`wx1,`2", {{"`wx1", "`2"}}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(CsvReader, TakesAnotherSeparator) {
    EXPECT_EQ(cells_of("a|b,c|", '|'), (std::vector<Cells>{{"a", "b,c", ""}}));
    EXPECT_EQ(cells_of("a\tb", '\t'), (std::vector<Cells>{{"a", "b"}}));
}

TEST(CsvReader, TellsTheLineARecordBeginsOn) {
    const auto rows = rows_of("a\r\n\r\n\"b\nb\rb\r\nb\"\rc\n\nd");
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].line, 1U);
    EXPECT_EQ(rows[1].line, 3U);
    EXPECT_EQ(rows[2].line, 7U);
    EXPECT_EQ(rows[3].line, 9U);
}

struct Fault {
    const char* name;
    std::string_view text;
    std::uint64_t line;
    const char* what;
};

class CsvIsRefused : public testing::TestWithParam<Fault> {};

TEST_P(CsvIsRefused, WithTheLineAndTheReasonAgainAndAgain) {
    CsvReader reader(GetParam().text);
    ASSERT_TRUE(reader.next()) << "the first line is good";
    for (int round = 0; round < 2; ++round) {
        const auto row = reader.next();
        ASSERT_FALSE(row);
        EXPECT_EQ(row.error().line, GetParam().line);
        EXPECT_EQ(row.error().what, GetParam().what);
    }
}

INSTANTIATE_TEST_SUITE_P(, CsvIsRefused,
                         testing::Values(Fault{"OpenQuote", "h\n\"a\nb\n", 2, "a quote is not closed"},
                                         Fault{"OpenQuoteAtTheEnd", "h\na,\"", 2, "a quote is not closed"},
                                         Fault{"DoubledAtTheEnd", "h\n\"a\"\"", 2, "a quote is not closed"},
                                         Fault{"TextAfterQuote", "h\n\"a\"b\n", 2, "text after a closing quote"},
                                         Fault{"BlankAfterQuote", "h\n\"a\" ,b\n", 2, "text after a closing quote"},
                                         Fault{"Nul", std::string_view("h\na\0b", 5), 2, "NUL byte"},
                                         Fault{"NulInQuotes", std::string_view("h\n\"a\n\0\"", 8), 3, "NUL byte"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(CsvLimits, HoldAtTheEdge) {
    const auto reads = [](std::string_view text, CsvReader::Limits limits) {
        CsvReader reader(text, ',', limits);
        return static_cast<bool>(reader.next());
    };
    EXPECT_TRUE(reads("abcd\n", {4, 8}));
    EXPECT_FALSE(reads("abcde\n", {4, 8}));
    EXPECT_TRUE(reads("\"ab\"\n", {4, 8}));
    EXPECT_FALSE(reads("\"abc\"\n", {4, 8}));
    EXPECT_TRUE(reads("a,b,c\n", {100, 3}));
    EXPECT_FALSE(reads("a,b,c,d\n", {100, 3}));
    // Said of the quote that swallows the rest, where it was opened.
    CsvReader reader("\"aaa\nbbb\nccc", ',', {6, 8});
    const auto row = reader.next();
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().line, 1U);
    EXPECT_EQ(row.error().what, "row is too long");
}

TEST(CsvTextCell, CannotStartAFormula) {
    for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "  \t=1",
                             "\xEF\xBC\x9D"
                             "1",
                             "\xEF\xBC\x8B"
                             "1",
                             "\xEF\xBC\x8D"
                             "1",
                             "\xEF\xBC\xA0"
                             "x",
                             "\xC2\xA0=1", "\xE3\x80\x80=1", "\xEF\xBB\xBF=1", "\"=1", "=", "-"}) {
        const auto cells = cells_of(csv_text_cell(text));
        ASSERT_EQ(cells.size(), 1U);
        EXPECT_EQ(cells[0][0], std::string("'") + text);
    }
}

TEST(CsvTextCell, LeavesOtherTextAsItIs) {
    for (const char* text : {"a", "a=1", "1-2", "ORDER-1", "\xE5\xAF\xB9\xE8\xB4\xA6", "'=1", "100.00", " a", "(-1)"}) {
        const auto cells = cells_of(csv_text_cell(text));
        ASSERT_EQ(cells.size(), 1U) << text;
        EXPECT_EQ(cells[0][0], text);
    }
    EXPECT_EQ(csv_text_cell(""), "");
}

// Random text of the bytes that matter: what whole_records() takes is what the reader reads as records, and the rest is
// a record that the reader, given more, could read on.
TEST(WholeRecords, AreWhatTheReaderReadsOfALongerText) {
    std::mt19937_64 random(20'261'118);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto left = random() % 24; left > 0; --left) {
            text += "a,\"\r\n"[random() % 5];
        }
        const std::size_t whole = whole_records(text, ',');
        ASSERT_LE(whole, text.size());
        // Read on from there, and from the beginning: the same rows, unless one of them is refused.
        const auto rows_of = [](std::string_view part) {
            CsvReader reader(part, ',', CsvReader::Limits{.skips_mark = false});
            std::vector<Cells> rows;
            while (true) {
                const auto row = reader.next();
                if (!row) {
                    return std::optional<std::vector<Cells>>();
                }
                if (!*row) {
                    return std::optional(rows);
                }
                rows.push_back((*row)->cells);
            }
        };
        const auto all = rows_of(text);
        const auto first = rows_of(std::string_view(text).substr(0, whole));
        const auto rest = rows_of(std::string_view(text).substr(whole));
        ASSERT_EQ(all.has_value(), first.has_value() && rest.has_value()) << testing::PrintToString(text);
        if (all) {
            auto joined = *first;
            joined.insert(joined.end(), rest->begin(), rest->end());
            ASSERT_EQ(*all, joined) << testing::PrintToString(text);
            ASSERT_LE(rest->size(), 1U) << "a whole record was left: " << testing::PrintToString(text);
        }
    }
}

TEST(CsvRawCell, IsQuotedWhenItMustBeAndReadsBack) {
    EXPECT_EQ(csv_raw_cell("abc"), "abc");
    EXPECT_EQ(csv_raw_cell("-12.30"), "-12.30");
    EXPECT_EQ(csv_raw_cell("a,b"), "\"a,b\"");
    EXPECT_EQ(csv_raw_cell("a\"b"), "\"a\"\"b\"");
    // A spreadsheet of another country splits at semicolons: what follows must not become a cell of its own.
    EXPECT_EQ(csv_raw_cell("a;=1"), "\"a;=1\"");
    for (const char* text : {"a\r\nb", "\"", ",", "\t", " x ", "x\r"}) {
        EXPECT_EQ(cells_of(csv_raw_cell(text)), (std::vector<Cells>{{text}}));
    }
}

}  // namespace
}  // namespace core::text
