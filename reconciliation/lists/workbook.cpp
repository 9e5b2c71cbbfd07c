#include "reconciliation/lists/workbook.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include "core/archive.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/money.h"
#include "reconciliation/lists/texts.h"

namespace reconciliation::lists {
namespace {

constexpr std::size_t kCellBytesMax = 32'000;  // the format's limit is 32,767 characters
constexpr std::size_t kWorkbookBytesMax = 1U << 30U;
constexpr std::int64_t kExactMinorMax = 999'999'999'999'999;  // 15 digits: what a spreadsheet shows of a number
constexpr int kFirstYear = 1900;                              // a spreadsheet's calendar begins here

[[noreturn]] void refuse(const std::string& what) { throw core::OutsideFailure("review.xlsx: " + what); }

void check(lxw_error error, const char* what) {
    if (error != LXW_NO_ERROR) {
        refuse(std::string(what) + ": " + lxw_strerror(error));
    }
}

std::filesystem::path make_private_folder() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error) {
        refuse("there is no temporary folder (TMPDIR)");
    }
    std::string name = (parent / "duizhang-xlsx-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {  // with mode 0700
        refuse("no folder can be made in the temporary folder " + parent.string());
    }
    return name;
}

// The XLSX format keeps numbers as binary floating point, there is no other kind. This is the only place where an
// amount becomes one, and nothing is calculated with it: both operands are exact, so the division gives the double
// nearest to the decimal amount, which reads back as the same digits.
double spreadsheet_number(std::int64_t minor, int exponent) {
    constexpr std::array<double, 5> kPowers{1, 10, 100, 1000, 10000};
    return static_cast<double>(minor) / kPowers.at(static_cast<std::size_t>(exponent));
}

bool fits_spreadsheet(std::int64_t minor, int exponent) {
    return minor <= kExactMinorMax && minor >= -kExactMinorMax && exponent >= 0 && exponent <= 4;
}

// Cut at a character's border, with a sign that something is missing.
std::string cell_text(std::string_view value) {
    std::string text = showable(value);
    if (text.size() > kCellBytesMax) {
        std::size_t end = kCellBytesMax;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        text.resize(end);
        text += "…";
    }
    return text;
}

// How many lines a text takes in a column. Excel would find out by itself when it opens the file, LibreOffice does not.
// Chinese takes two places a character; a word too long for the rest of its line is what the extra room is for.
int lines_of(const std::string& text, int width) {
    const int room = std::max(1, width - 3);
    int lines = 1;
    int used = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            ++lines;
            used = 0;
        } else if ((byte & 0xC0U) != 0x80U) {  // the first byte of a character
            const int places = byte >= 0xE0 ? 2 : 1;
            lines += used + places > room ? 1 : 0;
            used = used + places > room ? places : used + places;
        }
    }
    return lines;
}

lxw_datetime midnight_of(core::BusinessDay day) {
    lxw_datetime out{};
    out.year = static_cast<int>(day.year());
    out.month = static_cast<int>(static_cast<unsigned>(day.month()));
    out.day = static_cast<int>(static_cast<unsigned>(day.day()));
    return out;
}

bool has_calendar(core::BusinessDay day) { return day.ok() && static_cast<int>(day.year()) >= kFirstYear; }

// "2026-11-18 15:01:04" as the spreadsheet's own date and time.
std::optional<lxw_datetime> datetime_from(const std::string& local) {
    const auto day = core::parse_day(std::string_view(local).substr(0, 10));
    if (local.size() < 19 || !day || !has_calendar(*day)) {
        return std::nullopt;
    }
    lxw_datetime out = midnight_of(*day);
    out.hour = std::stoi(local.substr(11, 2));
    out.min = std::stoi(local.substr(14, 2));
    out.sec = std::stoi(local.substr(17, 2));
    return out;
}

void style_heading(lxw_format* format) {
    format_set_bold(format);
    format_set_text_wrap(format);
    format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    format_set_bg_color(format, 0xE8ECF1);
    format_set_bottom(format, LXW_BORDER_THIN);
    format_set_bottom_color(format, 0x8A94A3);
}

