#include "core/db/service_rights.h"

#include <algorithm>
#include <span>

namespace core::db {

namespace {

struct TableRights {
    std::string_view table;
    std::string_view rights;             // of the whole table, in PostgreSQL's words
    std::string_view updated_columns{};  // with a blank around each
};

// Beside the rule. Why more: the reconciliation of a day is redone whole; a movement is told in several messages, and
// booked later than it is known; a delivery is counted; of refused callbacks the latest are kept; a hold ends, and so
// does an API key; data keys are rotated, and statements come under the new ones; a head is published. Why less: what
// the database enters by itself, out of entries, nobody else writes; and a card's fingerprint is not for whoever sees a
// part of its number.
constexpr TableRights kTables[] = {
    {"core.migrations", "SELECT"},
    {"ledger.pages", "SELECT"},
    {"ledger.new_legs", "SELECT"},
    {"ledger.balances", "SELECT"},
    {"ledger.turnovers", "SELECT"},
    {"ledger.holds", "SELECT INSERT", " state ended_at posted_minor entry_id "},
    {"access.api_keys", "SELECT INSERT", " expires_at revoked_at "},
    {"access.data_keys", "SELECT INSERT", " state wrapped master_check retired_at destroyed_at "},
    {"payments.movements", "SELECT INSERT",
     " status amount_minor currency merchant_order_id own_order_id related_txn_id occurred_at business_date date_rank"
     " attributes masked_card entry_id order_agrees moved_from "},
    {"payments.card_fingerprints", "INSERT"},
    {"payments.inbox", "SELECT INSERT", " deliveries "},
    {"payments.quarantine", "SELECT INSERT DELETE"},
    {"reconciliation.runs", "SELECT INSERT UPDATE DELETE"},
    {"reconciliation.statements", "SELECT INSERT UPDATE DELETE"},
    {"reconciliation.discrepancies", "SELECT INSERT UPDATE DELETE"},
    {"reconciliation.matches", "SELECT INSERT UPDATE DELETE"},
    {"reconciliation.agreed_movements", "SELECT INSERT DELETE"},
    {"reconciliation.open_items", "SELECT INSERT UPDATE DELETE"},
    {"reconciliation.rule_matches", "SELECT INSERT DELETE"},
    {"reconciliation.proved_items", "SELECT INSERT DELETE"},
    {"reconciliation.kept_statements", "SELECT INSERT", " wrapped_key key_no "},
    {"audit.trail_heads", "SELECT INSERT", " published_at "},
    {"reconciliation.jobs", "SELECT INSERT", " state files note changed_at "},
};

constexpr std::string_view kRunAsOwner[] = {
    "ledger.enter_legs()",            // so that the service can write neither legs nor balances
    "ledger.enter_on_pages(text[])",  // which it calls
};

constexpr TableRights kAnyTable{"", "SELECT INSERT"};

bool has_word(std::string_view words, std::string_view word) {
    for (auto at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) {
            return true;
        }
    }
    return false;
}

bool table_needs(const GivenRight& right) {
    const auto* named = std::find_if(std::begin(kTables), std::end(kTables),
                                     [&](const auto& row) { return row.table == right.object; });
    const auto& rights = named == std::end(kTables) ? kAnyTable : *named;
    return has_word(rights.rights, right.privilege) ||
           (right.privilege == "UPDATE" && !right.column.empty() && has_word(rights.updated_columns, right.column));
}

}  // namespace

bool service_needs(const GivenRight& right) {
    switch (right.kind) {
        case 'r':
        case 'p':
            return table_needs(right);
        case 'v':
            return right.privilege == "SELECT";
        case 'S':
        case 'n':
            return right.privilege == "USAGE";
        case 'f':
            return right.privilege == "EXECUTE" && !may_run_as_owner(right.object);
        default:
            return false;
    }
}

bool may_run_as_owner(std::string_view function) {
    return std::find(std::begin(kRunAsOwner), std::end(kRunAsOwner), function) != std::end(kRunAsOwner);
}

}  // namespace core::db
