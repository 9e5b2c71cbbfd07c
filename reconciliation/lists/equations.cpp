#include "reconciliation/lists/equations.h"

#include <array>
#include <tuple>

#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/lists/page.h"
#include "reconciliation/lists/texts.h"

namespace reconciliation {
namespace {

struct Word {
    std::string_view name, zh, en;
};

constexpr std::array<Word, 4> kEdges = {{
    {"books_statement", "账上 = 账单", "Books = statement"},
    {"statement_settlement", "账单 = 结算", "Statement = settlement"},
    {"settlement_bank", "结算 = 银行", "Settlement = bank"},
    {"bank_balance", "期初 + 发生 = 期末", "Opening + entries = closing"},
}};

constexpr std::array<Word, 17> kTerms = {{
    {"payments", "支付", "payments"},
    {"refunds", "退款", "refunds"},
    {"reversals", "冲正", "reversals"},
    {"disputes", "拒付", "disputes"},
    {"adjustments", "调账", "adjustments"},
    {"charges", "渠道收费", "charges"},
    {"fees", "手续费", "fees"},
    {"payouts", "打款", "payouts"},
    {"paid_by_bank", "银行已到账", "paid by the bank"},
    {"settled", "已到账结算", "settled"},
    {"due", "应到未到", "due, not come"},
    {"credits", "已认到账", "credits"},
    {"unexplained", "待查到账", "unexplained credits"},
    {"opening", "期初", "opening"},
    {"came_in", "收入", "came in"},
    {"went_out", "支出", "went out"},
    {"closing", "期末", "closing"},
}};

template <std::size_t N>
const Word& word_of(const std::array<Word, N>& words, std::string_view name) {
    for (const auto& word : words) {
        if (word.name == name) {
            return word;
        }
    }
    throw core::BrokenRule("every edge and term of an equation has its word");
}

std::int64_t sum_of(const std::vector<EquationTerm>& terms) {
    std::int64_t sum = 0;
    for (const auto& term : terms) {
        const auto next = core::checked_add(sum, term.minor);
        core::ensure(next.has_value(), "an equation's sum fits 64 bits");
        sum = *next;
    }
    return sum;
}

std::string terms_cell(const std::vector<EquationTerm>& terms, int exponent) {
    std::string cell;
    for (const auto& term : terms) {
        const auto& word = word_of(kTerms, term.name);
        cell += (cell.empty() ? "" : "<br>") + lists::bilingual(word.zh, word.en) + " " +
                lists::grouped_amount(term.minor, exponent);
    }
    return "<td>" + cell + "</td>";
}

std::string number_cell(std::int64_t minor, int exponent, bool marked) {
    const auto text = lists::grouped_amount(minor, exponent);
    return "<td class=\"num\">" + (marked ? "<mark>" + text + "</mark>" : text) + "</td>";
}

std::string row_of(const Equation& equation) {
    const int exponent = display_exponent(equation.currency);
    const auto& edge = word_of(kEdges, equation.edge);
    return "<tr><th scope=\"row\">" + lists::bilingual(edge.zh, edge.en) +
           (equation.channel.empty() ? ""
                                     : " <span class=\"soft\">" + lists::html_escape(equation.channel) + "</span>") +
           "</th><td>" + lists::html_escape(equation.currency) + "</td>" + terms_cell(equation.left, exponent) +
           number_cell(equation.left_sum(), exponent, false) + terms_cell(equation.right, exponent) +
           number_cell(equation.right_sum(), exponent, false) +
           number_cell(equation.residual(), exponent, equation.residual() != 0) + "</tr>\n";
}

}  // namespace

std::int64_t Equation::left_sum() const { return sum_of(left); }
std::int64_t Equation::right_sum() const { return sum_of(right); }
std::int64_t Equation::residual() const {
    const auto difference = core::checked_subtract(left_sum(), right_sum());
    core::ensure(difference.has_value(), "an equation's residual fits 64 bits");
    return *difference;
}

std::string lists::equations_section(const std::vector<Equation>& equations) {
    if (equations.empty()) {
        return "";
    }
    std::string out =
        "<section>\n<h2>" + bilingual("勾稽等式", "Equations") + "</h2>\n<div class=\"scroll\"><table>\n<thead><tr>";
    for (const auto& [zh, en, number] :
         {std::tuple{"等式", "Edge", false}, std::tuple{"币种", "Currency", false}, std::tuple{"左边", "Left", false},
          std::tuple{"合计", "Sum", true}, std::tuple{"右边", "Right", false}, std::tuple{"合计", "Sum", true},
          std::tuple{"余差", "Residual", true}}) {
        out += std::string("<th scope=\"col\"") + (number ? " class=\"num\"" : "") + ">" + bilingual(zh, en) + "</th>";
    }
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& equation : equations) {
        out += row_of(equation);
    }
    return out + "</tbody>\n</table></div>\n</section>\n";
}

}  // namespace reconciliation
