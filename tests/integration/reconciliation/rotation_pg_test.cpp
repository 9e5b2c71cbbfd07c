// A rotation that is killed at any moment leaves every file readable by exactly one key, and is finished by another.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "reconciliation/kept.h"
#include "tests/support/books.h"

namespace reconciliation {
namespace {

constexpr int kFiles = 100;

class Rotation : public testing::Test {
protected:
    Rotation() {
        for (int i = 0; i < kFiles; ++i) {
            books_.with(
                [&](auto& transaction) { (void)keep_statement(transaction, keys_, pack_statement(text_of(i)), now_); });
        }
    }

    static std::string text_of(int number) { return "statement " + std::to_string(number); }

    // A process that rotates again and again, a file a transaction, until it is killed.
    pid_t rotate_without_end() {
        const pid_t child = fork();
        if (child != 0) {
            return child;
        }
        core::db::Database database(test_support::books_test_database().service_options());
        while (true) {
            core::db::TenantTransaction transaction(database, books_.tenant());
            (void)keys_.rotate(transaction, core::keys::kStatementsPurpose, now_);
            transaction.commit();
            while (rewrap(database) > 0) {
            }
        }
    }

    std::int64_t rewrap(core::db::Database& database) {
        core::db::TenantTransaction transaction(database, books_.tenant());
        const auto count = rewrap_kept(transaction, keys_, 1, now_);
        transaction.commit();
        return count;
    }

    // How many of the tenant's data keys open what stands in the file's row.
    int keys_that_open(core::db::TenantTransaction& transaction, const std::vector<core::keys::KeyRecord>& records,
                       const std::string& sha256, const std::string& wrapped) {
        int count = 0;
        for (const auto& record : records) {
            const auto key = keys_.to_decrypt(transaction, record.number);
            const auto identity = "duizhang kept statement 2\n" + books_.tenant().text() + "\n" + sha256;
            count += core::crypto::unwrap_key(key.key, identity, wrapped) ? 1 : 0;
        }
        return count;
    }

    // How many were under a key that is retired.
    int expect_each_to_open_under_one_key() {
        core::db::TenantTransaction transaction(test_support::books_database(), books_.tenant());
        const auto records = core::keys::all_keys(transaction);
        const auto rows = test_support::books_test_database().administer_here(
            "select sha256, encode(wrapped_key, 'hex'), key_no from reconciliation.kept_statements where tenant_id = "
            "'" +
            books_.tenant().text() + "'");
        EXPECT_EQ(rows.size(), static_cast<std::size_t>(kFiles));
        int retired = 0;
        for (const auto& row : rows) {
            const auto wrapped = core::crypto::hex_decode(row[1].c_str()).value();
            EXPECT_EQ(keys_that_open(transaction, records, row[0].c_str(), wrapped), 1);
            retired += row[2].as<std::int64_t>() != records.back().number ? 1 : 0;
        }
        return retired;
    }

    void expect_all_to_be_read() {
        core::db::TenantTransaction transaction(test_support::books_database(), books_.tenant());
        for (int i = 0; i < kFiles; ++i) {
            std::string read;
            read_kept(transaction, keys_, core::crypto::sha256_hex(text_of(i)), {},
                      [&](std::string_view piece) { read += piece; });
            EXPECT_EQ(read, text_of(i));
        }
    }

    test_support::TenantBooks books_;
    core::keys::KeyRing keys_{core::KeyBytes(std::string(32, 'm')), core::keys::Environment::production};
    core::Instant now_ = test_support::instant("2026-11-23T09:00:00Z");
};

// DUIZHANG_ROTATION_KILLS=50 for the long version.
TEST_F(Rotation, KilledAtAnyMomentLeavesEveryFileUnderExactlyOneKey) {
    const char* asked = std::getenv("DUIZHANG_ROTATION_KILLS");  // NOLINT(concurrency-mt-unsafe): one thread
    const int kills = asked != nullptr ? std::atoi(asked) : 6;
    std::minstd_rand random(11);
    int half_done = 0;
    for (int round = 0; round < kills; ++round) {
        const pid_t child = rotate_without_end();
        std::this_thread::sleep_for(std::chrono::milliseconds(30 + random() % 120));
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
        half_done += expect_each_to_open_under_one_key() > 0 ? 1 : 0;
    }
    EXPECT_GT(half_done, 0) << "no kill came in the middle of a rotation";
    while (rewrap(test_support::books_database()) > 0) {
    }
    EXPECT_EQ(expect_each_to_open_under_one_key(), 0);
    expect_all_to_be_read();
    std::cout << kills << " kills, " << half_done << " of them in the middle of a rotation\n";
}

}  // namespace
}  // namespace reconciliation
