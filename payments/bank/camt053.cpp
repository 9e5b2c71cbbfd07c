#include <expat.h>

#include <algorithm>
#include <memory>

#include "core/failure.h"
#include "payments/bank/formats.h"

namespace payments::bank {
namespace {

constexpr std::size_t kDepthMax = 40;
constexpr std::size_t kValueBytesMax = 64U << 10U;
constexpr char kSeparator = ' ';  // between an element's namespace and its name; neither may hold it
constexpr std::string_view kNamespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";
constexpr std::string_view kStatement = "Document/BkToCstmrStmt/Stmt";
constexpr const char* kFetchAgain = "fetch the statement from the bank again";

// What of an entry is known before it ends.
struct PendingEntry {
    Entry entry;
    std::string amount, direction, status, own_reference, transaction_reference, end_to_end, debtor, creditor, details;
};

struct PendingBalance {
    std::string kind, amount, direction, day;
};

class Camt {
public:
    explicit Camt(const Context& context) : context_(context), parser_(XML_ParserCreateNS(nullptr, kSeparator)) {
        core::ensure(parser_ != nullptr, "an XML parser can be made");
        XML_SetUserData(parser_.get(), this);
        XML_SetElementHandler(
            parser_.get(),
            [](void* self, const XML_Char* name, const XML_Char** attributes) {
                static_cast<Camt*>(self)->begin(name, attributes);
            },
            [](void* self, const XML_Char*) { static_cast<Camt*>(self)->end(); });
        XML_SetCharacterDataHandler(parser_.get(), [](void* self, const XML_Char* text, int size) {
            static_cast<Camt*>(self)->characters({text, static_cast<std::size_t>(size)});
        });
        XML_SetStartDoctypeDeclHandler(
            parser_.get(), [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
                static_cast<Camt*>(self)->refuse("", "has a document type, which could define entities", kFetchAgain);
            });
    }

    RawReading read(std::string_view text) {
        // Expat counts bytes in an int.
        constexpr std::size_t kPiece = 1U << 20U;
        for (std::size_t at = 0; !refusal_; at += kPiece) {
            const auto piece = text.substr(std::min(at, text.size()), kPiece);
            const bool is_last = at + kPiece >= text.size();
            const auto done = XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), is_last ? 1 : 0);
            if (done != XML_STATUS_OK && !refusal_) {
                refuse("", std::string("is no XML: ") + XML_ErrorString(XML_GetErrorCode(parser_.get())), kFetchAgain);
            }
            if (is_last) {
                break;
            }
        }
        if (!refusal_ && statements_.empty()) {
            return refused(0, "Stmt", "has no statement", "give the bank's camt.053 file, not another message");
        }
        return refusal_ ? RawReading(core::Refused<StatementRefusal>{*refusal_}) : RawReading(std::move(statements_));
    }

private:
    struct Free {
        void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
    };

    void refuse(std::string field, std::string what, std::string remedy) {
        if (!refusal_) {
            refusal_ = StatementRefusal{"", line(), std::move(field), std::move(what), std::move(remedy)};
            XML_StopParser(parser_.get(), XML_FALSE);
        }
    }
    std::uint64_t line() const { return XML_GetCurrentLineNumber(parser_.get()); }

    // The path below the statement, or below its entry; nothing elsewhere.
    std::optional<std::string_view> below(std::string_view parent) const {
        const std::string_view path = path_;
        const bool inside = path.size() > parent.size() && path.starts_with(parent) && path[parent.size()] == '/';
        return inside ? std::optional(path.substr(parent.size() + 1)) : std::nullopt;
    }

    void begin(std::string_view full_name, const XML_Char** attributes) {
        const auto at = full_name.find(kSeparator);
        const auto name = at == std::string_view::npos ? full_name : full_name.substr(at + 1);
        if (path_.empty() && !is_known(name, at == std::string_view::npos ? "" : full_name.substr(0, at))) {
            return refuse(std::string(name.substr(0, 32)), "is no camt.053.001.02 to .08",
                          "ask the bank for one of these versions");
        }
        path_ += (path_.empty() ? "" : "/") + std::string(name);
        lengths_.push_back(name.size() + (lengths_.empty() ? 0 : 1));
        value_.clear();
        currency_.clear();
        for (; *attributes != nullptr; attributes += 2) {
            if (std::string_view(*attributes) == "Ccy") {
                currency_ = attributes[1];
            }
        }
        if (lengths_.size() > kDepthMax) {
            return refuse("", "is nested too deeply", kFetchAgain);
        }
        if (path_ == kStatement) {
            statements_.push_back({"", "", 1, true, {.line = line(), .currency = context_.bank.currency}});
        } else if (path_ == "Document/BkToCstmrStmt/Stmt/Bal") {
            balance_ = {};
        } else if (path_ == "Document/BkToCstmrStmt/Stmt/Ntry") {
            entry_ = {};
            entry_.entry.line = line();
        }
    }

