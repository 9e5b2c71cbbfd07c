// What is known of the walls without a database: the migrations' own text, and the list of rights.
#include "core/db/wall_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/db/service_rights.h"

namespace core::db {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

SchemaTexts texts_of(std::string_view sql) { return schema_texts({{1, "0001_first", sql}}); }

TEST(SchemaTexts, HaveTheBodiesOfFunctions) {
    const auto texts = texts_of(
        "-- create function ledger.in_a_comment() returns int language sql as $$ select 0 $$;\n"
        "CREATE FUNCTION ledger.one() returns int language sql as $body$ select ';$$' $body$;\n"
        "comment on function ledger.one() is 'create function ledger.quoted() ;';\n"
        "create or replace function ledger.one() returns int language sql as $$ select 1; $$;"
        "create function ledger.two(a int) returns int language sql return 2;"
        "create function ledger.gone() returns int language sql as $$ select 3 $$; drop function if exists "
        "ledger.gone()");
    EXPECT_THAT(texts.functions,
                ElementsAre(Pair("ledger.one", ElementsAre(" select 1; ")), Pair("ledger.two", ElementsAre(""))));
}

TEST(SchemaTexts, HaveTheTriggersThatAreLeft) {
    const std::string made =
        "create trigger kept before update or delete on ledger.a for each row execute function ledger.refuse();"
        "create trigger gone after insert on ledger.a for each statement execute function ledger.refuse();"
        "create trigger lost after insert on ledger.b execute function ledger.refuse();";
    const auto texts =
        texts_of(made + "drop trigger gone on ledger.a; alter table ledger.a rename to c; drop table ledger.b;");
    EXPECT_THAT(texts.triggers, ElementsAre(Pair("ledger.c kept", "before row update delete execute ledger.refuse")));
    EXPECT_THAT(texts_of(made + "drop table ledger.a, ledger.b;").triggers, IsEmpty());
}

TEST(SchemaTexts, AreNeverEmptyForTheProductsOwn) {
    const auto texts = schema_texts(migrations());
    EXPECT_TRUE(texts.functions.contains("core.tenants"));
    EXPECT_TRUE(texts.triggers.contains("ledger.entries entries_to_legs"));
    EXPECT_FALSE(texts.functions.contains("ledger.check_new_legs")) << "it was dropped";
    EXPECT_FALSE(texts.triggers.contains("ledger.legs legs_balance")) << "its table is gone";
}

TEST(TriggersPurpose, IsTheSameHoweverItIsWritten) {
    const auto as_written = trigger_purpose(
        "create trigger t before update or delete on a.b for each row when (old.x is not null and (new.x, new.y) is"
        " distinct from (old.x, old.y)) execute function a.f()");
    EXPECT_EQ(as_written,
              trigger_purpose("CREATE TRIGGER t BEFORE DELETE OR UPDATE ON a.b FOR EACH ROW WHEN ((old.x IS NOT"
                              " NULL) AND (old.x IS DISTINCT FROM new.x OR (old.y IS DISTINCT FROM new.y)))"
                              " EXECUTE FUNCTION a.f()"));
    EXPECT_NE(as_written, trigger_purpose("create trigger t before update or delete on a.b for each row when (false)"
                                          " execute function a.f()"));
    EXPECT_NE(as_written, trigger_purpose("create trigger t before update or delete on a.b for each row"
                                          " execute function a.f()"));
}

TEST(ServiceNeeds, ToReadAndAddUnlessTheListSaysOtherwise) {
    EXPECT_TRUE(service_needs({'r', "ledger.anything_new", "", "SELECT"}));
    EXPECT_TRUE(service_needs({'r', "ledger.anything_new", "", "INSERT"}));
    for (const char* more : {"UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}) {
        EXPECT_FALSE(service_needs({'r', "ledger.anything_new", "", more})) << more;
    }
    EXPECT_FALSE(service_needs({'r', "ledger.pages", "", "INSERT"}));
    EXPECT_TRUE(service_needs({'r', "payments.inbox", "deliveries", "UPDATE"}));
    EXPECT_FALSE(service_needs({'r', "payments.inbox", "", "UPDATE"}));
    EXPECT_FALSE(service_needs({'r', "payments.inbox", "tenant_id", "UPDATE"}));
    EXPECT_FALSE(service_needs({'v', "ledger.legs", "", "UPDATE"}));
    EXPECT_FALSE(service_needs({'S', "ledger.entries_entry_id_seq", "", "UPDATE"}));
    EXPECT_FALSE(service_needs({'n', "ledger", "", "CREATE"}));
    EXPECT_FALSE(service_needs({'f', "ledger.enter_legs()", "", "EXECUTE"}));
}

}  // namespace
}  // namespace core::db
