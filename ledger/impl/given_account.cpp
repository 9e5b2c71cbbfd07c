#include "ledger/given_account.h"

#include "audit/redact.h"
#include "core/crypto/random.h"

namespace ledger {

std::optional<Account> given_account(std::string name) {
    // Whether it is changed doesn't depend on the key.
    static const audit::Redactor redactor{core::KeyBytes(core::crypto::random_bytes(32))};
    auto account = Account::from_name(std::move(name));
    return account && redactor.redact(account->name()) == account->name() ? account : std::nullopt;
}

}  // namespace ledger
