// Numbers written in groups: 4242 4242 4242 4242, 4242-..., 4 2 4 2 ..., broken over a line, with whatever separators
// people and encodings put in between.
#include <algorithm>
#include <array>

#include "audit/impl/scan_window.h"

namespace audit::impl {
namespace {

constexpr std::size_t kGroupsMax = 24;
constexpr std::size_t kDigitsMin = 13;
constexpr std::size_t kDigitsMax = 19;
constexpr std::size_t kIndentMax = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Separator {
    int kind = 0;  // 0: none
    std::size_t size = 0;
};
constexpr int kLineEnd = 1;

struct Written {
    std::string_view text;
    int kind;
};
constexpr std::array<Written, 31> kSeparators = {{
    {" ", 2},
    {"-", 3},
    {".", 4},
    {"_", 5},
    {"+", 2},
    {"\t", 2},
    {"\xC2\xA0", 2},
    {"\xA0", 2},
    {"%20", 2},
    {"%2D", 3},
    {"%2d", 3},
    {"%2B", 2},
    {"%2b", 2},
    {"%C2%A0", 2},
    {"%09", 2},
    {"&nbsp;", 2},
    {"&#160;", 2},
    {"&#xA0;", 2},
    {"&#xa0;", 2},
    {"&#32;", 2},
    {"&#x20;", 2},
    {"&#45;", 3},
    {"\\u00a0", 2},
    {"\\u00A0", 2},
    {"\\u0020", 2},
    {"\\u002d", 3},
    {"\\t", 2},
    {"=20", 2},
    {"\xE3\x80\x80", 2},
    {"\xE2\x88\x92", 3},
    {"\xE2\x80\xAF", 2},
}};

// U+2000 to U+200A are blanks, U+2010 to U+2015 dashes.
Separator general_punctuation(std::string_view text) {
    if (!text.starts_with("\xE2\x80") || text.size() < 3) {
        return {};
    }
    const auto last = static_cast<unsigned char>(text[2]);
    if (last >= 0x80 && last <= 0x8B) {
        return {2, 3};
    }
    return last >= 0x90 && last <= 0x95 ? Separator{3, 3} : Separator{};
}

Separator line_end(std::string_view text) {
    std::size_t at = text.starts_with("=") ? 1 : 0;  // quoted-printable breaks lines so
    at += text.substr(at).starts_with("\r") ? 1 : 0;
    if (!text.substr(at).starts_with("\n")) {
        return {};
    }
    ++at;
    for (std::size_t blanks = 0; blanks < kIndentMax && at < text.size() && (text[at] == ' ' || text[at] == '\t');
         ++blanks) {
        ++at;
    }
    return {kLineEnd, at};
}

// Most of what stands behind a group is no separator, or the simplest.
Separator separator_at(std::string_view text) {
    constexpr std::string_view kBegins = " -._+\t%&\\=\r\n\xC2\xA0\xE2\xE3";
    if (text.empty() || kBegins.find(text.front()) == std::string_view::npos) {
        return {};
    }
    for (const auto& written : kSeparators) {
        if (text.front() == written.text.front() && text.starts_with(written.text)) {
            return {written.kind, written.text.size()};
        }
    }
    if (const auto found = general_punctuation(text); found.kind != 0) {
        return found;
    }
    return line_end(text);
}

struct Group {
    std::size_t begin;
    std::size_t end;
    int separator;  // before it

