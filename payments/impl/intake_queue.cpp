#include "payments/intake_queue.h"

namespace payments {
namespace {

constexpr int kAttemptsAtALock = 5;

}  // namespace

IntakeQueue::IntakeQueue(core::db::Database& database, const IntakeOptions& options)
    : database_(database),
      queue_({"callbacks", options.writers, options.batch_max, options.queue_max, kAttemptsAtALock, options.standstill},
             [this](const std::vector<Heard>& heard) { return take_in(heard); }) {}

std::vector<IntakeOutcome> IntakeQueue::take_in(const std::vector<Heard>& heard) {
    std::vector<core::TenantId> tenants;
    tenants.reserve(heard.size());
    for (const auto& one : heard) {
        tenants.push_back(one.tenant);
    }
    core::db::TenantsTransaction transaction(database_, tenants);
    return ledger::with_standing(accounts_, [&](ledger::AccountsToOpen& accounts) {
        auto outcomes = payments::take_in(transaction, heard, accounts);
        transaction.commit();
        return outcomes;
    });
}

}  // namespace payments
