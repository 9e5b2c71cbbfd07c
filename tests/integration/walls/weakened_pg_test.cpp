// Each policy, option, grant, function and trigger is weakened in turn, in a transaction that is rolled back, and the
// check at the start has to notice every time.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "core/db/connection.h"
#include "core/db/walls.h"
#include "tests/integration/walls/weakened.h"
#include "tests/support/test_database.h"

namespace core::db {
namespace {

using test_support::TestDatabase;
using test_support::Weakening;

std::string listed(const std::vector<WallBreach>& breaches) {
    std::string text;
    for (const auto& breach : breaches) {
        text += breach.text() + "\n";
    }
    return text;
}

// What is mended by doing what the complaint says.
const std::set<std::string> kMendedByTheirRemedies = {"row security", "policy", "policy added", "grant",
                                                      "owner",        "rule",   "schema"};

class WeakenedWall : public testing::Test {
protected:
    static const TestDatabase& database() {
        static const TestDatabase made;
        return made;
    }
    std::vector<Weakening> all() {
        pqxx::work look(admin_.get());
        return test_support::weakenings(look);
    }
    static std::vector<WallBreach> found_by_the_service(pqxx::work& work) {
        work.exec("set local role duizhang_service");
        auto breaches = wall_breaches(work);
        work.exec("reset role");
        return breaches;
    }
    std::string complaints_about_good_walls() {
        pqxx::work work(admin_.get());
        return listed(found_by_the_service(work));
    }
    // True when it was noticed.
    bool try_out(const Weakening& weakening) {
        pqxx::work work(admin_.get());
        work.exec(weakening.sql);
        const auto breaches = found_by_the_service(work);
        EXPECT_FALSE(breaches.empty()) << weakening.sql;
        if (kMendedByTheirRemedies.contains(weakening.kind)) {
            for (const auto& breach : breaches) {
                if (breach.object != "database.url") {  // that remedy is in words
                    work.exec(breach.remedy);
                }
            }
            EXPECT_EQ(listed(found_by_the_service(work)), "") << weakening.sql << "\nand then\n" << listed(breaches);
        }
        return !breaches.empty();
    }

    Connection admin_{database().admin_connection()};
};

TEST_F(WeakenedWall, IsNoticedEveryTime) {
    ASSERT_EQ(complaints_about_good_walls(), "");
    const auto weakenings = all();
    std::map<std::string, int> noticed;
    std::size_t count = 0;
    for (const auto& weakening : weakenings) {
        try {
            if (try_out(weakening)) {
                ++count;
                ++noticed[weakening.kind];
            }
        } catch (const std::exception& failure) {
            ADD_FAILURE() << weakening.sql << ": " << failure.what();
        }
    }
    EXPECT_GE(count, 600U) << "the catalogue has more to weaken";
    std::cout << count << " of " << weakenings.size() << " noticed by the check at the start";
    for (const auto& [kind, times] : noticed) {
        std::cout << (kind == noticed.begin()->first ? ": " : ", ") << times << " " << kind;
    }
    std::cout << "\n";
    EXPECT_EQ(complaints_about_good_walls(), "") << "nothing is left of them";
}

}  // namespace
}  // namespace core::db
