// Payouts 付款: what is paid to a party, from the proposal to the bank's word.
//
//     proposed -> approved -> sent -> confirmed -> returned
//         |          |          |
//         +-> rejected <-+      +-> failed
//
// What always holds (the database holds O1 to O5 once more, migrations 0019, 0025):
//   O1  A payout never changes. Each step of its life is kept: who took it, when and why. No step is taken twice, and
//       none that the state before doesn't allow.
//   O2  Who approves is not who proposed.
//   O3  Approved is at most what is available to the party (posted less held), asked under its account's lock. From
//       then on it stands on transit:payout:BANK, so that it isn't promised again: what stands there is approved or
//       sent, and neither confirmed nor failed.
//   O4  The entry of a step is committed with it. What is rejected after its approval, fails or is returned is owed
//       again, by an entry of its own.
//   O5  With its approval a payout gets a request key, which whoever tells the bank to pay sends along: the same for
//       ever, so that a request that is sent again is the same request, and no other payout of the tenant has it.
//   O6  A key pays once: asking for the same again changes nothing and says what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ledger/books.h"

namespace ledger {

enum class PayoutState { proposed, approved, rejected, sent, confirmed, failed, returned };
std::string_view name_of(PayoutState state);
std::optional<PayoutState> payout_state_from_name(std::string_view name);

struct NewPayout {
    std::string key;          // natural key: the same payout is proposed once
    Account party;            // payable:PARTY
    Account bank;             // bank:NAME, out of which it is paid
    core::Money amount;       // from 1 to core::kMinorMax
    std::string description;  // for people; no card data
};

struct PayoutStep {
    PayoutState state;
    std::string by;
    core::Instant at;
    std::string reason;
    std::optional<core::EntryId> entry;
    std::string request_key = {};  // of an approval: 64 hex digits; empty of those before there were keys
};

struct Payout {
    std::int64_t number;
    NewPayout what;
    std::vector<PayoutStep> steps;  // in the order taken; the first is the proposal

    PayoutState state() const { return steps.back().state; }
    const std::string& proposed_by() const { return steps.front().by; }
    // Empty until it is approved.
    std::string request_key() const;
    // The request key's first 32 digits: an EndToEndId of ISO 20022 has 35 characters.
    std::string end_to_end_id() const { return request_key().substr(0, 32); }
};

// Where the money of payouts is that are on their way out of the bank's account.
Account payouts_in_transit(const Account& bank);

struct PayoutAnswer {
    Payout payout;
    bool already = false;  // it was so before
};

enum class PayoutError {
    insufficient,  // less is available to the party, or is left of it by other proposals
    key_taken,     // a payout of this key says something else
    unknown,       // no payout of this key
    not_allowed,   // from the state it is in
    same_person,   // approved by who proposed it
};
struct PayoutRefusal {
    PayoutError reason;
    std::optional<Payout> payout;  // the one that stands
    std::int64_t left_minor = 0;   // for insufficient
    // In words, with numbers and no texts of others.
    std::string describe() const;
};
using PayoutResult = core::Result<PayoutAnswer, PayoutRefusal>;

// Both inside the caller's transaction, which does nothing else with the party's account (limits.h, L2).
//
// Refused when it is more than is available less what others propose already.
PayoutResult propose_payout(core::db::TenantTransaction& transaction, const NewPayout& asked, const std::string& by,
                            core::Instant now);
struct NextStep {
    PayoutState state;  // not `proposed`
    std::string by;
    std::string reason;
};
// Takes the step; its entry is dated `day`, or on the first open day.
PayoutResult take_step(core::db::TenantTransaction& transaction, const std::string& key, const NextStep& step,
                       core::Instant now, core::BusinessDay day);

// Proposes what was owed to a party at the end of a day and is not paid or proposed since, under a key of the day and
// the party: doing so again changes nothing.
struct ProposeAll {
    core::BusinessDay until;
    Account bank;
    std::int64_t least_minor = 1;  // what is less waits for the next time
    std::string description;
    std::string by;
};
// Nothing for what is less. In a transaction for each party.
std::optional<PayoutAnswer> propose_owed(core::db::TenantTransaction& transaction, const ProposeAll& all,
                                         const Account& party, core::Currency currency, core::Instant now);

struct OwedParty {
    Account party;
    core::Currency currency;
};
// Whom anything was owed at the end of the day.
std::vector<OwedParty> owed_parties(core::db::TenantTransaction& transaction, core::BusinessDay until);

std::optional<Payout> find_payout(core::db::TenantTransaction& transaction, const std::string& key);
std::optional<Payout> find_payout(core::db::TenantTransaction& transaction, std::int64_t number);

struct PayoutsWanted {
    std::string party;  // an account; all when empty
    std::optional<PayoutState> state{};
    std::optional<std::int64_t> before{};  // the number of the last of the page before
    std::int64_t limit = 1000;
};
// The latest first.
std::vector<Payout> payouts(core::db::TenantTransaction& transaction, const PayoutsWanted& wanted);

}  // namespace ledger
