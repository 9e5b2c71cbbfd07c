// Text for terminals: aligned tables (Chinese is two columns wide), money in major units.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace server {

// Columns the text takes on a terminal: East Asian wide characters count two.
std::size_t display_width(std::string_view utf8);

class Table {
public:
    explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    // Columns whose header ends in '>' are aligned to the right (the mark isn't shown).
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

// Standard output is a terminal.
bool stdout_is_terminal();

}  // namespace server