    std::size_t size() const { return end - begin; }
};

struct Run {
    std::array<Group, kGroupsMax> groups{};
    std::size_t count = 0;
    bool is_longer = false;  // than there is room for
};

Run run_from(const Window& window, std::size_t first) {
    Run run;
    std::size_t at = first;
    int separator = 0;
    while (run.count < kGroupsMax) {
        const auto end = window.digits_end(at);
        run.groups.at(run.count++) = {at, end, separator};
        const auto next = separator_at(window.text().substr(end));
        at = end + next.size;
        if (next.kind == 0 || !is_digit(window.at(at))) {
            return run;
        }
        separator = next.kind;
    }
    run.is_longer = true;
    return run;
}

// 4-4-4-4 with up to four more, 4-6-5, 4-6-4, 6-13, 6-10, 8-8: as cards are printed and as people write them.
bool is_printed_so(const Group* first, std::size_t count) {
    const auto size = [first](std::size_t i) { return first[i].size(); };
    if (count == 3 && size(0) == 4 && size(1) == 6) {
        return size(2) == 5 || size(2) == 4;
    }
    if (count == 2) {
        return (size(0) == 6 && (size(1) == 13 || size(1) == 10)) || (size(0) == 8 && size(1) == 8);
    }
    for (std::size_t i = 0; i + 1 < count; ++i) {
        if (size(i) != 4) {
            return false;
        }
    }
    return count >= 4 && size(count - 1) <= 4;
}

// Nothing but one kind of separator, and at most one end of a line.
bool is_written_alike(const Group* first, std::size_t count, std::size_t& line_ends) {
    int kind = 0;
    line_ends = 0;
    for (std::size_t i = 1; i < count; ++i) {
        if (first[i].separator == kLineEnd) {
            ++line_ends;
        } else if (kind == 0 || kind == first[i].separator) {
            kind = first[i].separator;
        } else {
            return false;
        }
    }
    return line_ends <= 1;
}

std::string digits_of(std::string_view text, const Group* first, std::size_t count) {
    std::string digits;
    for (std::size_t i = 0; i < count; ++i) {
        digits += text.substr(first[i].begin, first[i].size());
    }
    return digits;
}

// Lines that are numbers and nothing else are a list, not a number that was broken.
bool is_list_of_lines(const Window& window, const Group* first, std::size_t count) {
    const auto begin = first->begin;
    const auto end = first[count - 1].end;
    const bool at_start = begin == 0 || window.at(begin - 1) == '\n';
    return at_start && (end >= window.text().size() || window.at(end) == '\n' || window.at(end) == '\r');
}

bool judge_groups(Window& window, const Run& run, std::size_t from, std::size_t count) {
    const Group* first = run.groups.data() + from;
    std::size_t line_ends = 0;
    if (!is_written_alike(first, count, line_ends)) {
        return false;
    }
    const bool whole = from == 0 && count == run.count && !run.is_longer;
    const bool printed = is_printed_so(first, count);
    const bool in_order = std::all_of(first, first + count - 1, [](const Group& group) { return group.size() >= 4; });
    const bool broken_once = line_ends == 1 && count == 2;
    if (!in_order || (!printed && !whole) || (line_ends == 1 && is_list_of_lines(window, first, count))) {
        return false;
    }
    // A row of a table may have a card's shape anywhere in it.
    const bool in_table =
        run.is_longer || (from > 0 && first[-1].size() >= 4) || (from + count < run.count && first[count].size() >= 4);
    return window.judge({first->begin, first[count - 1].end, digits_of(window.text(), first, count),
                         line_ends == 1 ? "broken-line" : "grouped", printed && !broken_once && !in_table,
                         in_table || broken_once});
}

// The longest that begins with the group and is a card; how many groups it has, or 0.
std::size_t longest_card(Window& window, const Run& run, std::size_t from) {
    std::array<std::size_t, kGroupsMax + 1> digits{};  // of so many groups
    std::size_t most = 0;
    for (std::size_t count = 1; from + count <= run.count; ++count) {
        digits.at(count) = digits.at(count - 1) + run.groups.at(from + count - 1).size();
        if (digits.at(count) > kDigitsMax) {
            break;
        }
        most = count;
    }
    for (std::size_t count = most; count >= 2; --count) {
        if (digits.at(count) >= kDigitsMin && judge_groups(window, run, from, count)) {
            return count;
        }
    }
    return 0;
}

}  // namespace

void Window::look_at_groups(std::size_t separator) {
    const auto between = separator_at(text_.substr(separator));
    if (between.kind == 0 || !is_digit(at(separator + between.size))) {
        return;
    }
    std::size_t first = separator;
    while (first > 0 && is_digit(text_[first - 1])) {
        --first;
    }
    if (first < dealt_.run) {
        return;
    }
    const auto run = run_from(*this, first);
    if (run.count < 2) {
        return;
    }
    for (std::size_t from = 0; from < run.count;) {
        const auto found = longest_card(*this, run, from);
        if (found > 0) {
            dealt_.run = run.groups.at(from + found - 1).end;
        }
        from += std::max<std::size_t>(found, 1);
    }
    // The last group may be the first of what follows beyond the room for groups.
    dealt_.of(TriggerKind::group) =
        run.is_longer ? run.groups.at(run.count - 1).begin : run.groups.at(run.count - 1).end;
}

// Groups of the same one, two or three digits with the same separator, the last one perhaps shorter.
void Window::look_at_equal_groups(std::size_t begin, std::size_t each) {
    const char separator = at(begin + each);
    std::string digits;
    std::size_t end = begin;
    for (std::size_t at = begin;;) {
        const auto group = digits_end(at);
        digits += text_.substr(at, group - at);
        end = group;
        const bool goes_on = group - at == each && this->at(group) == separator && is_digit(this->at(group + 1));
        if (!goes_on) {
            break;
        }
        at = group + 1;
    }
    dealt_.of(each == 1 ? TriggerKind::singles : each == 2 ? TriggerKind::pairs : TriggerKind::triples) = end;
    if (digits.size() >= kDigitsMin && digits.size() <= kDigitsMax) {
        judge({begin, end, digits, "grouped", false, each > 1});
    }
    if (each == 2 && digits.size() >= 2 * kDigitsMin && digits.size() <= 2 * kDigitsMax) {
        std::string decoded;
        for (std::size_t i = 0; i + 1 < digits.size() && digits[i] == '3'; i += 2) {
            decoded.push_back(digits[i + 1]);
        }
        if (decoded.size() * 2 == digits.size()) {
            judge({begin, end, decoded, "hex", false, false});
        }
    }
}

}  // namespace audit::impl
