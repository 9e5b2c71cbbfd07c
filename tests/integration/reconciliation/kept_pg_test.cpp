// Statements are kept once, encrypted under their tenant's key, and given back to the byte; keys go one way.
#include "reconciliation/kept.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "tests/support/books.h"

namespace reconciliation {
namespace {

using core::keys::Environment;
using core::keys::KeyRing;
using core::keys::KeyState;
using testing::HasSubstr;

core::KeyBytes master(char byte) { return core::KeyBytes(std::string(32, byte)); }

class Kept : public testing::Test {
protected:
    bool keep(const std::string& bytes) {
        return books_.with(
            [&](auto& transaction) { return keep_statement(transaction, keys_, pack_statement(bytes), now_); });
    }
    std::string read(const std::string& bytes, const ByteRange& range = {}) { return read_with(keys_, bytes, range); }
    std::string read_with(const KeyRing& keys, const std::string& bytes, const ByteRange& range = {}) {
        std::string all;
        books_.with([&](auto& transaction) {
            read_kept(transaction, keys, core::crypto::sha256_hex(bytes), range,
                      [&](std::string_view piece) { all += piece; });
        });
        return all;
    }
    template <typename Failure = core::InputError>
    std::string refusal(const std::function<void()>& act) {
        try {
            act();
        } catch (const Failure& refused) {
            return refused.what();
        }
        return "not refused";
    }
    std::int64_t rotate() {
        return books_.with(
            [&](auto& transaction) { return keys_.rotate(transaction, core::keys::kStatementsPurpose, now_); });
    }
    std::int64_t rewrap(std::int64_t count) {
        return books_.with([&](auto& transaction) { return rewrap_kept(transaction, keys_, count, now_); });
    }
    void destroy(std::int64_t number) {
        books_.with([&](auto& transaction) { core::keys::destroy_key(transaction, number, now_); });
    }
    std::vector<core::keys::KeyRecord> keys() {
        return books_.with([](auto& transaction) { return core::keys::all_keys(transaction); });
    }
    void administer(const std::string& sql) { (void)test_support::books_test_database().administer_here(sql); }

