// A workbook under way: the few things our lists need from libxlsxwriter, which stays behind workbook.cpp.
//
// What holds: no cell is ever a formula, text stays text whatever it begins with, and the file comes out whole or
// as an OutsideFailure. Rows are written in order, each sheet before the next one begins, so that memory stays flat.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

struct lxw_workbook;
struct lxw_worksheet;
struct lxw_format;

namespace reconciliation::lists {

enum class CellStyle { plain, title, heading, number_heading, label, wrapped, strong };

class Workbook;

// One sheet. Cells go into the current row from the left; next_row() begins the next.
class Sheet {
public:
    struct Column {
        std::string heading;
        int width;  // characters
        CellStyle style = CellStyle::heading;
    };
    struct PrintSetup {
        std::string heading;          // on top of every page, plain text
        std::size_t columns_printed;  // from the left; the rest is for the screen
    };

    void set_widths(const std::vector<int>& widths);
    // A heading row that stays in sight and filters everything below it; call finish_table() after the last row.
    void begin_table(const std::vector<Column>& columns);
    void finish_table(std::size_t columns);
    void set_print(const PrintSetup& setup);

    Sheet& text(std::string_view value, CellStyle style = CellStyle::plain);
    Sheet& amount(const std::optional<std::int64_t>& minor, int exponent);
    Sheet& count(std::uint64_t number);
    Sheet& day(core::BusinessDay day);                                                     // a real date
    Sheet& instant(const std::optional<core::Instant>& instant, const std::string& zone);  // a real date and time
    Sheet& blank();
    void next_row();

private:
    friend class Workbook;
    Sheet(Workbook& book, lxw_worksheet* sheet) : book_(book), sheet_(sheet) {}

    Workbook& book_;
    lxw_worksheet* sheet_;
    std::uint32_t row_ = 0;
    std::uint16_t column_ = 0;
    std::uint32_t rows_written_ = 0;
    std::vector<int> widths_;
    int lines_ = 1;  // that the current row needs
};

class Workbook {
public:
    Workbook(const std::string& title, core::Instant created);
    ~Workbook();
    Workbook(const Workbook&) = delete;
    Workbook& operator=(const Workbook&) = delete;

    // The reference is good until the workbook ends.
    Sheet& add_sheet(const std::string& name);
    // The file's bytes; nothing can be written afterwards.
    std::string finish();

private:
    friend class Sheet;
    lxw_format* format(CellStyle style);
    lxw_format* amount_format(int exponent);
    lxw_format* number_format(const std::string& pattern);
    lxw_format* date_format(const std::string& pattern);

    std::filesystem::path folder_;  // ours alone, removed at the end: the library keeps rows in it as plain text
    lxw_workbook* book_ = nullptr;
    std::vector<std::unique_ptr<Sheet>> sheets_;
    std::map<CellStyle, lxw_format*> styles_;
    std::map<std::string, lxw_format*> numbers_;
};

}  // namespace reconciliation::lists
