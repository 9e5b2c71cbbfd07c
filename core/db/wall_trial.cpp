#include "core/db/wall_trial.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <pqxx/pqxx>

#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/db/canaries.h"
#include "core/db/pool.h"
#include "core/db/work.h"

namespace core::db {

namespace {

constexpr const char* kRefused = "42501";  // by a policy or for want of a right
constexpr const char* kTwice = "23505";
constexpr const char* kOwnPace = "set local statement_timeout = '30min'; set local lock_timeout = '5s'";

struct Identity {
    std::string name;
    std::string setting;
};

class Trial {
public:
    Trial(pqxx::nontransaction& session, const std::vector<TenantId>& tenants)
        : session_(session), own_("canary-" + crypto::hex_encode(crypto::random_bytes(8))), other_(own_ + "-other") {
        for (const auto& tenant : tenants) {
            real_.push_back(tenant.text());
        }
        // Nobody who is not one of the transaction's tenants by that very name.
        strangers_ = {{"no tenant", ""},
                      {"another tenant", other_},
                      {"a tenant without rows", own_ + "-third"},
                      {"the setting *", "*"},
                      {"the setting %", "%"},
                      {"the setting ,", ","},
                      {"a part of its name", own_.substr(0, own_.size() - 1)},
                      {"its name and a blank", own_ + " "},
                      {"its name in quotes", "'" + own_ + "'"},
                      {"its name in capitals", "CANARY" + own_.substr(6)}};
    }

    WallTrial run(const TrialProgress& progress) {
        session_.exec(kOwnPace);
        WallTrial trial;
        trial.breaches = wall_breaches(session_);
        for (const auto& relation : tenants_relations(session_)) {
            trial.relations.push_back({relation.name, 0, 0, {}});
            relations_.push_back(relation);
        }
        try {
            try_all(trial, progress);
        } catch (const pqxx::sql_error& refused) {
            if (trial.breaches.empty() || now_ == nullptr) {
                throw;
            }
            // Behind a wall that is broken enough even the trial breaks.
            now_->crossings.push_back("not tried to the end: " + sqlstate_of(refused));
        }
        return trial;
    }

private:
    void try_all(WallTrial& trial, const TrialProgress& progress) {
        put_canaries(trial);
        for (std::size_t i = 0; i < relations_.size(); ++i) {
            progress(relations_[i].name, i + 1, relations_.size());
            now_ = &trial.relations[i];
            if (!relations_[i].may_read) {
                write_blindly(relations_[i].name);
                continue;
            }
            if (relations_[i].is_view) {
                look_through(relations_[i].name);
            } else {
                reach_for(relations_[i]);
            }
            look_for_others(relations_[i].name);
        }
    }
    void put_canaries(WallTrial& trial) {
        for (const auto& tenant : {own_, other_}) {
            set_tenants(session_, tenant);
            for (std::size_t i = 0; i < relations_.size(); ++i) {
                now_ = &trial.relations[i];
                if (relations_[i].may_insert) {
                    put(relations_[i].name, tenant);
                }
            }
            if (canaries_.contains("ledger.entries")) {
                put_waiting_entry(session_, tenant);
            }
        }
    }
    void put(const std::string& table, const std::string& tenant) {
        std::string refusal;
        const auto canary = put_canary(session_, table, tenant, refusal);
        if (canary && tenant == own_) {
            canaries_.emplace(table, *canary);
        } else if (!canary && tenant == other_ && refusal.starts_with(kTwice)) {
            now_->crossings.push_back("a row of another tenant is told by its key: " + refusal);
        } else if (!canary) {
            now_->crossings.push_back("not tried, since no row could be put there: " + refusal);
        }
    }

    // A table that nobody who works as this role reads: not even its own tenant sees what it put there.
    void write_blindly(const std::string& table) {
        const auto known = canaries_.find(table);
        if (known == canaries_.end()) {
            return;
        }
        now_->canaries = 1;
        set_tenants(session_, own_);
        expect_refused("select from " + table, "read", {"its own tenant", own_});
        for (const auto& stranger : strangers_) {
            set_tenants(session_, stranger.setting);
            expect_refused("select from " + table, "read", stranger);
            expect_refused("delete from " + table, "deleted", stranger);
            expect_refused(known->second, "written", stranger);
            expect_refused(known->second + " on conflict do nothing", "written or told of", stranger);
        }
    }

