#include "core/db/walls.h"

#include <pqxx/pqxx>
#include <set>
#include <utility>

#include "core/db/service_rights.h"
#include "core/db/wall_rules.h"
#include "core/db/wall_texts.h"
#include "core/db/work.h"

namespace core::db {

namespace {

using Breaches = std::vector<WallBreach>;

const SchemaTexts& texts() {
    static const SchemaTexts read = schema_texts(migrations());
    return read;
}

std::string text(const pqxx::row& row, int column) { return row[column].c_str(); }

pqxx::result ask(pqxx::transaction_base& session, const char* question) {
    return session.exec(kWords + std::string(question));
}

void check_rules(pqxx::transaction_base& session, Breaches& breaches) {
    for (const char* rule : wall_rules()) {
        for (const auto& row : ask(session, rule)) {
            breaches.push_back({text(row, 0), text(row, 1), text(row, 2)});
        }
    }
}

std::string lower(std::string word) {
    for (char& c : word) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return word;
}

const char* kind_in_sql(char kind) {
    switch (kind) {
        case 'n':
            return "schema ";
        case 'f':
            return "function ";
        case 'S':
            return "sequence ";
        default:
            return "";
    }
}

void check_rights(pqxx::transaction_base& session, const std::string& service, Breaches& breaches) {
    for (const auto& row : ask(session, kGivenRights)) {
        const auto object = text(row, 1);
        const auto column = text(row, 2);
        const auto who = text(row, 3);
        const auto privilege = text(row, 4);
        const char kind = row[0].c_str()[0];
        if (who == service && service_needs({kind, object, column, privilege})) {
            continue;
        }
        const auto right = lower(privilege) + (column.empty() ? "" : " (" + column + ")");
        std::string problem = who;
        problem.append(" may ").append(right).append(" on ").append(object);
        std::string remedy = "revoke ";
        remedy.append(right).append(" on ").append(kind_in_sql(kind)).append(object).append(" from ").append(who);
        breaches.push_back({object, problem + ", which nobody but its owner needs to", remedy});
    }
}

void check_functions(pqxx::transaction_base& session, Breaches& breaches) {
    std::set<std::string> found;
    for (const auto& row : ask(session, kFunctions)) {
        const auto name = text(row, 0);
        const auto function = text(row, 1);
        const bool is_expression = row[3].as<bool>();
        found.insert(name);
        const auto known = texts().functions.find(name);
        // PostgreSQL keeps no text of an expression. There is core.tenants() alone, which has a rule of its own.
        if (known == texts().functions.end() || !known->second.contains(text(row, 2)) ||
            (is_expression && name != "core.tenants")) {
            breaches.push_back({function, "function " + function + " does something else than migrations wrote",
                                "make it anew as the migration has it, or drop it"});
        }
        if (row[4].as<bool>() && !may_run_as_owner(function)) {
            breaches.push_back({function, "function " + function + " runs with its owner's rights",
                                "alter function " + function + " security invoker"});
        }
    }
    for (const auto& [name, ignored] : texts().functions) {
        if (!found.contains(name)) {
            breaches.push_back({name, "function " + name + " is gone", "make it anew as the migration has it"});
        }
    }
}

void check_triggers(pqxx::transaction_base& session, Breaches& breaches) {
    std::set<std::string> found;
    for (const auto& row : ask(session, kTriggers)) {
        const auto key = text(row, 0) + " " + text(row, 1);
        found.insert(key);
        const auto known = texts().triggers.find(key);
        if (known == texts().triggers.end() || known->second != trigger_purpose(text(row, 2))) {
            breaches.push_back(
                {text(row, 0),
                 "trigger " + text(row, 1) + " on " + text(row, 0) + " does something else than migrations wrote",
                 "make it anew as the migration has it, or drop it"});
        }
    }
    for (const auto& [key, ignored] : texts().triggers) {
        if (!found.contains(key)) {
            const auto table = key.substr(0, key.find(' '));
            breaches.push_back({table, "trigger " + key.substr(table.size() + 1) + " on " + table + " is gone",
                                "make it anew as the migration has it"});
        }
    }
}

}  // namespace

std::vector<WallBreach> wall_breaches(pqxx::transaction_base& session) {
    try {
        const auto service = text(session.exec1("select current_user"), 0);
        Breaches breaches;
        check_rules(session, breaches);
        check_rights(session, service, breaches);
        check_functions(session, breaches);
        check_triggers(session, breaches);
        return breaches;
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
}

std::vector<WallBreach> wall_breaches(Transaction& transaction) {
    try {
        return wall_breaches(work(transaction));
    } catch (const std::exception&) {
        detail::spoil(transaction);
        throw;
    }
}

}  // namespace core::db