// The library ignores a full disk while it writes a sheet's rows; a file that lost some must not be published.
void ensure_rows_are_there(const std::string& bytes, const std::vector<std::uint32_t>& rows) {
    core::ArchiveLimits limits;
    limits.ratio_max = 100'000;
    const auto members = core::unpack(bytes, limits);
    if (!members) {
        refuse("the file was not written whole");
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string name = "xl/worksheets/sheet" + std::to_string(i + 1) + ".xml";
        std::uint32_t found = 0;
        for (const auto& member : *members) {
            if (member.name != name) {
                continue;
            }
            for (auto at = member.bytes.find("<row "); at != std::string::npos;
                 at = member.bytes.find("<row ", at + 1)) {
                ++found;
            }
        }
        if (found != rows[i]) {
            refuse("rows were lost on the way to the disk");
        }
    }
}

}  // namespace

Workbook::Workbook(const std::string& title, core::Instant created) : folder_(make_private_folder()) {
    std::string tmpdir = folder_.string();
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = tmpdir.data();
    book_ = workbook_new_opt((folder_ / "review.xlsx").c_str(), &options);
    if (book_ == nullptr) {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
        refuse("no workbook can be begun");
    }
    std::string author = "duizhang";
    std::string shown_title = cell_text(title);
    lxw_doc_properties properties{};
    properties.title = shown_title.data();
    properties.author = author.data();
    // The day's own time, not now: the same list gives the same bytes.
    properties.created = std::chrono::duration_cast<std::chrono::seconds>(created.time_since_epoch()).count();
    workbook_set_properties(book_, &properties);
}

