// What calls of the API leave in the trail: one record of each act, and of what was refused no more than a disk bears.
#include "audit/trail.h"
#include "server/api/refused_acts.h"
#include "server/api/route.h"
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class TrailOfCalls : public WithApi {
protected:
    TrailOfCalls() {
        world_.funds("payable:held", 1'000'000);
        (void)world_.key("accountant");
        (void)world_.key("reader");
        (void)news();
    }
    // "act object: outcome", the newest last.
    std::vector<std::string> news() {
        core::db::TenantTransaction transaction(world_.application().database(), core::TenantId(world_.tenant()));
        std::vector<std::string> found;
        for (const auto& one : audit::read_trail(transaction, {seen_, {}, {}}, 10'000)) {
            seen_ = one.record.number;
            found.push_back(one.record.act + " " + one.record.object + ": " + one.record.outcome);
            last_ = one.record;
        }
        return found;
    }
    std::vector<std::string> breaches() {
        core::db::TenantTransaction transaction(world_.application().database(), core::TenantId(world_.tenant()));
        return audit::verify_trail(transaction, {world_.application().tenants()->trail().key().public_key()}, {}).found;
    }

    std::int64_t seen_ = 0;
    audit::TrailRecord last_;
};

// Why a POST is no privileged act. By hand, so that a route that is new has to be thought of.
const std::map<std::string, std::string> kNotPrivileged = {
    {"/v1/orders", "what is to be paid, which the orders keep"},
    {"/v1/fulfilments", "what was delivered, which the fulfilments keep"},
    {"/v1/charges", "what was used, which the charges keep"},
    {"/v1/splits/{name}/preview", "books nothing"},
};

TEST_F(TrailOfCalls, IsAskedForOfEveryRouteThatChangesSomething) {
    for (const auto& route : api::routes()) {
        const bool is_listed = kNotPrivileged.contains(std::string(route.path));
        EXPECT_EQ(!route.act.empty(), route.method != "GET" && !is_listed) << route.method << " " << route.path;
    }
}

TEST_F(TrailOfCalls, HasOneRecordOfAnActHoweverOftenItIsAskedFor) {
    for (int i = 0; i < 3; ++i) {
        const auto held = world_.post("/v1/holds", "accountant", hold_json(7), "trail-hold");
        ASSERT_EQ(held.status, 201) << held.body;
    }
    EXPECT_THAT(news(), ElementsAre("hold.place POST /v1/holds: done"));
    EXPECT_THAT(last_.actor, StartsWith(world_.tenant() + "_"));
    EXPECT_EQ(last_.origin.substr(0, 4), "127.");
    EXPECT_THAT(last_.after, StartsWith(R"({"hold":)"));
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(TrailOfCalls, HasOneRecordOfAnEntryAndOfItsReversal) {
    for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(world_.post("/v1/entries", "accountant", entry_json(7), "trail-entry").status / 100, 2);
    }
    const auto posted = world_.post("/v1/entries", "accountant", entry_json(7), "trail-entry");
    const auto id = std::to_string(parsed(posted.body).integer_at("entry").value_or(0));
    EXPECT_THAT(news(), ElementsAre("entry.post entry " + id + ": done"));
    EXPECT_THAT(last_.after, StartsWith("{\"entries\":[" + id + "],\"requests_sha256\":\""));
    EXPECT_THAT(last_.actor, StartsWith(world_.tenant() + "_"));
    const auto path = "/v1/entries/" + id + "/reversal";
    ASSERT_EQ(world_.post(path, "accountant", R"({"description":"mistake"})", "trail-reversal").status, 201);
    // It stands: nothing is done by another call for it.
    ASSERT_EQ(world_.post(path, "accountant", R"({"description":"mistake"})", "trail-reversal-2").status, 200);
    EXPECT_THAT(news(), ElementsAre("entry.reverse entry " + id + ": done"));
    EXPECT_THAT(last_.after, StartsWith("{\"reversed\":[" + id + "],\"entries\":["));
    EXPECT_THAT(breaches(), IsEmpty());
}

// Many share commits: each is in one record, under who posted it.
TEST_F(TrailOfCalls, HasEachOfManyEntriesOnceUnderItsCaller) {
    constexpr int kEach = 40;
    const std::vector<std::string> keys = {world_.key("accountant"),
                                           std::string(world_.make_key("accountant", world_.tenant()).text.reveal())};
    std::vector<std::vector<std::int64_t>> posted(2 * keys.size());
    std::vector<std::thread> callers;
    for (std::size_t caller = 0; caller < posted.size(); ++caller) {
        callers.emplace_back([&, caller] {
            for (int i = 0; i < kEach; ++i) {
                const auto name = "trail-many-" + std::to_string(caller) + "-" + std::to_string(i);
                const auto answer =
                    world_.request("POST", "/v1/entries", keys[caller % keys.size()], entry_json(1), name);
                posted[caller].push_back(parsed(answer.body).integer_at("entry").value_or(0));
            }
        });
    }
    for (auto& caller : callers) {
        caller.join();
    }
    std::map<std::string, std::multiset<std::int64_t>> recorded;
    core::db::TenantTransaction transaction(world_.application().database(), core::TenantId(world_.tenant()));
    for (const auto& one : audit::read_trail(transaction, {seen_, "entry.post", {}}, 10'000)) {
        const auto after = parsed(one.record.after);
        for (const auto& entry : after.find("entries")->items()) {
            recorded[one.record.actor].insert(entry.integer().value_or(0));
        }
    }
    ASSERT_EQ(recorded.size(), keys.size());
    std::multiset<std::multiset<std::int64_t>> by_caller, expected;
    for (const auto& [actor, entries] : recorded) {
        by_caller.insert(entries);
    }
    for (std::size_t key = 0; key < keys.size(); ++key) {
        std::multiset<std::int64_t> all(posted[key].begin(), posted[key].end());
        all.insert(posted[key + keys.size()].begin(), posted[key + keys.size()].end());
        expected.insert(all);
    }
    EXPECT_EQ(by_caller, expected);
    transaction.commit();
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(TrailOfCalls, HasSealsInTheTransactionThatMakesThem) {
    ASSERT_EQ(world_.post("/v1/entries", "accountant", entry_json(9), "trail-to-seal").status, 201);
    (void)news();
    core::db::Connection owner(world_.application().owner_connection());
    pqxx::nontransaction session(owner.get());
    session.exec("alter table audit.trail rename to trail_away");
    const auto failed = world_.asked_once("POST", "/v1/seals", world_.key("accountant"), "{}", "trail-seal-1");
    session.exec("alter table audit.trail_away rename to trail");
    EXPECT_GE(failed.status, 500) << failed.body;
    const auto made = world_.post("/v1/seals", "accountant", "{}", "trail-seal-2");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_FALSE(parsed(made.body).find("seals")->items().empty()) << "none was made before";
    EXPECT_THAT(news(), ElementsAre("seal.make books: done"));
    EXPECT_THAT(last_.actor, StartsWith(world_.tenant() + "_"));
    ASSERT_EQ(world_.post("/v1/seals", "accountant", "{}", "trail-seal-3").status, 201);
    EXPECT_THAT(news(), IsEmpty()) << "nothing was there to seal";
}

// A close seals what was posted until then.
TEST_F(TrailOfCalls, HasACloseAndItsSeals) {
    const auto closed =
        world_.post("/v1/closes", "accountant", R"({"until":"2026-11-01","accept_open":"a test"})", "trail-close");
    ASSERT_EQ(closed.status, 201) << closed.body;
    const auto found = news();
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.back(), "period.close days until 2026-11-01: done");
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(TrailOfCalls, HasEntriesThatWereRefused) {
    ASSERT_EQ(world_.post("/v1/entries", "accountant", "{}", "trail-nothing").status, 400);
    EXPECT_THAT(news(), ElementsAre(StartsWith("entry.post POST /v1/entries: refused: ")));
    ASSERT_EQ(world_.post("/v1/entries", "accountant", entry_json(7)).status, 400);
    EXPECT_THAT(news(), ElementsAre(StartsWith("entry.post POST /v1/entries: refused: ")));
}

TEST_F(TrailOfCalls, HasWhatTheBooksRefused) {
    const auto refused = world_.post("/v1/holds", "accountant", hold_json(100'000'000), "trail-too-much");
    ASSERT_GE(refused.status, 400) << refused.body;
    EXPECT_THAT(news(), ElementsAre(StartsWith("hold.place POST /v1/holds: refused: ")));
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(TrailOfCalls, HasWhoeverTriedWhatTheirRoleMayNot) {
    const auto refused = world_.post("/v1/limits", "reader", "{}");
    ASSERT_EQ(refused.status, 403) << refused.body;
    EXPECT_THAT(news(), ElementsAre("limit.set POST /v1/limits: refused: the role reader may not do this"));
}

TEST_F(TrailOfCalls, HasOfKeysThatOpenNothingNoMoreThanADiskBears) {
    const auto tenants = world_.application().tenants();
    const core::TenantId tenant(world_.tenant());
    api::RefusedActs refused(world_.application().database());
    const auto start = api::RefusedActs::Time(std::chrono::hours(1));
    const auto note = [&](api::RefusedActs::Time at) {
        refused.note(*tenants, tenant, {"anybody", "10.0.0.1"},
                     {"api.call", "GET /v1/orders", "null", "null", "refused"}, world_.clock().now(), at);
    };
    for (int i = 0; i < api::RefusedActs::kAtOnce + 5; ++i) {
        note(start);
    }
    EXPECT_EQ(news().size(), static_cast<std::size_t>(api::RefusedActs::kAtOnce));
    note(start + api::RefusedActs::kOneEvery - std::chrono::milliseconds(1));
    EXPECT_THAT(news(), IsEmpty());
    note(start + api::RefusedActs::kOneEvery);
    EXPECT_EQ(news().size(), 1U);
    EXPECT_EQ(last_.after, R"({"left_out_before":6})");
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(TrailOfCalls, HasAKeyThatOpensNothing) {
    auto key = world_.key("accountant");
    key.back() = key.back() == 'A' ? 'B' : 'A';
    const auto answer = world_.request("GET", "/v1/orders", key);
    ASSERT_EQ(answer.status, 401) << answer.body;
    EXPECT_THAT(news(), ElementsAre("api.call GET /v1/orders: refused: this key opens nothing"));
    EXPECT_THAT(last_.actor, StartsWith("said to be key " + world_.tenant() + "_"));
}

TEST_F(TrailOfCalls, LetsNothingBeDoneThatCannotBeRecorded) {
    auto& database = world_.application();
    core::db::Connection owner(database.owner_connection());
    pqxx::nontransaction session(owner.get());
    session.exec("alter table audit.trail rename to trail_away");
    const auto held =
        world_.asked_once("POST", "/v1/holds", world_.key("accountant"), hold_json(7), "trail-unwritable");
    session.exec("alter table audit.trail_away rename to trail");
    EXPECT_GE(held.status, 500) << held.body;
    const auto list = world_.get("/v1/holds?key=trail-unwritable", "reader");
    EXPECT_EQ(parsed(list.body).find("data")->items().size(), 0U) << list.body;
    session.exec("alter table audit.trail rename to trail_away");
    const auto entry =
        world_.asked_once("POST", "/v1/entries", world_.key("accountant"), entry_json(7), "trail-unwritable-entry");
    session.exec("alter table audit.trail_away rename to trail");
    EXPECT_GE(entry.status, 500) << entry.body;
    EXPECT_EQ(world_.post("/v1/entries", "accountant", entry_json(7), "trail-unwritable-entry").status, 201)
        << "nothing was posted before";
    EXPECT_EQ(news().size(), 1U);
    EXPECT_THAT(news(), IsEmpty());
}

}  // namespace
}  // namespace server
