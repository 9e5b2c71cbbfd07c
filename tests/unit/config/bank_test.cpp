#include <gmock/gmock.h>

#include "tests/unit/config/configuration.h"

namespace config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Banks : public Configuration {
protected:
    static std::string tenant(const std::string& banks) {
        return std::string(kBase) + "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n\n[tenant.wechatpay]\n\n" + banks;
    }
    static constexpr const char* kBank = R"([[tenant.bank]]
name = "main"
currency = "CNY"
number = "6222 0000 1234 5678"
format = "csv"

[tenant.bank.csv]
booked = "day"
credit = "in"
debit = "out"
date_format = "DD.MM.YYYY"
encoding = "gb18030"
separator = ";"

[[tenant.bank.settles]]
channel = "wechatpay"
contains = ["TENPAY"]
days = 2
told_by = "payouts"
since = "2026-11-01"
)";
    // Nothing; or what is wrong, in one line.
    std::string complaints(const std::string& banks) {
        const auto settings = load(tenant(banks));
        try {
            finish(settings);
        } catch (const core::UsageError& error) {
            return error.what();
        }
        return "";
    }
    static std::string with(const std::string& from, const std::string& to) {
        std::string text = kBank;
        const auto at = text.find(from);
        return at == std::string::npos ? throw std::logic_error(from) : text.replace(at, from.size(), to);
    }
};

TEST_F(Banks, AreReadWhole) {
    const auto settings = load(tenant(kBank));
    finish(settings);
    const auto* bank = settings.tenants.front().find_bank("main");
    ASSERT_NE(bank, nullptr);
    EXPECT_EQ(bank->number, "6222000012345678");
    EXPECT_EQ(bank->format, BankFormat::csv);
    EXPECT_EQ(bank->csv.credit, "in");
    EXPECT_EQ(bank->csv.date_format, "DD.MM.YYYY");
    EXPECT_TRUE(bank->csv.gb18030);
    EXPECT_EQ(bank->csv.separator, ';');
    ASSERT_EQ(bank->settlements.size(), 1U);
    EXPECT_EQ(bank->settlements[0].contains, std::vector<std::string>{"TENPAY"});
    EXPECT_EQ(bank->settlements[0].days, 2);
    EXPECT_TRUE(bank->settlements[0].told_by_payouts);
    EXPECT_EQ(bank->settlements[0].since, core::parse_day("2026-11-01"));
    EXPECT_EQ(settings.tenants.front().find_bank("other"), nullptr);
}

TEST_F(Banks, AreRefusedWithTheKey) {
    EXPECT_THAT(complaints(kBank), IsEmpty());
    EXPECT_THAT(complaints(with("name = \"main\"", "name = \"wechatpay\"")), HasSubstr("name: is a channel's"));
    EXPECT_THAT(complaints(with("6222 0000 1234 5678", "12")), HasSubstr("number: must be an IBAN"));
    EXPECT_THAT(complaints(with("\"csv\"\n", "\"mt940\"\n")), HasSubstr("csv: the table [tenant.bank.csv] belongs"));
    EXPECT_THAT(complaints(with("credit = \"in\"\n", "")), HasSubstr("amount: say amount, or credit and debit"));
    EXPECT_THAT(complaints(with("DD.MM.YYYY", "DD.MM.YY")), HasSubstr("date_format: must have YYYY, MM and DD"));
    EXPECT_THAT(complaints(with("channel = \"wechatpay\"", "channel = \"stripe\"")),
                HasSubstr("channel: is no payment channel of this tenant"));
    EXPECT_THAT(complaints(with("[\"TENPAY\"]", "[]")), HasSubstr("contains: says which texts"));
    EXPECT_THAT(complaints(with("\"payouts\"", "\"mail\"")), HasSubstr("told_by: must be"));
    EXPECT_THAT(complaints(std::string(kBank) + "\n" + kBank), HasSubstr("there are two banks called \"main\""));
    EXPECT_THAT(complaints(std::string(kBank) + "\n" + with("\"main\"", "\"second\"")),
                HasSubstr("wechatpay settles into \"main\" in this currency already"));
}

}  // namespace
}  // namespace config