    static bool is_known(std::string_view name, std::string_view space) {
        return name == "Document" && space.starts_with(kNamespace) && space.size() == kNamespace.size() + 2 &&
               space.substr(kNamespace.size()) >= "02" && space.substr(kNamespace.size()) <= "08";
    }

    void characters(std::string_view text) {
        if (value_.size() + text.size() > kValueBytesMax) {
            return refuse("", "has a text of more than 64 KiB", kFetchAgain);
        }
        value_ += text;
    }

    void end() {
        if (refusal_) {
            return;
        }
        if (path_ == "Document/BkToCstmrStmt/Stmt/Ntry") {
            end_entry();
        } else if (path_ == "Document/BkToCstmrStmt/Stmt/Bal") {
            end_balance();
        } else if (const auto in_entry = below("Document/BkToCstmrStmt/Stmt/Ntry")) {
            entry_value(*in_entry);
        } else if (const auto in_balance = below("Document/BkToCstmrStmt/Stmt/Bal")) {
            balance_value(*in_balance);
        } else if (const auto in_statement = below(kStatement)) {
            statement_value(*in_statement);
        }
        path_.resize(path_.size() - lengths_.back());
        lengths_.pop_back();
        value_.clear();
    }

    std::string text() const { return context_.redact(tidy(value_)); }

    void statement_value(std::string_view name) {
        auto& raw = statements_.back();
        if (name == "Id") {
            raw.statement.reference = text();
        } else if (name == "Acct/Id/IBAN" || name == "Acct/Id/Othr/Id") {
            raw.account = raw.account.empty() ? plain_number(value_) : raw.account;
        } else if (name == "StmtPgntn/PgNb") {
            raw.page = whole_number("PgNb").value_or(1);
            raw.page_of = "page";
        } else if (name == "StmtPgntn/LastPgInd") {
            raw.is_last_page = tidy(value_) == "true" || tidy(value_) == "1";
        } else if (name == "ElctrncSeqNb") {
            raw.statement.number = whole_number("ElctrncSeqNb");
        }
    }

    std::optional<std::int64_t> whole_number(const char* field) {
        const auto number = core::minor_from_integer(tidy(value_));
        if (!number || *number < 0) {
            refuse(field, "is no whole number", kFetchAgain);
            return std::nullopt;
        }
        return *number;
    }

    void balance_value(std::string_view name) {
        if (name == "Tp/CdOrPrtry/Cd") {
            balance_.kind = tidy(value_);
        } else if (name == "Amt") {
            balance_.amount = amount_text();
        } else if (name == "CdtDbtInd") {
            balance_.direction = tidy(value_);
        } else if (name == "Dt/Dt" || name == "Dt/DtTm") {
            balance_.day = tidy(value_);
        }
    }

    void end_balance() {
        const bool is_opening = balance_.kind == "OPBD" || balance_.kind == "PRCD";
        const bool is_intermediate = balance_.kind == "ITBD";
        if (!is_opening && !is_intermediate && balance_.kind != "CLBD") {
            return;  // available and forward balances
        }
        const auto minor = signed_minor(balance_.amount, balance_.direction, "Bal");
        const auto day = balance_.day.empty() ? std::nullopt : day_of(balance_.day, "Bal/Dt");
        auto& statement = statements_.back().statement;
        const Balance balance{minor, day};
        if (is_opening || (is_intermediate && !statement.opening)) {
            // Of a bank that states both, the opening balance counts.
            statement.opening = balance_.kind == "PRCD" && statement.opening ? statement.opening : balance;
        } else {
            statement.closing = balance;
        }
    }

    void entry_value(std::string_view name) {
        const auto keep_first = [&](std::string& kept) {
            if (kept.empty()) {
                kept = tidy(value_);
            }
        };
        if (name == "Amt") {
            entry_.amount = amount_text();
        } else if (name == "CdtDbtInd") {
            entry_.direction = tidy(value_);
        } else if (name == "Sts" || name == "Sts/Cd") {
            keep_first(entry_.status);
        } else if (name == "BookgDt/Dt" || name == "BookgDt/DtTm") {
            entry_.entry.booked = day_of(tidy(value_), "BookgDt").value_or(core::BusinessDay{});
        } else if (name == "ValDt/Dt" || name == "ValDt/DtTm") {
            entry_.entry.value = day_of(tidy(value_), "ValDt");
        } else if (name == "AcctSvcrRef") {
            keep_first(entry_.entry.reference);
        } else if (name == "NtryRef") {
            keep_first(entry_.own_reference);
        } else if (name == "AddtlNtryInf") {
            add_detail();
        } else if (name.starts_with("NtryDtls/TxDtls/")) {
            transaction_value(name.substr(16));
        }
    }

