#include "ledger/charge_queue.h"

#include <string>

namespace ledger {
namespace {

core::db::GroupCommitOptions group_options(const ChargeQueueOptions& options) {
    core::db::GroupCommitOptions all{"charges"};
    all.batch_max = options.batch_max;
    all.queue_max = options.queue_max;
    return all;
}

std::string balance_of(const Charge& charge) {
    const auto& key = charge.balance();
    return key.tenant.text() + " " + std::string(key.currency.code()) + " " + key.account.name();
}

}  // namespace

ChargeQueue::ChargeQueue(core::db::Database& database, const core::Clock& clock, ChargeQueueOptions options)
    : database_(database),
      clock_(clock),
      queue_(
          group_options(options), [this](const std::vector<Charge>& charges) { return charge(charges); }, balance_of) {}

std::vector<ChargeAnswer> ChargeQueue::charge(const std::vector<Charge>& charges) {
    std::vector<core::TenantId> tenants;
    tenants.reserve(charges.size());
    for (const auto& one : charges) {
        tenants.push_back(one.usage().tenant);
    }
    core::db::TenantsTransaction transaction(database_, tenants);
    return with_standing(accounts_, [&](AccountsToOpen& accounts) {
        auto answers = ledger::charge(transaction, charges, clock_.now(), accounts);
        transaction.commit();
        return answers;
    });
}

}  // namespace ledger