    test_support::TenantBooks books_;
    KeyRing keys_{master('m'), Environment::production};
    core::Instant now_ = test_support::instant("2026-11-23T09:00:00Z");
};

TEST_F(Kept, StatementsComeBackToTheByte) {
    for (const std::size_t size : {0UL, 1UL, 262'143UL, 262'144UL, 262'145UL, 1'000'000UL}) {
        std::string bytes(size, 'x');
        for (std::size_t at = 0; at < size; at += 7) {
            bytes[at] = static_cast<char>(at % 251);
        }
        EXPECT_TRUE(keep(bytes)) << size;
        EXPECT_EQ(read(bytes), bytes) << size;
    }
}

TEST_F(Kept, RangesAreThoseBytesOverBordersOfChunks) {
    std::string bytes(600'000, '.');
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        bytes[at] = static_cast<char>('a' + at % 23);
    }
    keep(bytes);
    for (const auto& [begin, length] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {0, 1}, {262'143, 2}, {262'144, 262'144}, {100'000, 450'000}, {599'999, 1}, {600'000, 0}}) {
        EXPECT_EQ(read(bytes, {begin, length}),
                  bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(length)));
    }
    EXPECT_THAT(refusal([&] { read(bytes, {599'999, 2}); }), HasSubstr("has 600000 bytes"));
    EXPECT_THAT(refusal([&] { read(bytes, {600'001, 0}); }), HasSubstr("has 600000 bytes"));
}

// By versions that didn't pack (before 0037_packed_statements): the same rows, with chunks as they are.
TEST_F(Kept, FilesFromBeforeTheyWerePackedAreReadAndRewrapped) {
    const std::string bytes = "kept as it was";
    const auto sha256 = core::crypto::sha256_hex(bytes);
    const auto identity = "duizhang kept statement 1\n" + books_.tenant().text() + "\n" + sha256;
    books_.with([&](auto& transaction) {
        const auto under = keys_.to_encrypt(transaction, core::keys::kStatementsPurpose, now_);
        const auto key = core::crypto::random_key();
        core::crypto::ChunkSealer sealer(key);
        const auto sealed = sealer.seal(bytes, identity, true);
        core::db::run(transaction,
                      "insert into reconciliation.kept_statements (tenant_id, sha256, byte_count, chunk_count, header,"
                      " wrapped_key, key_no, kept_at) values ($1, $2, $3, 1, decode($4, 'hex'), decode($5, 'hex'), $6,"
                      " now())",
                      books_.tenant().text(), sha256, static_cast<std::int64_t>(bytes.size()),
                      core::crypto::hex_encode(sealer.header()),
                      core::crypto::hex_encode(core::crypto::wrap_key(under.key, identity, key)), under.number);
        core::db::run(transaction,
                      "insert into reconciliation.kept_chunks (tenant_id, sha256, chunk_no, sealed)"
                      " values ($1, $2, 1, decode($3, 'hex'))",
                      books_.tenant().text(), sha256, core::crypto::hex_encode(sealed));
    });
    EXPECT_EQ(read(bytes), bytes);
    EXPECT_FALSE(keep(bytes)) << "it is kept already";
    rotate();
    EXPECT_EQ(rewrap(3), 1);
    EXPECT_EQ(read(bytes), bytes);
    std::string change = "update reconciliation.kept_statements set packing = 'zstd' where tenant_id = '";
    change.append(books_.tenant().text()).append("'");
    administer(change);
    EXPECT_THAT(refusal([&] { read(bytes); }), HasSubstr("changed the database"));
}

TEST_F(Kept, TheSameFileIsKeptOnce) {
    EXPECT_TRUE(keep("a statement"));
    EXPECT_FALSE(keep("a statement"));
}

TEST_F(Kept, NothingOfItStandsInTheDatabaseInClear) {
    keep("card 4242424242424242 of a statement");
    const auto rows = test_support::books_test_database().administer_here(
        "select count(*) from reconciliation.kept_chunks where tenant_id = '" + books_.tenant().text() +
        "' and position('4242424242424242'::bytea in sealed) > 0");
    EXPECT_EQ(rows[0][0].as<int>(), 0);
}

TEST_F(Kept, AnotherTenantHasNoneOfIt) {
    keep("a statement");
    const test_support::TenantBooks other;
    EXPECT_FALSE(other.with([&](auto& transaction) {
        return find_kept(transaction, core::crypto::sha256_hex("a statement")).has_value();
    }));
}

TEST_F(Kept, WhatWasChangedIsRefused) {
    keep(std::string(300'000, 's'));
    const auto where = " where tenant_id = '" + books_.tenant().text() + "'";
    const auto where_both =
        " where c.chunk_no = 2 and f.chunk_no = 1 and f.sha256 = c.sha256 and f.tenant_id = "
        "c.tenant_id and c.tenant_id = '" +
        books_.tenant().text() + "'";
    for (const std::string& change :
         {"update reconciliation.kept_chunks set sealed = set_byte(sealed, 5, get_byte(sealed, 5) # 1)" + where +
              " and chunk_no = 2",
          "update reconciliation.kept_chunks c set sealed = f.sealed from reconciliation.kept_chunks f" + where_both,
          "update reconciliation.kept_statements set chunk_count = 1" + where}) {
        administer(change);
        EXPECT_THAT(refusal([&] { read(std::string(300'000, 's')); }), HasSubstr("changed the database")) << change;
    }
}

TEST_F(Kept, RotationPutsEverythingUnderOneNewKeyInBatches) {
    for (int i = 0; i < 5; ++i) {
        keep("statement " + std::to_string(i));
    }
    EXPECT_EQ(rotate(), 2);
    keep("statement 5");
    EXPECT_EQ(read("statement 0"), "statement 0") << "a retired key decrypts";
    EXPECT_THAT(refusal([&] { destroy(1); }), HasSubstr("is in use"));

    EXPECT_EQ(rewrap(3), 3);
    EXPECT_EQ(rewrap(3), 2);
    EXPECT_EQ(rewrap(3), 0);

    destroy(1);
    ASSERT_EQ(keys().size(), 2U);
    EXPECT_EQ(keys()[0].state, KeyState::destroyed);
    EXPECT_EQ(keys()[1].state, KeyState::active);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(read("statement " + std::to_string(i)), "statement " + std::to_string(i));
    }
}

TEST_F(Kept, KeysAreDestroyedOnlyOnceTheyAreRetired) {
    keep("a statement");
    EXPECT_THAT(refusal([&] { destroy(1); }), HasSubstr("only a retired key"));
    EXPECT_THAT(refusal([&] { destroy(7); }), HasSubstr("only a retired key"));
    rotate();
    rewrap(10);
    destroy(1);
    EXPECT_THAT(refusal([&] { destroy(1); }), HasSubstr("only a retired key"));
    EXPECT_THAT(refusal([&] { books_.with([&](auto& transaction) { (void)keys_.to_decrypt(transaction, 1); }); }),
                HasSubstr("is destroyed"));
}

// A second writer is refused by the database, whatever it is.
TEST_F(Kept, RetiredKeysEncryptNothingAndNeverComeBack) {
    keep("a statement");
    rotate();
    const auto where = " where tenant_id = '" + books_.tenant().text() + "'";
    const auto refused = [&](const std::string& change) {
        try {
            administer(change);
        } catch (const pqxx::sql_error& error) {
            return std::string(error.what());
        }
        return std::string("not refused");
    };
    EXPECT_THAT(refused("update reconciliation.kept_statements set key_no = 1" + where),
                HasSubstr("a retired key encrypts nothing"));
    EXPECT_THAT(refused("update access.data_keys set state = 'active', retired_at = null" + where + " and key_no = 1"),
                HasSubstr("a key goes from active"));
    EXPECT_THAT(refused("update access.data_keys set environment = 'test'" + where),
                HasSubstr("a key goes from active"));
}

TEST_F(Kept, AKeyOfAnotherEnvironmentOrMasterKeyIsRefusedByTheSettingsName) {
    keep("a statement");
    const auto check = [&](const KeyRing& ring) {
        return refusal<core::UsageError>([&] { books_.with([&](auto& transaction) { ring.check(transaction); }); });
    };
    EXPECT_EQ(check(keys_), "not refused");
    EXPECT_THAT(check(KeyRing(master('m'), Environment::test)), HasSubstr("service.environment: is \"test\""));
    EXPECT_THAT(check(KeyRing(master('x'), Environment::production)),
                HasSubstr("secrets.master_key: its check value is"));
}

// Whoever owns the database can say of a test key that it is one of production; it opens nothing then.
TEST_F(Kept, TheEnvironmentIsPartOfWhatIsAuthenticated) {
    const KeyRing test(master('m'), Environment::test);
    books_.with([&](auto& transaction) { (void)test.to_encrypt(transaction, "statements", now_); });
    administer("alter table access.data_keys disable trigger data_keys_one_way");
    administer("update access.data_keys set environment = 'production' where tenant_id = '" + books_.tenant().text() +
               "'");
    administer("alter table access.data_keys enable trigger data_keys_one_way");
    EXPECT_THAT(refusal<core::UsageError>([&] { books_.with([&](auto& transaction) { keys_.check(transaction); }); }),
                HasSubstr("doesn't open"));
}

TEST_F(Kept, AnotherMasterKeyWrapsAllKeysAndMayBeStoppedAndTriedAgain) {
    keep("before");
    rotate();
    keep("after");
    const KeyRing both(master('n'), Environment::production, master('m'));
    EXPECT_EQ(read_with(both, "before"), "before") << "the service goes on meanwhile";
    EXPECT_EQ(books_.with([&](auto& transaction) { return both.rewrap(transaction); }), 2);
    EXPECT_EQ(books_.with([&](auto& transaction) { return both.rewrap(transaction); }), 0);
    const KeyRing next(master('n'), Environment::production);
    EXPECT_EQ(read_with(next, "before"), "before");
    EXPECT_EQ(read_with(next, "after"), "after");
    EXPECT_THAT(refusal<core::UsageError>([&] { read("after"); }), HasSubstr("secrets.master_key"));
}

}  // namespace
}  // namespace reconciliation
