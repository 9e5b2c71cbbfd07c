// The books as other programs read them: hledger's journal, beancount's, and CSV.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.h"

namespace ledger {

enum class ExportFormat { hledger, beancount, csv };
// By its name in lower case.
std::optional<ExportFormat> export_format(std::string_view name);

// Writes entry after entry, each text whole. Amounts are in major units with all of their currency's decimals (CSV: in
// minor units), debit above zero, credit below; names are those of the chart, of beancount as beancount_account() says.
class JournalExport {
public:
    JournalExport(ExportFormat format, const core::TenantId& tenant);

    // What comes before all entries.
    std::string head() const;
    // What stood on the accounts before `day`, as one entry of its own; zero balances are left out. Nothing when all
    // are.
    std::string opening(core::BusinessDay day, const std::vector<AccountBalance>& balances);
    // The entry, behind a declaration of each account that no entry before it had.
    std::string entry(const StoredEntry& entry);

private:
    std::string declarations(const std::vector<StoredLeg>& legs);
    std::string body(const StoredEntry& entry) const;

    ExportFormat format_;
    std::string tenant_;
    std::set<std::string> declared_;
};

// "payable:seller-1" as "Liabilities:Payable:Seller-D1", since beancount wants one of its five roots, words that begin
// with a capital or a digit, and no underscores: a hyphen becomes "-D", an underscore "-". No two accounts become one.
std::string beancount_account(std::string_view account);

}  // namespace ledger
