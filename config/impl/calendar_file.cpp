// Reading a calendar's file.
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <optional>

#include "config/calendar.h"
#include "core/failure.h"
#include "core/files.h"

namespace config {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20U;
constexpr int kYearMin = 1970;
constexpr int kYearMax = 2199;
constexpr int kHolidayDaysMax = 60;  // of one entry
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

class Table {
public:
    Table(const toml::table& table, const std::string& origin) : table_(table), origin_(origin) {}

    [[noreturn]] void refuse(std::string_view key, const std::string& what) const {
        const auto* node = table_.get(key);
        const auto line = node != nullptr ? node->source().begin.line : table_.source().begin.line;
        throw core::UsageError(origin_ + ":" + std::to_string(line) + ": " + std::string(key) + ": " + what);
    }
    void allow(std::initializer_list<std::string_view> keys) const {
        for (const auto& [key, node] : table_) {
            if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
                refuse(key.str(), "is no key of a calendar's file");
            }
        }
    }
    bool has(std::string_view key) const { return table_.contains(key); }
    std::string text(std::string_view key) const {
        const auto* value = table_.get_as<std::string>(key);
        if (value == nullptr || value->get().empty()) {
            refuse(key, "must be a text in quotes");
        }
        return value->get();
    }
    int number(std::string_view key, int min, int max) const {
        const auto* value = table_.get_as<std::int64_t>(key);
        if (value == nullptr || value->get() < min || value->get() > max) {
            refuse(key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        }
        return static_cast<int>(value->get());
    }
    core::BusinessDay day(std::string_view key) const {
        const auto found = core::parse_day(text(key));
        return found ? *found : (refuse(key, "must be a day, YYYY-MM-DD"), core::BusinessDay{});
    }
    unsigned weekday(std::string_view key) const { return weekday_named(key, text(key)); }
    unsigned weekday_named(std::string_view key, const std::string& name) const {
        const auto* found = std::find(kWeekdays.begin(), kWeekdays.end(), name);
        if (found == kWeekdays.end()) {
            refuse(key, "must be a day of the week, such as \"saturday\"");
        }
        return static_cast<unsigned>(found - kWeekdays.begin());
    }
    std::vector<std::string> texts(std::string_view key) const {
        std::vector<std::string> all;
        for (const auto& item : array(key)) {
            const auto* value = item.as_string();
            if (value == nullptr) {
                refuse(key, "must be a list of texts");
            }
            all.push_back(value->get());
        }
        return all;
    }
    std::vector<Table> tables(std::string_view key) const {
        std::vector<Table> all;
        for (const auto& item : array(key)) {
            const auto* value = item.as_table();
            if (value == nullptr) {
                refuse(key, "must be a list of tables");
            }
            all.emplace_back(*value, origin_);
        }
        return all;
    }

private:
    const toml::array& array(std::string_view key) const {
        static const toml::array none;
        const auto* found = table_.get_as<toml::array>(key);
        if (found == nullptr && has(key)) {
            refuse(key, "must be a list, [ ... ]");
        }
        return found == nullptr ? none : *found;
    }

    const toml::table& table_;
    const std::string& origin_;
};

bool is_sunday(core::BusinessDay day) { return date::weekday(date::sys_days(day)) == date::Sunday; }

// "12-25"; 02-29 only in leap years.
std::optional<core::BusinessDay> day_of_year(const Table& rule, int year) {
    const auto text = rule.text("date");
    const auto leap = core::parse_day("2000-" + text);
    if (!leap) {
        rule.refuse("date", "must be a month and a day, MM-DD");
    }
    const core::BusinessDay day = date::year(year) / leap->month() / leap->day();
    return day.ok() ? std::optional(day) : std::nullopt;
}

std::optional<core::BusinessDay> nth_weekday(const Table& rule, int year) {
    const auto month = date::month(static_cast<unsigned>(rule.number("month", 1, 12)));
    const date::weekday weekday(rule.weekday("weekday"));
    const int nth = rule.number("nth", -1, 5);
    if (nth == -1) {
        return date::sys_days(date::year(year) / month / weekday[date::last]);
    }
    if (nth == 0) {
        rule.refuse("nth", "counts from 1; -1 is the last");
    }
    const auto day = date::year(year) / month / weekday[static_cast<unsigned>(nth)];
    return day.ok() ? std::optional<core::BusinessDay>(date::sys_days(day)) : std::nullopt;
}

std::optional<core::BusinessDay> day_of_rule(const Table& rule, int year) {
    if (rule.has("not_in") && rule.number("not_in", kYearMin, kYearMax) == year) {
        return std::nullopt;
    }
    if (rule.has("easter")) {
        return date::sys_days(easter_sunday(year)) + date::days(rule.number("easter", -100, 100));
    }
    return rule.has("date") ? day_of_year(rule, year) : nth_weekday(rule, year);
}

}  // namespace