    void transaction_value(std::string_view name) {
        const auto keep_first = [&](std::string& kept) {
            if (kept.empty()) {
                kept = tidy(value_);
            }
        };
        if (name == "Refs/AcctSvcrRef") {
            keep_first(entry_.transaction_reference);
        } else if (name == "Refs/EndToEndId" && tidy(value_) != "NOTPROVIDED") {
            keep_first(entry_.end_to_end);
        } else if (name == "RltdPties/Dbtr/Nm" || name == "RltdPties/Dbtr/Pty/Nm") {
            keep_first(entry_.debtor);
        } else if (name == "RltdPties/Cdtr/Nm" || name == "RltdPties/Cdtr/Pty/Nm") {
            keep_first(entry_.creditor);
        } else if (name == "RmtInf/Ustrd" || name == "RmtInf/Strd/CdtrRefInf/Ref" || name == "AddtlTxInf") {
            add_detail();
        }
    }

    void add_detail() {
        const auto detail = tidy(value_);
        if (!detail.empty() && entry_.details.size() < kTextMax) {
            entry_.details += (entry_.details.empty() ? "" : " ") + detail;
        }
    }

    void end_entry() {
        if (entry_.status != "BOOK" && !entry_.status.empty()) {
            return;
        }
        if (statements_.back().statement.entries.size() >= kEntriesMax) {
            return refuse("Ntry", "is one of more than a million", "ask the bank for a shorter period");
        }
        auto& entry = entry_.entry;
        entry.amount_minor = signed_minor(entry_.amount, entry_.direction, "Ntry");
        if (!entry.booked.ok() || entry.booked == core::BusinessDay{}) {
            return refuse("BookgDt", "is missing", kFetchAgain);
        }
        for (const auto* reference : {&entry_.transaction_reference, &entry_.end_to_end, &entry_.own_reference}) {
            entry.reference = entry.reference.empty() ? *reference : entry.reference;
        }
        entry.reference = context_.redact(entry.reference);
        entry.counterparty = context_.redact(entry.amount_minor > 0 ? entry_.debtor : entry_.creditor);
        entry.description = context_.redact(tidy(entry_.details));
        statements_.back().statement.entries.push_back(std::move(entry));
    }

    std::string amount_text() {
        if (currency_ != context_.bank.currency.code()) {
            refuse("Amt", "is not in " + std::string(context_.bank.currency.code()) + ", the account's currency",
                   "give the statement to the account that it is of");
        }
        return tidy(value_);
    }

    std::int64_t signed_minor(const std::string& amount, const std::string& direction, const char* field) {
        const auto minor = core::minor_from_decimal(amount, context_.bank.currency.exponent());
        if (!minor || *minor < 0 || amount.starts_with('-')) {
            refuse(std::string(field) + "/Amt",
                   minor ? "is below zero" : "is no amount: " + std::string(core::describe(minor.error())),
                   kFetchAgain);
            return 0;
        }
        if (direction != "CRDT" && direction != "DBIT") {
            refuse(std::string(field) + "/CdtDbtInd", "is neither CRDT nor DBIT", kFetchAgain);
            return 0;
        }
        return direction == "CRDT" ? *minor : -*minor;
    }

    // Of a time the day that the bank writes, in its own zone.
    std::optional<core::BusinessDay> day_of(const std::string& text, const char* field) {
        const auto day = core::parse_day(std::string_view(text).substr(0, 10));
        if (!day) {
            refuse(field, "is no day", kFetchAgain);
        }
        return day;
    }

    const Context& context_;
    std::unique_ptr<XML_ParserStruct, Free> parser_;
    std::optional<StatementRefusal> refusal_;
    std::string path_;
    std::vector<std::size_t> lengths_;  // of the path's parts
    std::string value_;
    std::string currency_;
    std::vector<Raw> statements_;
    PendingEntry entry_;
    PendingBalance balance_;
};

}  // namespace

RawReading read_camt053(std::string_view text, const Context& context) { return Camt(context).read(text); }

}  // namespace payments::bank
