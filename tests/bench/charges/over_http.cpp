#include "tests/bench/charges/over_http.h"

#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"
#include "ledger/books.h"
#include "ledger/charges.h"
#include "server/api_keys.h"
#include "server/serve.h"
#include "tests/support/test_database.h"

namespace bench {
namespace {

const core::TenantId& tenant() {
    static const core::TenantId id("seller");
    return id;
}

constexpr const char* kConfiguration = R"([service]
listen = "127.0.0.1:0"
console = false

[database]
embedded = "postgres"

[secrets]
master_key = "file:master.key"

[nightly]
statements = "statements"
review_lists = "review"

[[tenant]]
id = "seller"
name = "Seller"
currency = "CNY"

[[tenant.plan]]
name = "api"
currency = "CNY"
prices = [ { event = "call", amount = 1 } ]
)";

std::filesystem::path configured(const std::filesystem::path& folder) {
    core::write_file(folder / "master.key", std::string(64, '7') + "\n", 0600);
    core::write_file(folder / "duizhang.toml", kConfiguration);
    return folder / "duizhang.toml";
}

std::string request_of(const std::string& key, const std::string& idempotency_key) {
    const std::string body = R"({"customer":"c-1","plan":"api"})";
    return "POST /v1/charges HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + key +
           "\r\nIdempotency-Key: " + idempotency_key +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

struct ChargesOverHttp::World {
    test_support::TestFolder folder;
    server::Application application{configured(folder.path())};
    core::SystemClock clock;
    server::Service service{application, clock};
    std::string key;
    std::int64_t sent = 0;

    World() {
        core::set_log_level(core::LogLevel::error);
        const auto made = server::make_api_key(tenant(), "", "shop", clock.now(), std::nullopt);
        core::db::TenantTransaction transaction(application.database(), tenant());
        server::store_api_key(transaction, made.key);
        const auto entry =
            ledger::top_up("bench", *ledger::Account::from_name("bank:main"), *ledger::prepaid_account("c-1"),
                           {core::kMinorMax, *core::Currency::from_code("CNY")}, "prepaid", clock.now());
        core::ensure(ledger::post(transaction, entry).has_value(), "the customer has prepaid");
        transaction.commit();
        key = made.text.reveal();
    }
};

ChargesOverHttp::ChargesOverHttp() : world_(std::make_unique<World>()) {}
ChargesOverHttp::~ChargesOverHttp() = default;

LoadResult ChargesOverHttp::charge(std::size_t connections, std::int64_t charges) {
    std::vector<std::string> requests;
    for (std::int64_t i = 0; i < charges; ++i) {
        requests.push_back(request_of(world_->key, "call-" + std::to_string(world_->sent + i)));
    }
    world_->sent += charges;
    LoadOptions options;
    options.port = world_->service.port();
    options.connections = connections;
    return send_all(requests, options);
}

bool ChargesOverHttp::books_are_right() {
    core::db::TenantTransaction transaction(world_->application.database(), tenant());
    core::db::take_time(transaction);
    std::int64_t income = 0;
    for (const auto& row : ledger::trial_balance(transaction)) {
        income += row.kind == "income" ? -row.balance_minor() : 0;
    }
    return income == world_->sent && ledger::verify(transaction).breaches.empty();
}

}  // namespace bench
