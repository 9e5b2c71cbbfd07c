#include "config/impl/bank.h"

#include <algorithm>
#include <set>
#include <utility>

#include "config/channel_calendar.h"
#include "config/impl/plan.h"

namespace config {
namespace {

constexpr std::size_t kNameMax = 32;
constexpr std::size_t kNumberMin = 4;
constexpr std::size_t kNumberMax = 34;

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= kNameMax && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

// As it is compared: "de89 3704" and "DE893704" are one.
std::string plain_number(const std::string& written) {
    std::string plain;
    for (const char c : written) {
        if (c != ' ' && c != '-') {
            plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return plain;
}

bool is_number(const std::string& number) {
    return number.size() >= kNumberMin && number.size() <= kNumberMax &&
           std::all_of(number.begin(), number.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.'; });
}

// Each part once, in any order, with what stands between them.
bool is_date_format(const std::string& format) {
    const auto once = [&](std::string_view part) {
        const auto at = format.find(part);
        return at != std::string::npos && format.find(part, at + 1) == std::string::npos;
    };
    return format.size() <= 16 && once("YYYY") && once("MM") && once("DD") &&
           format.find_first_not_of("YMD-/. ") == std::string::npos;
}

void read_csv_form(Section& section, BankCsv& csv) {
    csv.date_format = section.text("date_format").value_or(csv.date_format);
    if (!is_date_format(csv.date_format)) {
        section.complain("date_format", "must have YYYY, MM and DD once each, e.g. YYYY-MM-DD, YYYYMMDD or DD.MM.YYYY");
    }
    const auto sign = section.text("sign").value_or("credit");
    if (sign != "credit" && sign != "debit") {
        section.complain("sign", "must be \"credit\" or \"debit\": which amounts are above zero");
    }
    csv.credit_positive = sign == "credit";
    const auto order = section.text("order").value_or("oldest");
    if (order != "oldest" && order != "newest") {
        section.complain("order", "must be \"oldest\" or \"newest\": which entry stands first");
    }
    csv.newest_first = order == "newest";
    const auto encoding = section.text("encoding").value_or("utf-8");
    if (encoding != "utf-8" && encoding != "gb18030") {
        section.complain("encoding", "must be \"utf-8\" or \"gb18030\"");
    }
    csv.gb18030 = encoding == "gb18030";
    const auto separator = section.text("separator").value_or(",");
    if (separator != "," && separator != ";" && separator != "\t" && separator != "|") {
        section.complain("separator", "must be \",\", \";\", \"|\" or a tab");
    } else {
        csv.separator = separator.front();
    }
    csv.thousands = section.text("thousands").value_or("");
    if (!csv.thousands.empty() && csv.thousands != ",") {
        section.complain("thousands", "must be \",\", or left out");
    }
    csv.skip_lines = section.integer("skip_lines", 0, 1000).value_or(0);
}

BankCsv read_csv(Section section) {
    BankCsv csv;
    csv.booked = section.required_text("booked");
    for (const auto& [key, column] :
         {std::pair{"value", &csv.value}, std::pair{"amount", &csv.amount}, std::pair{"credit", &csv.credit},
          std::pair{"debit", &csv.debit}, std::pair{"balance", &csv.balance}, std::pair{"reference", &csv.reference},
          std::pair{"counterparty", &csv.counterparty}, std::pair{"description", &csv.description},
          std::pair{"account", &csv.account}}) {
        *column = section.text(key).value_or("");
    }
    const bool both = !csv.credit.empty() && !csv.debit.empty();
    const bool neither = csv.credit.empty() && csv.debit.empty();
    if (csv.amount.empty() ? !both : !neither) {
        section.complain("amount", "say amount, or credit and debit");
    }
    read_csv_form(section, csv);
    return csv;
}

BankSettlement read_settlement(Section& section, const std::vector<std::string>& channels) {
    BankSettlement settlement;
    settlement.channel = section.required_text("channel");
    if (std::find(channels.begin(), channels.end(), settlement.channel) == channels.end()) {
        section.complain("channel", "is no payment channel of this tenant");
    }
    for (const auto& item : section.list("contains")) {
        if (!item.text || item.text->empty()) {
            section.complain("contains", "its items must be texts that aren't empty");
        } else {
            settlement.contains.push_back(*item.text);
        }
    }
    if (settlement.contains.empty() && !section.complained()) {
        section.complain("contains", "says which texts tell this channel's settlements; at least one");
    }
    settlement.days = section.integer("days", 0, 30).value_or(1);
    const auto told = section.text("told_by").value_or("statements");
    if (told != "statements" && told != "payouts") {
        section.complain("told_by", "must be \"statements\" or \"payouts\"");
    }
    settlement.told_by_payouts = told == "payouts";
    if (const auto since = section.text("since")) {
        settlement.since = core::parse_day(*since);
        if (!settlement.since) {
            section.complain("since", "must be a day, YYYY-MM-DD");
        }
    }
    return settlement;
}

void read_settlements(Section& section, const std::vector<std::string>& channels, Bank& bank) {
    std::set<std::string> named;
    for (auto& item : section.tables("settles")) {
        auto settlement = read_settlement(item, channels);
        if (!named.insert(settlement.channel).second) {
            item.complain("channel", "settles here already; list all its texts in one \"contains\"");
        }
        bank.settlements.push_back(std::move(settlement));
    }
}

void read_format(Section& section, Bank& bank) {
    const auto format = section.text("format").value_or("camt.053");
    if (format == "mt940") {
        bank.format = BankFormat::mt940;
    } else if (format == "csv") {
        bank.format = BankFormat::csv;
    } else if (format != "camt.053") {
        section.complain("format", "must be \"camt.053\", \"mt940\" or \"csv\"");
    }
    auto csv = section.table("csv");
    if (csv) {
        bank.csv = read_csv(*csv);
    }
    if (csv.has_value() != (bank.format == BankFormat::csv)) {
        section.complain("csv", "the table [tenant.bank.csv] belongs to format = \"csv\", and that needs it");
    }
}

std::optional<Bank> read_bank(Section& section, const std::vector<std::string>& channels) {
    const auto name = section.required_text("name");
    if (!name.empty() && !is_name(name)) {
        section.complain("name", "must be 1 to 32 of a-z, 0-9, - and _");
    }
    const auto currency = read_currency(section, "currency");
    Bank bank{name, currency.value_or(*core::Currency::from_code("CNY"))};
    bank.number = plain_number(section.required_text("number"));
    if (!bank.number.empty() && !is_number(bank.number)) {
        section.complain("number", "must be an IBAN or account number of 4 to 34 letters and digits");
    }
    read_format(section, bank);
    read_settlements(section, channels, bank);
    bank.days = read_business_days(section);
    return currency ? std::optional(std::move(bank)) : std::nullopt;
}

}  // namespace

std::vector<Bank> read_banks(Section& tenant, const std::vector<std::string>& channels) {
    std::vector<Bank> banks;
    std::set<std::string> settled;
    for (auto& section : tenant.tables("bank")) {
        auto bank = read_bank(section, channels);
        if (!bank) {
            continue;
        }
        const bool is_channel = std::find(channels.begin(), channels.end(), bank->name) != channels.end();
        if (is_channel) {
            section.complain("name", "is a channel's: bank:" + bank->name + " is where payouts stand that it told of");
        }
        for (const auto& other : banks) {
            if (other.name == bank->name) {
                section.complain("name", "there are two banks called \"" + bank->name + "\"");
            }
            for (const auto& one : bank->settlements) {
                for (const auto& two : other.settlements) {
                    if (one.channel == two.channel && other.currency == bank->currency) {
                        section.complain("settles",
                                         one.channel + " settles into \"" + other.name + "\" in this currency already");
                    }
                }
            }
        }
        banks.push_back(*std::move(bank));
    }
    return banks;
}

}  // namespace config
