#include "server/http/target.h"

#include <gtest/gtest.h>

namespace {

using server::http::read_target;

struct Good {
    const char* name;
    const char* target;
    const char* path;
    const char* query;
};

class TargetIsRead : public testing::TestWithParam<Good> {};

TEST_P(TargetIsRead, AsPathAndQuery) {
    const auto target = read_target(GetParam().target);
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, GetParam().path);
    EXPECT_EQ(target->query, GetParam().query);
}

INSTANTIATE_TEST_SUITE_P(
    , TargetIsRead,
    testing::Values(Good{"Root", "/", "/", ""}, Good{"Folders", "/a/b", "/a/b", ""},
                    Good{"SlashAtTheEnd", "/a/", "/a/", ""}, Good{"Query", "/a?b=c&d", "/a", "b=c&d"},
                    Good{"EmptyQuery", "/a?", "/a", ""}, Good{"QueryInQuery", "/a?b?c/../d", "/a", "b?c/../d"},
                    Good{"EscapesInQueryStay", "/?a=%00%2f", "/", "a=%00%2f"}, Good{"Blank", "/a%20b", "/a b", ""},
                    Good{"Utf8", "/%E5%af%B9", "/对", ""},
                    // Decoded once, not again: what comes out is data.
                    Good{"EscapedPercent", "/%252e%252e", "/%2e%2e", ""},
                    Good{"PunctuationThatStandsForItself", "/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@", ""},
                    Good{"ThreeDots", "/.../.a/a.", "/.../.a/a.", ""}),
    [](const auto& row) { return std::string(row.param.name); });

struct Bad {
    const char* name;
    std::string target;
};

class TargetIsRefused : public testing::TestWithParam<Bad> {};

TEST_P(TargetIsRefused, With400) {
    const auto target = read_target(GetParam().target);
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().status, 400);
}

INSTANTIATE_TEST_SUITE_P(
    , TargetIsRefused,
    testing::Values(Bad{"Empty", ""}, Bad{"AbsoluteForm", "http://a/b"}, Bad{"AuthorityForm", "a:80"},
                    Bad{"Asterisk", "*"}, Bad{"QueryAlone", "?a"}, Bad{"Up", "/a/../b"}, Bad{"UpAtTheEnd", "/a/.."},
                    Bad{"UpFirst", "/.."}, Bad{"UpEscaped", "/%2e%2E/a"}, Bad{"UpHalfEscaped", "/.%2e/a"},
                    Bad{"Dot", "/./a"}, Bad{"TwoSlashes", "//a"}, Bad{"TwoSlashesInside", "/a//b"},
                    Bad{"SlashEscaped", "/a%2Fb"}, Bad{"SlashEscapedSmall", "/a%2fb"},
                    Bad{"BackslashEscaped", "/a%5Cb"}, Bad{"Backslash", "/a\\b"}, Bad{"NulEscaped", "/a%00"},
                    Bad{"LineEndEscaped", "/a%0d%0aX"}, Bad{"DeleteEscaped", "/%7f"}, Bad{"EscapeCutShort", "/a%2"},
                    Bad{"PercentAlone", "/a%"}, Bad{"EscapeThatIsNone", "/%zz"}, Bad{"EscapeWithSign", "/%+1"},
                    Bad{"Fragment", "/a#b"}, Bad{"FragmentInQuery", "/a?b#c"}, Bad{"InvalidUtf8", "/%ff"},
                    Bad{"OverlongSlash", "/%c0%af"}, Bad{"Quote", "/a\"b"}, Bad{"Angle", "/<a>"},
                    Bad{"BeyondAscii", "/\xe5\xaf\xb9"}, Bad{"ControlInQuery", "/a?\x01"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
