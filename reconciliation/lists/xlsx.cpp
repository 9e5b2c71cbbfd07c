#include "reconciliation/lists/xlsx.h"

#include <algorithm>

#include "core/money.h"
#include "reconciliation/lists/texts.h"
#include "reconciliation/lists/workbook.h"

namespace reconciliation {
namespace lists {
namespace {

// What is printed stands on the left; what is for filtering and looking up follows.
constexpr std::size_t kColumnsPrinted = 10;

std::vector<Sheet::Column> detail_columns(const std::string& zone) {
    constexpr auto kNumber = CellStyle::number_heading;
    return {{"类别\nKind", 19},
            {"类型\nType", 13},
            {"渠道交易号\nChannel transaction", 33},
            {"商户订单号\nMerchant order", 23},
            {"账上金额\nBooks", 14, kNumber},
            {"渠道金额\nChannel", 14, kNumber},
            {"渠道−账上\nDifference", 14, kNumber},
            {"币种\nCurrency", 11},
            {"建议处理\nWhat to do", 32},
            {"说明\nExplanation in Chinese", 62},
            {"英文说明\nExplanation", 62},
            {"证据\nEvidence", 50},
            {"账上状态\nBooks state", 14},
            {"渠道状态\nChannel state", 14},
            {"挂账天数\nAge, days", 12, kNumber},
            {"合同手续费\nContract fee", 14, kNumber},
            {"渠道手续费\nChannel fee", 14, kNumber},
            {"同一笔另有\nAlso", 24},
            {"账上时间 Books time\n" + zone, 22},
            {"渠道时间 Channel time\n" + zone, 22},
            {"所属营业日\nBusiness day", 15},
            {"账上币种（不同时）\nBooks currency", 20},
            {"订单金额\nOrder", 14, kNumber},
            {"订单币种\nOrder currency", 16},
            {"账单合计与实加\nTotals stated / added", 34},
            {"差异编号\nDiscrepancy ID", 20},
            {"类别代码\nKind code", 23},
            {"处理代码\nAction code", 27},
            {"最晚等到\nExpected by", 15},
            {"挂账工作日\nAge, business days", 18, kNumber},
            {"最接近的\nCandidates", 50},
            {"证据所在字节\nEvidence, bytes", 50}};
}

std::string both(std::string_view zh, std::string_view en) { return std::string(zh) + "\n" + std::string(en); }

std::string also_in_both(const Discrepancy& row) {
    return row.also.empty() ? std::string() : both(chinese_list(row.also), english_list(row.also));
}

std::string totals_of(const Discrepancy& row) {
    std::vector<std::string> parts;
    parts.reserve(row.totals.size());
    for (const auto& total : row.totals) {
        parts.push_back(total.name + ": " + total.stated + " / " + total.actual);
    }
    return joined(parts, "\n");
}

void add_printed_cells(Sheet& sheet, const Discrepancy& row, const Explanation& told) {
    sheet.text(both(chinese_of(row.kind), english_of(row.kind)), CellStyle::wrapped);
    sheet.text(row.type ? both(chinese_of(*row.type), english_of(*row.type)) : "", CellStyle::wrapped);
    sheet.text(row.channel_txn_id).text(row.merchant_order_id);
    sheet.amount(row.ledger_amount, row.ledger_exponent).amount(row.channel_amount, row.channel_exponent);
    sheet.amount(row.difference(), row.exponent()).text(row.currency());
    sheet.text(both(told.suggested_action_zh, told.suggested_action_en), CellStyle::wrapped);
    sheet.text(told.zh, CellStyle::wrapped);
}

void add_further_cells(Sheet& sheet, const Discrepancy& row, const Explanation& told, const std::string& zone) {
    const int order_exponent =
        row.order_currency == row.currency() ? row.exponent() : display_exponent(row.order_currency);
    sheet.text(told.en, CellStyle::wrapped).text(joined(row.evidence, "\n"), CellStyle::wrapped);
    sheet.text(row.ledger_status).text(row.channel_status);
    sheet.count(static_cast<std::uint64_t>(std::max(row.age_days, 0)));
    sheet.amount(row.ledger_fee, row.exponent()).amount(row.channel_fee, row.exponent());
    sheet.text(also_in_both(row), CellStyle::wrapped);
    sheet.instant(row.occurred_at, zone).instant(row.channel_occurred_at, zone).day(row.item_day);
    sheet.text(row.ledger_currency == row.currency() ? "" : row.ledger_currency);
    sheet.amount(row.order_amount, order_exponent).text(row.order_currency);
    sheet.text(totals_of(row), CellStyle::wrapped);
    sheet.text(row.id).text(name_of(row.kind)).text(told.suggested_action);
    if (row.expected_by) {
        sheet.day(*row.expected_by);
    } else {
        sheet.text("");
    }
    if (row.age_business_days) {
        sheet.count(static_cast<std::uint64_t>(std::max(*row.age_business_days, 0)));
    } else {
        sheet.text("");
    }
    sheet.text(candidates_text(row.candidates), CellStyle::wrapped);
    sheet.text(evidence_bytes_text(row.evidence_bytes), CellStyle::wrapped);
}

void add_details(Workbook& book, const ReviewList& list, std::size_t begin, std::size_t end, int sheet_number) {
    const std::string number = sheet_number == 1 ? "" : " " + std::to_string(sheet_number);
    const std::string zone = shown_zone(list.summary.day_cut);
    const auto columns = detail_columns(zone);
    Sheet& sheet = book.add_sheet("差异 Discrepancies" + number);
    sheet.begin_table(columns);
    for (std::size_t i = begin; i < end; ++i) {
        const auto& row = list.discrepancies[i];
        const Explanation told = explain(row, list.summary.business_date);
        add_printed_cells(sheet, row, told);
        add_further_cells(sheet, row, told, zone);
        sheet.next_row();
    }
    sheet.finish_table(columns.size());
    sheet.set_print({"差异清单 Review list   " + list.summary.tenant + "   " + list.summary.channel + "   " +
                         day_text(list.summary.business_date),
                     kColumnsPrinted});
}

// ---- The figures -------------------------------------------------------------------------------------------------

void add_line(Sheet& sheet, std::string_view zh, std::string_view en, std::string_view value) {
    sheet.text(zh, CellStyle::label).text(en, CellStyle::label).text(value);
    sheet.next_row();
}

void add_count(Sheet& sheet, std::string_view zh, std::string_view en, std::uint64_t value) {
    sheet.text(zh, CellStyle::label).text(en, CellStyle::label).count(value);
    sheet.next_row();
}

struct Heading {
    std::string_view text;
    CellStyle style = CellStyle::heading;
};

constexpr auto kNumber = CellStyle::number_heading;

void add_section(Sheet& sheet, const std::vector<Heading>& headings) {
    sheet.next_row();
    for (const auto& heading : headings) {
        sheet.text(heading.text, heading.style);
    }
    sheet.next_row();
}

void add_head(Sheet& sheet, const Summary& summary) {
    const std::string zone = shown_zone(summary.day_cut);
    sheet.text("对账差异清单 Reconciliation review list", CellStyle::title).next_row();
    sheet.next_row();
    add_line(sheet, "租户", "Tenant", tenant_title(summary));
    add_line(sheet, "渠道", "Channel", channel_title(summary));
    sheet.text("营业日", CellStyle::label).text("Business day", CellStyle::label).day(summary.business_date).next_row();
    if (!summary.day_cut.zone.empty()) {
        add_line(sheet, "日切", "Day cut", zone + " " + cut_time(summary.day_cut));
    }
    add_line(sheet, "生成时间", "Generated at", time_text(summary.finished_at, zone) + " " + zone);
    add_line(sheet, "结果摘要", "Digest of the outcome", summary.digest);
}

void add_counts(Sheet& sheet, const Summary& summary) {
    add_section(sheet, {{"笔数"}, {"Counts"}, {"笔 Number", kNumber}});
    add_count(sheet, "账上当日笔数", "Movements in the books, this day's", summary.ledger_count);
    add_count(sheet, "渠道账单行数", "Lines in the channel's statement", summary.channel_count);
    add_count(sheet, "两边一致", "Matched, nothing to say", summary.matched);
    add_count(sheet, "前日在途、今日已清", "Carried in and cleared today", summary.cleared);
    add_count(sheet, "前日带入", "Carried in", summary.carried_in);
    add_count(sheet, "带到下一日", "Carried out", summary.carried_out);
    add_count(sheet, "需要处理", "To be reviewed", to_review(summary));
}

void add_amounts(Sheet& sheet, const Summary& summary) {
    add_section(sheet, {{"币种 Currency"},
                        {"账上金额 Books", kNumber},
                        {"渠道金额 Channel", kNumber},
                        {"差额 Difference", kNumber},
                        {"渠道手续费 Channel fee", kNumber}});
    for (const auto& currency : currencies_of(summary)) {
        const int exponent = display_exponent(currency);
        const auto books = amount_in(summary.ledger_amount, currency);
        const auto channel = amount_in(summary.channel_amount, currency);
        sheet.text(currency).amount(books, exponent).amount(channel, exponent);
        sheet.amount(core::checked_subtract(channel, books), exponent);
        sheet.amount(amount_in(summary.channel_fee, currency), exponent).next_row();
    }
}

void add_kinds(Sheet& sheet, const Summary& summary) {
    add_section(sheet, {{"差异类别"}, {"Discrepancies by kind"}, {"笔 Number", kNumber}});
    bool any = false;
    for (const auto kind : all_discrepancy_kinds()) {
        const auto rows = count_of(summary, kind);
        if (rows > 0) {
            sheet.text(chinese_of(kind)).text(english_of(kind)).count(rows).next_row();
            any = true;
        }
    }
    if (!any) {
        sheet.text("今日无差异", CellStyle::strong).text("Nothing to review", CellStyle::strong).count(0).next_row();
    }
}

void add_statements(Sheet& sheet, const Summary& summary) {
    add_section(sheet, {{"账单文件 Statement file"}, {""}, {"明细行 Lines", kNumber}, {"SHA-256"}, {""}});
    for (const auto& statement : summary.statements) {
        sheet.text(statement.file).blank().count(statement.lines).text(statement.sha256).next_row();
    }
}

void add_summary(Workbook& book, const Summary& summary) {
    Sheet& sheet = book.add_sheet("汇总 Summary");
    sheet.set_widths({32, 36, 24, 24, 42});
    add_head(sheet, summary);
    add_counts(sheet, summary);
    add_amounts(sheet, summary);
    add_kinds(sheet, summary);
    add_statements(sheet, summary);
    sheet.set_print(
        {"对账汇总 Summary   " + summary.tenant + "   " + summary.channel + "   " + day_text(summary.business_date),
         0});
}

}  // namespace

std::string xlsx_of(const ReviewList& list, std::size_t rows_per_sheet_max) {
    Workbook book(
        "duizhang " + list.summary.tenant + " " + list.summary.channel + " " + day_text(list.summary.business_date),
        list.summary.finished_at);
    add_summary(book, list.summary);
    std::size_t begin = 0;
    int sheet_number = 0;
    do {
        const std::size_t end = std::min(begin + rows_per_sheet_max, list.discrepancies.size());
        add_details(book, list, begin, end, ++sheet_number);
        begin = end;
    } while (begin < list.discrepancies.size());
    return book.finish();
}

}  // namespace lists

std::string review_xlsx(const ReviewList& list) { return lists::xlsx_of(list, lists::kRowsPerSheetMax); }

}  // namespace reconciliation
