// duizhang calendar show, check: with no configuration and no database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "tests/support/command.h"

namespace e2e {
namespace {

using test_support::duizhang;
using testing::AllOf;
using testing::HasSubstr;

class CalendarCommand : public testing::Test {
protected:
    test_support::Ran run(std::vector<std::string> words) const {
        words.insert(words.begin(), "calendar");
        return duizhang(folder_.path(), words);
    }

    test_support::TestFolder folder_;
};

TEST_F(CalendarCommand, ShowsAYearWithItsHolidaysAndWorkedWeekends) {
    const auto ran = run({"show", "--calendar", "CN", "--year", "2026"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("248 个工作日 business days"), HasSubstr("国办发明电〔2025〕7号")));
    EXPECT_THAT(ran.out, HasSubstr("\n  9  10  11  12  13  14+ 15*\n 16* 17* 18* 19* 20* 21* 22*\n 23* 24  25"));
    EXPECT_THAT(ran.out, HasSubstr("2026-02-14  调休上班 Worked"));
}

TEST_F(CalendarCommand, ChecksADay) {
    const auto ran = run({"check", "--calendar", "CN", "--date", "2026-09-30", "--plus", "2"});
    EXPECT_EQ(ran.out, "2026-09-30: 工作日 business day\n下一工作日 Next: 2026-10-08\nT+2: 2026-10-09\n");
    const auto told = run({"check", "--calendar", "US", "--date", "2026-11-26", "--json"});
    const auto json = core::json::parse(told.out);
    ASSERT_TRUE(json) << told.out;
    EXPECT_EQ(json->string_at("name"), "Thanksgiving Day");
    EXPECT_EQ(json->string_at("plus_day"), "2026-11-27");
}

TEST_F(CalendarCommand, SaysWhatItOnlyAssumes) {
    EXPECT_THAT(run({"check", "--calendar", "CN", "--date", "2026-12-31"}).out,
                HasSubstr("of 2027 only weekends are assumed"));
    EXPECT_THAT(run({"show", "--calendar", "CN", "--year", "2030"}).out,
                HasSubstr("CN speaks of 2024 to 2026: of 2030 only weekends are assumed"));
}

TEST_F(CalendarCommand, TakesAFileOfOnesOwnAndNamesWhatIsWrong) {
    const auto file = (folder_.path() / "own.toml").string();
    test_support::write_text(file,
                             "name = \"own\"\nzone = \"Asia/Tokyo\"\nsource = \"us\"\nfirst_year = 2026\nlast_year = "
                             "2026\nweekend = [\"sunday\"]\n",
                             0644);
    EXPECT_THAT(run({"check", "--file", file, "--date", "2026-11-21"}).out, HasSubstr("2026-11-21: 工作日"));
    EXPECT_EQ(run({"check", "--calendar", "XX", "--date", "2026-11-21"}).status, 2);
    EXPECT_EQ(run({"check", "--date", "2026-11-21"}).status, 2);
    EXPECT_EQ(run({"check", "--calendar", "CN", "--date", "2026-02-29"}).status, 2);
    EXPECT_EQ(run({"check", "--file", file + "x", "--date", "2026-11-21"}).status, 3);
}

}  // namespace
}  // namespace e2e
