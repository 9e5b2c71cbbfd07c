// A tenant's books on a real PostgreSQL, and sales to post in them.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/books.h"

namespace test_support {

class SellingBooks : public testing::Test {
protected:
    std::optional<core::EntryId> sale(const std::string& source_key, std::int64_t minor,
                                      const char* business_day = "2026-11-18", const std::string& group = "") {
        return books_.post(entry_head(source_key, group, business_day),
                           {{account("bank:main"), cny(minor)}, {account("income:sales"), cny(-minor)}});
    }

    // What the database does at one entry in 256.
    void enter_on_pages() const { enter_on_pages(books_); }
    static void enter_on_pages(const TenantBooks& books) {
        const auto tenant = "'" + books.tenant().text() + "'";
        books_test_database().administer_here("set session_replication_role = replica; set duizhang.tenant = " +
                                              tenant + "; select ledger.enter_on_pages(array[" + tenant + "])");
    }

    TenantBooks books_;
};

}  // namespace test_support
