#include "audit/verifier/payouts.h"

#include <map>
#include <optional>
#include <set>

namespace verifier {
namespace {

constexpr const char* kPayouts = R"(
select payout_id, payout_key, party_account, bank_account, currency, amount_minor, proposed_by
from ledger.payouts where tenant_id = $1 order by payout_id)";

// In the order taken, each with what its entry says.
constexpr const char* kSteps = R"(
select s.payout_id, s.step_no, s.state_before, s.state, s.proposed_by, s.amount_minor, s.done_by, s.owed_minor,
       s.entry_id, e.source_key, array_to_string(e.leg_accounts, ' '), array_to_string(e.leg_currencies, ' '),
       array_to_string(e.leg_amounts, ' ')
from ledger.payout_steps s left join ledger.entries e on e.tenant_id = $1 and e.entry_id = s.entry_id
where s.tenant_id = $1 order by s.payout_id, s.step_no)";

constexpr const char* kEntriesOfNone = R"(
select e.entry_id from ledger.entries e
where e.tenant_id = $1 and e.event = 'party_payout'
  and not exists (select from ledger.payout_steps s where s.tenant_id = $1 and s.entry_id = e.entry_id)
order by 1)";

// All that was ever owed to a party, whatever was taken from it otherwise: what came back from payouts is no more owed
// than it was before.
constexpr const char* kEverOwed = R"(
select l.account, l.currency, sum(-l.amount)::bigint
from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
where e.tenant_id = $1 and e.event <> 'party_payout' and l.amount < 0 and l.account like 'payable:%'
group by 1, 2)";

struct Payout {
    std::string key, party, bank, currency, proposed_by;
    std::int64_t amount = 0;
    std::string state = "proposed";
    std::int64_t steps = 0;
};

struct Move {
    std::string debited, credited;
};

// What a step books; nothing for one that books nothing.
std::optional<Move> move_of(const Payout& payout, const std::string& state) {
    const auto transit = "transit:payout:" + payout.bank.substr(payout.bank.find(':') + 1);
    if (state == "approved") {
        return Move{payout.party, transit};
    }
    if (state == "confirmed") {
        return Move{transit, payout.bank};
    }
    if (state == "returned") {
        return Move{payout.bank, payout.party};
    }
    if (state == "failed" || (state == "rejected" && payout.state == "approved")) {
        return Move{transit, payout.party};
    }
    return std::nullopt;
}

bool is_life(const std::string& before, const std::string& after) {
    static const std::set<std::string> all = {"proposed approved", "proposed rejected", "approved rejected",
                                              "approved sent",     "sent confirmed",    "sent failed",
                                              "confirmed returned"};
    return all.contains(before + " " + after);
}

// What is wrong with the step of a row, which follows what `payout` says; empty when nothing is.
std::string complaint(const Payout& payout, const Row& row) {
    const auto state = row.text(3);
    if (row.number(1) != payout.steps + 1 || row.text(2) != payout.state || !is_life(payout.state, state)) {
        return "is " + payout.state + " and was then " + state + ", which its life does not allow";
    }
    if (row.text(4) != payout.proposed_by || row.number(5) != payout.amount) {
        return "is not what its steps say: who proposed it, or how much it is of";
    }
    if (state == "approved" && row.text(6) == payout.proposed_by) {
        return "was approved by who proposed it";
    }
    if (state == "approved" && row.number(7) < payout.amount) {
        return "was approved when less was owed";
    }
    const auto move = move_of(payout, state);
    if (!move) {
        return row.is_null(8) ? "" : "was booked as " + state + " by entry " + row.text(8) + ", and nothing moves then";
    }
    const auto amount = std::to_string(payout.amount);
    if (row.text(9) != "payout:" + state + ":" + payout.key || row.text(10) != move->debited + " " + move->credited ||
        row.text(11) != payout.currency + " " + payout.currency || row.text(12) != amount + " -" + amount) {
        return "was " + state + ", and " +
               (row.is_null(8) ? "no entry books it" : "entry " + row.text(8) + " does not book that");
    }
    return {};
}

}  // namespace

void check_payouts(Snapshot& snapshot, const std::string& tenant, Findings& findings) {
    std::map<std::string, Payout> payouts;
    snapshot.each(kPayouts, {tenant}, [&](const Row& row) {
        payouts[row.text(0)] = {row.text(1), row.text(2), row.text(3), row.text(4), row.text(6), row.number(5)};
    });
    std::set<std::string> named;  // once each: what follows a wrong step is wrong by that
    snapshot.each(kSteps, {tenant}, [&](const Row& row) {
        const auto id = row.text(0);
        const auto found = payouts.find(id);
        const auto wrong = found == payouts.end() ? "has steps and is not there" : complaint(found->second, row);
        if (!wrong.empty() && named.insert(id).second) {
            findings.add(tenant, "payout " + id, wrong);
        }
        if (found != payouts.end()) {
            found->second.state = row.text(3);
            ++found->second.steps;
        }
    });
    snapshot.each(kEntriesOfNone, {tenant}, [&](const Row& row) {
        findings.add(tenant, "entry " + row.text(0), "books a step of a payout that is not there");
    });

    std::map<std::pair<std::string, std::string>, std::int64_t> left;
    snapshot.each(kEverOwed, {tenant}, [&](const Row& row) { left[{row.text(0), row.text(1)}] = row.number(2); });
    for (const auto& [id, payout] : payouts) {
        if (payout.state == "approved" || payout.state == "sent" || payout.state == "confirmed") {
            left[{payout.party, payout.currency}] -= payout.amount;
        }
    }
    for (const auto& [account, minor] : left) {
        if (minor < 0) {
            findings.add(tenant, "account " + account.first + " in " + account.second,
                         "was paid " + std::to_string(-minor) + " more than was ever owed on it");
        }
    }
}

}  // namespace verifier