    // A table: its rows by where they stand, which asks nothing of indexes.
    void reach_for(const Relation& table) {
        set_tenants(session_, own_);
        const auto rows =
            session_.exec("select ctid from " + table.name + " where tenant_id = " + session_.quote(own_));
        now_->canaries = static_cast<std::int64_t>(rows.size());
        const auto known = canaries_.find(table.name);
        if (rows.empty()) {
            if (known != canaries_.end()) {
                now_->crossings.emplace_back("a tenant doesn't see its own row");
            }
            return;
        }
        const std::string place = " where ctid = '" + std::string(rows[0][0].c_str()) + "'";
        for (const auto& stranger : strangers_) {
            set_tenants(session_, stranger.setting);
            expect_nothing("select from " + table.name + place, "read", stranger);
            expect_nothing("select from " + table.name + place + " for update", "locked", stranger);
            expect_nothing("update " + table.name + " set tenant_id = tenant_id" + place, "changed", stranger);
            expect_nothing("delete from " + table.name + place, "deleted", stranger);
            if (known != canaries_.end()) {
                expect_refused(known->second, "written", stranger);
                expect_refused(known->second + " on conflict do nothing", "written or told of", stranger);
            }
        }
        give_away(table.name);
        set_tenants(session_, own_ + "," + other_);
        ++now_->attempts;
        if (attempt(session_, "select from " + table.name + place).rows != 1) {
            now_->crossings.emplace_back("a transaction of both tenants doesn't see one's row");
        }
    }
    void expect_nothing(const std::string& sql, const char* what, const Identity& who) {
        ++now_->attempts;
        const auto done = attempt(session_, sql);
        if (done.rows != 0 || (!done.sqlstate.empty() && done.sqlstate != kRefused)) {
            cross(what, who, done);
        }
    }
    void expect_refused(const std::string& sql, const char* what, const Identity& who) {
        ++now_->attempts;
        const auto done = attempt(session_, sql);
        if (done.sqlstate != kRefused) {
            cross(what, who, done);
        }
    }
    void cross(const char* what, const Identity& who, const Attempt& done) {
        now_->crossings.push_back(std::string("a tenant's row is ") + what + " by " + who.name +
                                  (done.sqlstate.empty() ? "" : " (" + done.sqlstate + ")"));
    }
    void give_away(const std::string& table) {
        set_tenants(session_, other_);
        expect_nothing("update " + table + " set tenant_id = " + session_.quote(own_) +
                           " where tenant_id = " + session_.quote(other_),
                       "given away", {"its own tenant", other_});
    }

    void look_through(const std::string& view) {
        const auto rows = "select from " + view + " where tenant_id = " + session_.quote(own_);
        set_tenants(session_, own_);
        now_->canaries = attempt(session_, rows).rows;
        if (now_->canaries == 0) {
            now_->crossings.emplace_back("a tenant doesn't see its own rows");
        }
        for (const auto& stranger : {strangers_[0], strangers_[1]}) {
            set_tenants(session_, stranger.setting);
            expect_nothing(rows, "read", stranger);
        }
    }

    // Real rows, too: all that there are.
    void look_for_others(const std::string& relation) {
        auto lookers = real_;
        lookers.push_back(other_);
        for (const auto& tenant : lookers) {
            set_tenants(session_, tenant);
            expect_nothing(
                "select from " + relation + " where tenant_id is distinct from " + session_.quote(tenant) + " limit 1",
                "read", {tenant == other_ ? "another tenant" : "tenant " + tenant, tenant});
        }
        set_tenants(session_, "");
        expect_nothing("select from " + relation + " limit 1", "read", strangers_[0]);
    }

    pqxx::nontransaction& session_;
    std::string own_;
    std::string other_;
    std::vector<std::string> real_;
    std::vector<Identity> strangers_;
    std::vector<Relation> relations_;
    std::map<std::string, std::string> canaries_;  // what put those of own_ there, by table
    TriedRelation* now_ = nullptr;
};

}  // namespace

std::int64_t WallTrial::attempts() const {
    return std::accumulate(relations.begin(), relations.end(), std::int64_t{0},
                           [](auto sum, const auto& relation) { return sum + relation.attempts; });
}

bool WallTrial::holds() const {
    return breaches.empty() && std::all_of(relations.begin(), relations.end(),
                                           [](const auto& relation) { return relation.crossings.empty(); });
}

WallTrial try_walls(pqxx::nontransaction& session, const std::vector<TenantId>& tenants,
                    const TrialProgress& progress) {
    try {
        return Trial(session, tenants).run(progress);
    } catch (const std::logic_error&) {
        throw;
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
}

WallTrial try_walls(Database& database, const std::vector<TenantId>& tenants, const TrialProgress& progress) {
    database.check_reachable();
    auto loan = database.impl().pool.borrow();
    WallTrial trial;
    try {
        pqxx::nontransaction session(loan->get());
        session.exec("begin");
        trial = try_walls(session, tenants, progress);
        session.exec("rollback");
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
    loan.give_back();
    return trial;
}

}  // namespace core::db
