#include "server/console_text.h"

#include <unistd.h>

#include <algorithm>

namespace server {
namespace {

struct Range {
    char32_t low;
    char32_t high;
};

// East Asian wide and full-width blocks (Unicode EAW), as far as names and labels use them.
constexpr Range kWide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF},
                           {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
                           {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x20000, 0x3FFFD}};

char32_t next_character(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) {
        return lead;
    }
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    auto character = static_cast<char32_t>(lead & (0x3FU >> static_cast<unsigned>(more)));
    for (int i = 0; i < more && at < text.size(); ++i) {
        character = (character << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    }
    return character;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < utf8.size();) {
        const char32_t character = next_character(utf8, at);
        const bool wide = std::any_of(std::begin(kWide), std::end(kWide), [&](const Range& range) {
            return character >= range.low && character <= range.high;
        });
        width += wide ? 2 : 1;
    }
    return width;
}

std::string Table::text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    std::vector<bool> right(rows_.front().size(), false);
    auto rows = rows_;
    for (std::size_t column = 0; column < widths.size(); ++column) {
        if (rows.front()[column].ends_with('>')) {
            rows.front()[column].pop_back();
            right[column] = true;
        }
        for (const auto& row : rows) {
            widths[column] = std::max(widths[column], display_width(row[column]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t column = 0; column < widths.size(); ++column) {
            const std::string blanks(widths[column] - display_width(row[column]), ' ');
            line += column > 0 ? "  " : "";
            line += right[column] ? blanks + row[column] : row[column] + blanks;
        }
        while (line.ends_with(' ')) {
            line.pop_back();
        }
        out += line + "\n";
    }
    return out;
}

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }

}  // namespace server