Workbook::~Workbook() {
    if (book_ != nullptr) {
        lxw_workbook_free(book_);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Sheet& Workbook::add_sheet(const std::string& name) {
    lxw_worksheet* sheet = workbook_add_worksheet(book_, name.c_str());
    if (sheet == nullptr) {
        refuse("a sheet's temporary file cannot be made in " + folder_.parent_path().string());
    }
    sheets_.push_back(std::unique_ptr<Sheet>(new Sheet(*this, sheet)));
    return *sheets_.back();
}

std::string Workbook::finish() {
    std::vector<std::uint32_t> rows;
    rows.reserve(sheets_.size());
    for (const auto& sheet : sheets_) {
        rows.push_back(sheet->rows_written_);
    }
    lxw_workbook* book = book_;
    book_ = nullptr;  // workbook_close() frees it whatever comes of it
    check(workbook_close(book), "the file cannot be written");
    std::string bytes = core::read_file(folder_ / "review.xlsx", kWorkbookBytesMax);
    ensure_rows_are_there(bytes, rows);
    return bytes;
}

lxw_format* Workbook::format(CellStyle style) {
    lxw_format*& format = styles_[style];
    if (format != nullptr) {
        return format;
    }
    format = workbook_add_format(book_);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    format_set_num_format(format, "@");
    if (style != CellStyle::number_heading) {
        format_set_indent(format, 1);  // keeps text apart from the number to its left
    }
    switch (style) {
        case CellStyle::plain:
            break;
        case CellStyle::title:
            format_set_bold(format);
            format_set_font_size(format, 16);
            break;
        case CellStyle::heading:
            style_heading(format);
            break;
        case CellStyle::number_heading:
            style_heading(format);
            format_set_align(format, LXW_ALIGN_RIGHT);
            break;
        case CellStyle::label:
            format_set_font_color(format, 0x4A5361);
            break;
        case CellStyle::wrapped:
            format_set_text_wrap(format);
            break;
        case CellStyle::strong:
            format_set_bold(format);
            break;
    }
    return format;
}

lxw_format* Workbook::number_format(const std::string& pattern) {
    lxw_format*& format = numbers_[pattern];
    if (format == nullptr) {
        format = workbook_add_format(book_);
        format_set_num_format(format, pattern.c_str());
        format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
        format_set_align(format, LXW_ALIGN_RIGHT);
    }
    return format;
}

lxw_format* Workbook::date_format(const std::string& pattern) {
    lxw_format* format = number_format(pattern);
    format_set_align(format, LXW_ALIGN_LEFT);
    format_set_indent(format, 1);
    return format;
}

// As many decimals as the currency has; a minus stays visible on a black and white print.
lxw_format* Workbook::amount_format(int exponent) {
    const std::string digits =
        "#,##0" + (exponent > 0 ? "." + std::string(static_cast<std::size_t>(exponent), '0') : std::string());
    return number_format(digits + ";[Red]-" + digits);
}

void Sheet::set_widths(const std::vector<int>& widths) {
    widths_ = widths;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const auto column = static_cast<lxw_col_t>(i);
        check(worksheet_set_column(sheet_, column, column, widths[i], nullptr), "a column's width");
    }
}

void Sheet::begin_table(const std::vector<Column>& columns) {
    std::vector<int> widths;
    widths.reserve(columns.size());
    for (const auto& column : columns) {
        widths.push_back(column.width);
    }
    set_widths(widths);
    worksheet_freeze_panes(sheet_, 1, 1);
    check(worksheet_repeat_rows(sheet_, 0, 0), "the heading row");
    check(worksheet_set_row(sheet_, 0, 34, nullptr), "the heading row");
    for (const auto& column : columns) {
        text(column.heading, column.style);
    }
    next_row();
}

void Sheet::finish_table(std::size_t columns) {
    const lxw_row_t last_row = row_ > 0 ? row_ - 1 : 0;
    check(worksheet_autofilter(sheet_, 0, 0, last_row, static_cast<lxw_col_t>(columns - 1)), "the filter");
}

void Sheet::set_print(const PrintSetup& setup) {
    constexpr std::uint8_t kPaperA4 = 9;
    worksheet_set_landscape(sheet_);
    worksheet_set_paper(sheet_, kPaperA4);
    worksheet_fit_to_pages(sheet_, 1, 0);  // one page wide, as many as it takes
    worksheet_set_margins(sheet_, 0.4, 0.4, 0.7, 0.6);
    const std::string heading = "&L" + setup.heading;
    check(worksheet_set_header(sheet_, heading.c_str()), "the page heading");
    check(worksheet_set_footer(sheet_, "&C&P / &N"), "the page foot");
    if (setup.columns_printed > 0) {
        const lxw_row_t last_row = row_ > 0 ? row_ - 1 : 0;
        check(worksheet_print_area(sheet_, 0, 0, last_row, static_cast<lxw_col_t>(setup.columns_printed - 1)),
              "the printed part");
    }
}

Sheet& Sheet::text(std::string_view value, CellStyle style) {
    const std::string shown = cell_text(value);
    if (style == CellStyle::wrapped && column_ < widths_.size()) {
        lines_ = std::max(lines_, lines_of(shown, widths_[column_]));
    }
    check(worksheet_write_string(sheet_, row_, column_++, shown.c_str(), book_.format(style)), "a text cell");
    return *this;
}

Sheet& Sheet::amount(const std::optional<std::int64_t>& minor, int exponent) {
    if (!minor) {
        return blank();
    }
    if (!fits_spreadsheet(*minor, exponent)) {
        return text(core::decimal_from_minor(*minor, exponent));
    }
    check(worksheet_write_number(sheet_, row_, column_++, spreadsheet_number(*minor, exponent),
                                 book_.amount_format(exponent)),
          "an amount cell");
    return *this;
}

Sheet& Sheet::count(std::uint64_t number) {
    check(worksheet_write_number(sheet_, row_, column_++, static_cast<double>(number), book_.number_format("#,##0")),
          "a count cell");
    return *this;
}

Sheet& Sheet::day(core::BusinessDay day) {
    if (!has_calendar(day)) {
        return blank();
    }
    lxw_datetime date = midnight_of(day);
    check(worksheet_write_datetime(sheet_, row_, column_++, &date, book_.date_format("yyyy-mm-dd")), "a date cell");
    return *this;
}

Sheet& Sheet::instant(const std::optional<core::Instant>& instant, const std::string& zone) {
    if (!instant) {
        return blank();
    }
    const std::string local = core::format_local(*instant, zone);
    auto date = datetime_from(local);
    if (!date) {
        return text(local);
    }
    check(worksheet_write_datetime(sheet_, row_, column_++, &*date, book_.date_format("yyyy-mm-dd hh:mm:ss")),
          "a time cell");
    return *this;
}

Sheet& Sheet::blank() {
    ++column_;
    return *this;
}

void Sheet::next_row() {
    constexpr int kLineHeight = 15;
    constexpr int kRowHeightMax = 400;  // the format ends at 409 points
    if (lines_ > 1) {
        check(worksheet_set_row(sheet_, row_, std::min(lines_ * kLineHeight, kRowHeightMax), nullptr),
              "a row's height");
    }
    lines_ = 1;
    rows_written_ += column_ > 0 ? 1 : 0;
    ++row_;
    column_ = 0;
}

}  // namespace reconciliation::lists
