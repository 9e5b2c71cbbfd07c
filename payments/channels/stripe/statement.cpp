#include "payments/channels/stripe/statement.h"

#include <optional>
#include <utility>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "payments/channels/stripe/report_table.h"
#include "payments/channels/stripe/summaries.h"

namespace payments::stripe {
namespace {

using Refusal = core::Refused<StatementRefusal>;

Refusal refused_in(const std::string& file, StatementRefusal refusal) {
    refusal.file = file;
    return Refusal{std::move(refusal)};
}

Refusal refused_whole(const std::string& file, std::string what, std::string remedy) {
    return refused_in(file, report_refusal(0, "", std::move(what), std::move(remedy)));
}

struct Interval {
    core::BusinessDay begin;
    core::BusinessDay end;  // the day after the last
};

// From "..._2026-11-18_to_2026-11-19_UTC.csv"; nothing for names of another form. A single day written with itself as
// its end (as exports that count it in do) is that day.
std::optional<Interval> interval_of(std::string_view name) {
    constexpr std::size_t kDayBytes = 10;
    const auto to = name.find("_to_");
    if (to == std::string_view::npos || to < kDayBytes) {
        return std::nullopt;
    }
    const auto begin = core::parse_day(name.substr(to - kDayBytes, kDayBytes));
    const auto end = core::parse_day(name.substr(to + 4).substr(0, kDayBytes));
    if (!begin || !end) {
        return std::nullopt;
    }
    return Interval{*begin, *begin == *end ? core::day_after(*begin) : *end};
}

// Would the report's rows be looked for on this day? Rows decide where there are any; a report without rows has
// nothing but its name.
bool names_another_day(std::string_view name, core::BusinessDay day) {
    const auto interval = interval_of(name);
    return interval && (day < interval->begin || day >= interval->end);
}

// Which days a report's rows are of.
struct Days {
    std::optional<core::BusinessDay> other;  // the first that isn't the wanted one
    std::uint64_t line = 0;                  // where it stands
    bool has_wanted = false;
};

std::optional<StatementRefusal> other_day(const Days& days, core::BusinessDay day) {
    if (!days.other) {
        return std::nullopt;
    }
    const auto wanted = core::format_day(day);
    if (!days.has_wanted) {
        return report_refusal(
            0, "created",
            "the report is of another day: its first row is of " + core::format_day(*days.other) + ", not of " + wanted,
            "deliver the report of " + wanted);
    }
    return report_refusal(days.line, "created", "the row is of " + core::format_day(*days.other) + ", not of " + wanted,
                          "run the report for " + wanted + " alone, in the configured time zone");
}

// `member`: the name in the archive, empty where the file isn't packed.
core::Result<ItemizedReport, StatementRefusal> read_member(const std::string& member, std::string_view bytes,
                                                           const std::string& file, core::BusinessDay day,
                                                           const ItemizedReading& reading, RowPick& pick,
                                                           const LineTaker& take) {
    const auto table = ReportTable::open(bytes);
    if (!table) {
        return refused_in(file, table.error());
    }
    if (const auto kind = summary_kind(*table)) {
        return refused_whole(file, "this is " + *kind + ", not an itemized report of the day's movements",
                             "deliver balance_change_from_activity.itemized");
    }
    const std::string shown = reading.redact(member);
    Days days;
    auto report = read_itemized(bytes, member.empty() ? file : member, reading, pick,
                                [&](StatementLine&& line, core::BusinessDay of) {
                                    if (of == day) {
                                        days.has_wanted = true;
                                    } else if (!days.other) {
                                        days.other = of;
                                        days.line = line.line;
                                    }
                                    line.member = shown;
                                    take(std::move(line));
                                });
    if (!report) {
        return refused_in(file, report.error());
    }
    if (auto outside = other_day(days, day)) {
        return refused_in(file, std::move(*outside));
    }
    return report;
}

core::Result<core::ArchiveMember, StatementRefusal> only_member(const StatementFile& file) {
    auto members = core::unpack(file.bytes);
    if (!members) {
        return refused_whole(file.name, members.error(), "download the report again");
    }
    if (members->size() != 1) {
        return refused_whole(file.name, "holds " + std::to_string(members->size()) + " files, one report was expected",
                             "deliver one itemized report for the day");
    }
    return std::move(members->front());
}

std::optional<StatementRefusal> not_one_file(const std::vector<StatementFile>& files) {
    if (files.empty()) {
        return report_refusal(0, "", "no file was delivered", "deliver the day's itemized report");
    }
    if (files.size() == 1) {
        return std::nullopt;
    }
    const bool same = files[0].bytes == files[1].bytes;
    auto refusal = report_refusal(
        0, "",
        same ? "the same report was delivered twice, as " + files[0].name + " too"
             : "a second report of the day, beside " + files[0].name + ": both would tell the same movements",
        "deliver one itemized report for the day");
    refusal.file = files[1].name;
    return refusal;
}

}  // namespace

core::Result<Statement, StatementRefusal> read_statement_files(const std::vector<StatementFile>& files,
                                                               core::BusinessDay day, const ItemizedReading& reading,
                                                               RowPick pick, const LineTaker& take) {
    if (auto refusal = not_one_file(files)) {
        return Refusal{std::move(*refusal)};
    }
    const auto& file = files.front();
    const bool packed = core::is_packed(file.bytes);
    const auto member = packed ? only_member(file) : core::ArchiveMember{};
    if (!member) {
        return Refusal{member.error()};
    }
    auto report = read_member(member->name, packed ? std::string_view(member->bytes) : std::string_view(file.bytes),
                              file.name, day, reading, pick, take);
    if (!report) {
        return Refusal{report.error()};
    }
    if (names_another_day(file.name, day)) {
        return refused_whole(file.name, "by its name the report is not of " + core::format_day(day),
                             "deliver the report of " + core::format_day(day));
    }
    Statement statement;
    statement.files.push_back({file.name, pick.all() ? core::crypto::sha256_hex(file.bytes) : "", report->lines});
    statement.warnings = std::move(report->warnings);
    statement.dialect = std::move(report->dialect);
    return statement;
}

}  // namespace payments::stripe
