#include "core/json/writer.h"
#include "reconciliation/lists/grounds.h"
#include "reconciliation/review_list.h"

namespace reconciliation {
namespace {

void add_amounts(core::json::Writer& json, std::string_view name, const AmountByCurrency& amounts) {
    json.key(name).begin_object();
    for (const auto& [currency, minor] : amounts) {
        json.member(currency, minor);
    }
    json.end_object();
}

void add_statements(core::json::Writer& json, const std::vector<StatementSummary>& statements) {
    json.key("statements").begin_array();
    for (const auto& statement : statements) {
        json.begin_object();
        json.member("file", statement.file).member("sha256", statement.sha256);
        json.member("lines", statement.lines).end_object();
    }
    json.end_array();
}

void add_sides(core::json::Writer& json, const Summary& summary) {
    json.key("ledger").begin_object().member("count", summary.ledger_count);
    add_amounts(json, "amount", summary.ledger_amount);
    json.end_object();
    json.key("channel_side").begin_object().member("count", summary.channel_count);
    add_amounts(json, "amount", summary.channel_amount);
    add_amounts(json, "fee", summary.channel_fee);
    json.end_object();
}

void add_terms(core::json::Writer& json, std::string_view name, const std::vector<EquationTerm>& terms) {
    json.key(name).begin_array();
    for (const auto& term : terms) {
        json.begin_object().member("term", term.name).member("amount", term.minor).end_object();
    }
    json.end_array();
}

void add_equations(core::json::Writer& json, const std::vector<Equation>& equations) {
    json.key("equations").begin_array();
    for (const auto& equation : equations) {
        json.begin_object().member("edge", equation.edge).member("channel", equation.channel);
        json.member("currency", equation.currency);
        add_terms(json, "left", equation.left);
        add_terms(json, "right", equation.right);
        json.member("left_sum", equation.left_sum()).member("right_sum", equation.right_sum());
        json.member("residual", equation.residual()).end_object();
    }
    json.end_array();
}

// Kinds that don't occur are left out, as in the contract's example.
void add_discrepancies(core::json::Writer& json, const Summary& summary) {
    json.key("discrepancies").begin_object();
    for (const auto& [kind, rows] : summary.discrepancies) {
        if (rows > 0) {
            json.member(name_of(kind), rows);
        }
    }
    json.end_object();
}

void add_found_rates(core::json::Writer& json, const Summary& summary) {
    if (summary.found_rates.empty()) {
        return;
    }
    json.key("fee_rates_found").begin_array();
    for (const auto& rate : summary.found_rates) {
        json.begin_object()
            .member("currency", rate.currency)
            .member("basis_points", rate.basis_points)
            .member("fixed", rate.fixed_minor)
            .member("rounding", core::name_of(rate.rounding))
            .member("payments", rate.payments)
            .member("fitting", rate.fitting)
            .member("equally_good", rate.equally_good)
            .member("contract_basis_points", rate.contract_basis_points)
            .member("contract_fixed", rate.contract_fixed_minor)
            .member("contract_fitting", rate.contract_fitting)
            .end_object();
    }
    json.end_array();
}

// All but the end of the object.
void begin_summary(core::json::Writer& json, const Summary& summary) {
    json.begin_object();
    json.member("tenant", summary.tenant).member("channel", summary.channel);
    json.member("business_date", core::format_day(summary.business_date));
    add_statements(json, summary.statements);
    add_sides(json, summary);
    json.member("matched", summary.matched);
    if (!summary.matched_by_rule.empty()) {
        json.key("matched_by_rule").begin_object();
        for (const auto& [rule, pairs] : summary.matched_by_rule) {
            json.member(rule, pairs);
        }
        json.end_object();
    }
    add_found_rates(json, summary);
    add_discrepancies(json, summary);
    json.member("carried_in", summary.carried_in).member("carried_out", summary.carried_out);
    json.member("cleared", summary.cleared).member("displaced", summary.displaced).member("digest", summary.digest);
    json.member("started_at", core::format_rfc3339(summary.started_at));
    json.member("finished_at", core::format_rfc3339(summary.finished_at));
    add_equations(json, summary.equations);
}

}  // namespace

std::string summary_json(const Summary& summary) {
    core::json::Writer json(1);
    begin_summary(json, summary);
    return json.end_object().text() + "\n";
}

std::string summary_json(const ReviewList& list) {
    core::json::Writer json(1);
    begin_summary(json, list.summary);
    // Last, since there may be many: whoever wants the figures alone need not read as far.
    lists::write_leftovers(json, list.discrepancies);
    return json.end_object().text() + "\n";
}

std::vector<std::pair<std::string, std::string>> review_files(const ReviewList& list) {
    // summary.json last: whoever watches the folder for it finds the others there.
    return {{"review.csv", review_csv(list)},
            {"review.xlsx", review_xlsx(list)},
            {"review.html", review_html(list)},
            {"summary.json", summary_json(list)}};
}

}  // namespace reconciliation
