// What must not compile: each snippet is handed to the compiler this test was built with.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include "core/files.h"

namespace core {
namespace {

namespace fs = std::filesystem;

struct Snippet {
    const char* name;
    const char* code;
};

// The parts of a program that all snippets share; what is tested is the last line alone.
std::string program(const char* code) {
    return "#include <ostream>\n"
           "#include \"core/ids.h\"\n"
           "#include \"core/json/writer.h\"\n"
           "#include \"core/money.h\"\n"
           "#include \"core/secret.h\"\n"
           "using namespace core;\n"
           "void takes_tenant(const TenantId&);\n"
           "void takes_entry(EntryId);\n"
           "void snippet(Currency cny, Money money, MerchantOrderId order, MovementId movement, KeyBytes& key,\n"
           "             KeyBytes& other, CardNumber& card, std::ostream& out, json::Writer& writer, double d) {\n"
           "    " +
           std::string(code) + "\n}\n";
}

bool compiles(const char* code) {
    std::string pattern = (fs::temp_directory_path() / "duizhang-compile-XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    write_file(folder / "snippet.cpp", program(code));
    const std::string command = std::string(DUIZHANG_CXX_COMPILER) + " -std=c++20 -fsyntax-only -I'" +
                                DUIZHANG_SOURCE_DIR + "' '" + (folder / "snippet.cpp").string() + "' 2>/dev/null";
    const int status = std::system(command.c_str());  // NOLINT(cert-env33-c): the build's own compiler
    fs::remove_all(folder);
    EXPECT_TRUE(WIFEXITED(status));
    return status == 0;
}

// The right way beside every wrong one, in one program: were it not to compile, the refusals below would mean nothing.
TEST(CompilerControl, IsAccepted) {
    EXPECT_TRUE(
        compiles("Money made(5, cny); auto sum = money.plus(made); (void)sum; bool same = made == money; (void)same;\n"
                 "takes_tenant(TenantId(\"acme\")); takes_entry(EntryId(7)); KeyBytes moved = std::move(key);\n"
                 "KeyBytes copy = other.duplicate(); (void)copy; out << card.reveal().size() << order.text()\n"
                 "<< movement.number(); writer.value(5).value(money); (void)d;"));
}

class Compiler : public testing::TestWithParam<Snippet> {};

TEST_P(Compiler, Refuses) { EXPECT_FALSE(compiles(GetParam().code)) << GetParam().code; }

INSTANTIATE_TEST_SUITE_P(
    , Compiler,
    testing::Values(
        Snippet{"MoneyFromDouble", "Money made(12.5, cny); (void)made;"},
        Snippet{"MoneyFromDoubleVariable", "Money made{d, cny}; (void)made;"},
        Snippet{"MoneyFromFloat", "Money made(1.0F, cny); (void)made;"},
        Snippet{"MoneyFromBool", "Money made(true, cny); (void)made;"},
        Snippet{"MoneyFromUnsigned64", "Money made(std::uint64_t{5}, cny); (void)made;"},
        Snippet{"MoneyWithoutCurrency", "Money made(5); (void)made;"},
        Snippet{"MoneyPlusInt", "auto sum = money + 1; (void)sum;"},
        Snippet{"MoneyPlusMoney", "auto sum = money + money; (void)sum;"},
        Snippet{"MoneyTimesDouble", "auto part = money * 0.5; (void)part;"},
        Snippet{"MoneyAsInt", "std::int64_t minor = money; (void)minor;"},
        Snippet{"MoneyLess", "bool less = money < money; (void)less;"},
        Snippet{"OrderForTenant", "takes_tenant(order);"}, Snippet{"TextForTenant", "takes_tenant(\"acme\");"},
        Snippet{"StringForTenant", "takes_tenant(std::string(\"acme\"));"},
        Snippet{"MovementForEntry", "takes_entry(movement);"}, Snippet{"NumberForEntry", "takes_entry(7);"},
        Snippet{"IdsOfTwoKindsCompared", "bool same = order == TenantId(\"x\"); (void)same;"},
        Snippet{"IdAsText", "std::string text = order; (void)text;"},
        Snippet{"SecretCopied", "KeyBytes copy = key; (void)copy;"}, Snippet{"SecretAssigned", "key = other;"},
        Snippet{"SecretPrinted", "out << key;"}, Snippet{"CardPrinted", "out << card;"},
        Snippet{"SecretCompared", "bool same = key == other; (void)same;"},
        Snippet{"SecretUnequal", "bool differs = key != other; (void)differs;"},
        Snippet{"SecretAsText", "std::string_view text = key; (void)text;"},
        Snippet{"SecretOfAnotherKind", "KeyBytes made(std::move(card)); (void)made;"},
        Snippet{"SecretFromText", "key = std::string(\"x\");"}, Snippet{"JsonDouble", "writer.value(1.5);"},
        Snippet{"JsonFloat", "writer.value(1.5F);"}, Snippet{"JsonDoubleMember", "writer.member(\"amount\", d);"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace core
