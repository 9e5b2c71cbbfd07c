#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>

#include "core/db/database.h"
#include "core/failure.h"
#include "ledger/books.h"
#include "ledger/closing.h"
#include "ledger/seals.h"
#include "tests/bench/ledger/posting.h"

namespace bench {

std::vector<Look> close_books(const DatabaseNames& names, const Work& work) {
    (void)post_entries(names, work);
    core::db::Options options;
    options.connection = names.service;
    core::db::Database database(options);
    const core::TenantId tenant("bench");
    const core::SystemClock clock;
    const ledger::SealKey key{core::KeyBytes(std::string(32, 'k'))};
    std::vector<Look> looks;
    const auto timed = [&](const char* name, const std::function<void()>& look) {
        const auto begun = std::chrono::steady_clock::now();
        look();
        const auto took = std::chrono::steady_clock::now() - begun;
        looks.push_back({name, std::chrono::duration_cast<std::chrono::milliseconds>(took).count()});
    };
    const auto verified = [&](const std::function<std::vector<std::string>(core::db::TenantTransaction&)>& verify) {
        core::db::TenantTransaction transaction(database, tenant);
        core::db::take_time(transaction);
        const auto breaches = verify(transaction);
        if (!breaches.empty()) {
            throw std::runtime_error(breaches.front());
        }
    };
    const auto last_day =
        core::BusinessDay(date::floor<date::days>(core::Instant(std::chrono::seconds(1'795'000'000 + work.entries))));
    timed("verify", [&] { verified([](auto& transaction) { return ledger::verify(transaction).breaches; }); });
    timed("seal", [&] { (void)ledger::seal(database, tenant, key, clock); });
    timed("verify the seals",
          [&] { verified([&](auto& transaction) { return ledger::verify_seals(transaction, key.public_key()); }); });
    timed("close", [&] { (void)ledger::close(database, tenant, last_day, "", key, clock); });
    timed("verify the close",
          [&] { verified([&](auto& transaction) { return ledger::verify_closes(transaction, key.public_key()); }); });
    return looks;
}

}  // namespace bench
