#include <array>
#include <vector>

#include "core/text/csv.h"
#include "tests/fuzz/fuzz.h"

namespace {

using Rows = std::vector<std::vector<std::string>>;

bool starts_formula(std::string_view cell) {
    while (cell.starts_with(' ') || cell.starts_with('"')) {
        cell.remove_prefix(1);
    }
    return cell.starts_with('=') || cell.starts_with('+') || cell.starts_with('-') || cell.starts_with('@') ||
           cell.starts_with('\t') || cell.starts_with("\xEF\xBC\x9D");
}

void check_cell(const std::string& cell) {
    const auto safe = core::text::csv_text_cell(cell);
    fuzz::promise(!starts_formula(safe), "a cell written as text starts no formula");
    const std::string line = "1," + safe;
    core::text::CsvReader reader(line);
    const auto row = reader.next();
    fuzz::promise(row && *row, "a cell that was written reads");
    const auto& cells = (*row)->cells;
    fuzz::promise(cells.size() == 2 && (cells[1] == cell || cells[1] == "'" + cell), "a cell reads as it was written");
}

std::string written(const Rows& rows) {
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (const auto& cell : row) {
            line += (&cell == row.data() ? "" : ",") + core::text::csv_raw_cell(cell);
        }
        text += (line.empty() ? "\"\"" : line) + "\r\n";  // an empty line would be no row
    }
    return text;
}

// Nothing where the text is refused.
Rows read(std::string_view text, char separator, core::text::CsvReader::Limits limits, bool& refused) {
    core::text::CsvReader reader(text, separator, limits);
    Rows rows;
    std::uint64_t line = 0;
    while (true) {
        auto row = reader.next();
        if (!row) {
            const auto again = reader.next();
            fuzz::promise(!again && again.error().what == row.error().what && again.error().line == row.error().line,
                          "an error is told again");
            refused = true;
            return rows;
        }
        if (!*row) {
            return rows;
        }
        fuzz::promise((*row)->line > line, "lines are counted upwards");
        line = (*row)->line;
        fuzz::promise(!(*row)->cells.empty() && (*row)->cells.size() <= limits.cells_max, "as many cells as allowed");
        rows.push_back(std::move((*row)->cells));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    constexpr std::array<char, 4> kSeparators{',', ';', '\t', '|'};
    fuzz::Input input(data, size);
    const char separator = kSeparators.at(input.choice(kSeparators.size()));
    core::text::CsvReader::Limits limits;
    if (input.choice(2) == 1) {
        limits = {64, 4};
    }
    bool refused = false;
    const auto rows = read(input.rest(), separator, limits, refused);
    for (const auto& row : rows) {
        for (const auto& cell : row) {
            check_cell(cell);
        }
    }
    if (!rows.empty() && !rows[0][0].starts_with("\xEF\xBB\xBF")) {
        bool refused_again = false;
        fuzz::promise(read(written(rows), ',', {}, refused_again) == rows && !refused_again,
                      "what was read and written reads as the same");
    }
    return 0;
}
