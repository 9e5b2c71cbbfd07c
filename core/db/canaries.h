// Rows that are nobody's, put into every table that the service may write, to see whether the walls between tenants
// stop them. Made out of the catalogue, so that a new table gets its own; never committed.
#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/nontransaction>
#include <string>
#include <vector>

namespace core::db {

struct Relation {
    std::string name;  // "ledger.entries"
    bool is_view;
    bool may_insert;  // the role that the session works as
    bool may_read;    // likewise
};
// Every table and view of ours that holds tenants' rows, those first that others refer to.
std::vector<Relation> tenants_relations(pqxx::transaction_base& session);

// Puts a row of the tenant into the table, all but its tenant the same for any tenant, so that a key that forgets the
// tenant shows. The statement that did; nothing when it is refused, and `refusal` then says by what.
std::optional<std::string> put_canary(pqxx::nontransaction& session, const std::string& table,
                                      const std::string& tenant, std::string& refusal);
// Another entry, whose legs wait to come to pages and balances; those of the first have.
void put_waiting_entry(pqxx::transaction_base& session, const std::string& tenant);

// The transaction's tenants from here on.
void set_tenants(pqxx::transaction_base& session, const std::string& tenants);

// What a statement did, undone at once. In a transaction that was begun by a statement.
struct Attempt {
    std::string sqlstate;  // empty: it was carried out
    std::string constraint;
    std::int64_t rows = 0;  // that it read or changed
};
Attempt attempt(pqxx::nontransaction& session, const std::string& sql);

}  // namespace core::db
