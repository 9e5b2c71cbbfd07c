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
    {"/v1/entries", "many a second, by programs; each is an entry of the journal"},
    {"/v1/entries/{id}/reversal", "likewise"},
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
    EXPECT_THAT(news(), IsEmpty());
}

}  // namespace
}  // namespace server