// Fills a calendar's data from its file.
class BusinessCalendar::Reader {
public:
    explicit Reader(const Table& file) : file_(file) {}

    Data read() {
        file_.allow({"name", "zone", "source", "first_year", "last_year", "weekend", "rule", "holiday", "working"});
        read_head();
        for (const auto& entry : file_.tables("holiday")) {
            read_holiday(entry);
        }
        for (const auto& rule : file_.tables("rule")) {
            read_rule(rule);
        }
        keep_moved();
        read_working();
        return std::move(data_);
    }

private:
    void read_head();
    void read_holiday(const Table& entry);
    void read_rule(const Table& rule);
    void keep_moved();
    void read_working();

    bool covers(core::BusinessDay day) const {
        return static_cast<int>(day.year()) >= data_.first_year && static_cast<int>(day.year()) <= data_.last_year;
    }
    bool is_weekend(core::BusinessDay day) const {
        return data_.weekend.contains(date::weekday(date::sys_days(day)).c_encoding());
    }

    const Table& file_;
    Data data_;
    std::vector<std::pair<core::BusinessDay, std::string>> moved_;  // what falls on a weekend
};

void BusinessCalendar::Reader::read_head() {
    data_.name = file_.text("name");
    data_.zone = file_.text("zone");
    data_.source = file_.text("source");
    if (!core::zone_exists(data_.zone)) {
        file_.refuse("zone", "there is no time zone of that name");
    }
    data_.first_year = file_.number("first_year", kYearMin, kYearMax);
    data_.last_year = file_.number("last_year", data_.first_year, kYearMax);
    for (const auto& name : file_.texts("weekend")) {
        data_.weekend.insert(file_.weekday_named("weekend", name));
    }
    if (data_.weekend.size() == kWeekdays.size()) {
        file_.refuse("weekend", "leaves no day to work on");
    }
}

void BusinessCalendar::Reader::read_holiday(const Table& entry) {
    entry.allow({"name", "from", "to"});
    const auto from = entry.day("from");
    const auto to = entry.day("to");
    const auto length = core::days_between(from, to);
    if (length < 0 || length >= kHolidayDaysMax) {
        entry.refuse("to", "must be 0 to " + std::to_string(kHolidayDaysMax - 1) + " days after from");
    }
    if (!covers(from) || !covers(to)) {
        entry.refuse("from", "lies outside first_year to last_year");
    }
    for (auto day = from; day <= to; day = core::day_after(day)) {
        data_.holidays.emplace(day, entry.text("name"));
    }
}

void BusinessCalendar::Reader::read_rule(const Table& rule) {
    rule.allow({"name", "date", "month", "weekday", "nth", "easter", "moved", "not_in"});
    const std::string moved = rule.has("moved") ? rule.text("moved") : std::string();
    if (!moved.empty() && moved != "sunday" && moved != "weekend") {
        rule.refuse("moved", "must be \"sunday\" (to the Monday) or \"weekend\" (to the next weekday that is none)");
    }
    for (int year = data_.first_year; year <= data_.last_year; ++year) {
        auto day = day_of_rule(rule, year);
        if (!day) {
            continue;
        }
        if (moved == "sunday" ? is_sunday(*day) : moved == "weekend" && is_weekend(*day)) {
            moved_.emplace_back(*day, rule.text("name"));
        } else {
            data_.holidays.emplace(*day, rule.text("name"));
        }
    }
}

// After all others: of Christmas and Boxing Day, the one on a weekday stays there.
void BusinessCalendar::Reader::keep_moved() {
    for (auto& [day, name] : moved_) {
        while (is_weekend(day) || data_.holidays.contains(day)) {
            day = core::day_after(day);
        }
        data_.holidays.emplace(day, name);
    }
}

void BusinessCalendar::Reader::read_working() {
    for (const auto& text : file_.texts("working")) {
        const auto day = core::parse_day(text);
        if (!day || !covers(*day)) {
            file_.refuse("working", "\"" + text + "\" is no day, YYYY-MM-DD, of first_year to last_year");
        }
        data_.working.insert(*day);
    }
}

BusinessCalendar BusinessCalendar::parse(std::string_view toml, const std::string& origin) {
    toml::table table;
    try {
        table = toml::parse(toml);
    } catch (const toml::parse_error& error) {
        throw core::UsageError(origin + ":" + std::to_string(error.source().begin.line) + ": " +
                               std::string(error.description()));
    }
    const Table file(table, origin);
    return BusinessCalendar(Reader(file).read());
}

BusinessCalendar read_calendar(const std::filesystem::path& file) {
    return BusinessCalendar::parse(core::read_file(file, kFileBytesMax), file.string());
}

}  // namespace config
