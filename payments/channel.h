// Channel: what a payment channel is to the rest of the product. One folder under channels/ each, one line of
// registration (channels/registry.cpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/section.h"
#include "core/result.h"
#include "core/time.h"
#include "payments/transaction.h"

namespace payments {

// ---- Callbacks ---------------------------------------------------------------------------------------------------

// A callback as it came: header names in any case, the body's raw bytes.
struct CallbackRequest {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    core::Instant received_at;

    // The header's value without blanks around it, by case-insensitive name; nothing when absent or there twice.
    std::optional<std::string_view> header(std::string_view name) const;
};

// A verified, decrypted, normalised message. Messages that move no money (an event we don't book, a failed payment)
// have none in `transactions`, or ones whose status is not captured.
struct CallbackMessage {
    std::string event_id;    // the message's own id (notification id, evt_..., or derived)
    std::string event_type;  // "TRANSACTION.SUCCESS", "charge.succeeded", "01" ...
    std::vector<Transaction> transactions;
    std::string redacted_body;  // what may be stored: no card data, no personal data beyond need
};

// Why a callback is refused. `unauthentic` answers 401, `bad_content` 400. `reason` is a constant snake_case word
// for the metric and the log ("signature_wrong", "timestamp_stale", "key_unknown", "merchant_differs" ...);
// it never goes to the caller.
struct CallbackRefusal {
    enum class Kind { unauthentic, bad_content };
    Kind kind;
    std::string reason;
};

// Which part of the verdict failed: who sent it, when, whether it is meant for this tenant, or what it says.
enum class VerdictPart { signature, freshness, binding, content };
std::string_view name_of(VerdictPart part);
VerdictPart part_of(const CallbackRefusal& refusal);

struct CallbackAnswer {
    int status;
    std::string content_type;  // empty: no body
    std::string body;
};

// ---- Statements --------------------------------------------------------------------------------------------------

// One detail line of a statement.
struct StatementLine {
    TransactionType type = TransactionType::payment;
    TransactionStatus status = TransactionStatus::captured;
    std::string channel_status;  // the channel's own word ("REVOKED"); empty where it has none
    core::ChannelTxnId channel_txn_id;
    core::MerchantOrderId merchant_order_id;  // the payment's
    std::string own_order_id;
    core::ChannelTxnId related_txn_id;
    core::Money amount;              // signed from the merchant's side; presentment currency
    std::optional<core::Money> fee;  // positive when it costs, negative when given back
    std::optional<core::Instant> occurred_at;
    Attributes attributes;
    std::string masked_card;
    std::string card_fingerprint;
    std::size_t file_index = 0;  // into Statement::files
    std::string member;          // archive member, empty for none
    std::uint64_t line = 0;      // from 1, in the unpacked file
    std::uint64_t begin = 0;     // its bytes in the unpacked file, with what ends the line
    std::uint64_t bytes = 0;
    std::uint64_t row = 0;  // from 0, over all the statement's files: what RowPick goes by
};

// Which rows of a statement are read. Channels ask it once for each row, in the order they have them.
class RowPick {
public:
    RowPick() = default;  // all
    // Rows, sorted; they outlive it.
    explicit RowPick(const std::vector<std::uint64_t>& only) : only_(&only) {}

    // Goes on to the next row.
    bool wants_next() {
        row_ = next_++;
        if (only_ == nullptr) {
            return true;
        }
        while (at_ < only_->size() && (*only_)[at_] < row_) {
            ++at_;
        }
        return at_ < only_->size() && (*only_)[at_] == row_;
    }
    std::uint64_t row() const { return row_; }
    bool all() const { return only_ == nullptr; }

private:
    const std::vector<std::uint64_t>* only_ = nullptr;
    std::size_t at_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t row_ = 0;
};

using LineTaker = std::function<void(StatementLine&&)>;

// A delivered file: its name (without folders) and its bytes.
struct StatementFile {
    std::string name;
    std::string bytes;
};

struct StatementFileInfo {
    std::string name;
    std::string sha256;  // of the file as delivered
    std::uint64_t lines = 0;
};

// A total that the statement itself states, against the sum of its lines; both as text in the statement's own unit.
struct TotalCheck {
    std::string name;  // "应结订单总金额", "RD2010 消费 金额" ...
    std::string stated;
    std::string actual;
    bool agrees() const { return stated == actual; }
};

struct Statement {
    std::vector<StatementFileInfo> files;
    std::vector<StatementLine> lines;  // empty where they were taken one by one
    std::vector<TotalCheck> totals;
    std::vector<std::string> warnings;  // e.g. an archive member that was left out
    std::string dialect;                // "wechatpay tradebill ALL (27 columns)"
};

// Why a statement is refused: where, what, and what to do. Goes to people as "FILE:LINE: field: what; remedy".
struct StatementRefusal {
    std::string file;
    std::uint64_t line = 0;  // 0: the file as a whole
    std::string field;       // may be empty
    std::string what;
    std::string remedy;
    std::string message() const;
};

// What a channel answers, without card numbers in what it quotes of a file: header cells and archive members' names can
// be anything. Every channel's read_lines() ends with it; `redact` is its context's. Lines name members redacted
// already.
using StatementReading = core::Result<Statement, StatementRefusal>;
StatementRefusal without_cards(StatementRefusal refusal, const std::function<std::string(std::string_view)>& redact);
StatementReading without_cards(StatementReading reading, const std::function<std::string(std::string_view)>& redact);
// A reading with the lines that it gave to its taker.
StatementReading with_lines(const std::function<StatementReading(const LineTaker&)>& read);

// ---- The channel ---------------------------------------------------------------------------------------------------

class Channel {
public:
    virtual ~Channel() = default;

    virtual std::string_view name() const = 0;  // "unionpay"
    virtual core::DayCut day_cut() const = 0;

    // Authenticity over the raw bytes first (signature, key, time window against received_at), then content.
    virtual core::Result<CallbackMessage, CallbackRefusal> read_callback(const CallbackRequest& request) const = 0;
    // The Content-Type a callback must have ("application/json"); parameters are not compared.
    virtual std::string_view callback_content_type() const = 0;
    virtual CallbackAnswer accepted() const = 0;

    // All files of one business day together (WeChat Pay's SUCCESS and REFUND bills are two). Refuses what is
    // truncated, doubled, of another merchant or day, in an unknown dialect, or has impossible amounts or dates;
    // totals that don't add up are not refused here but told in Statement::totals.
    // Lines go to `take` one by one as they are read, so that none of them has to be kept: of a statement that is
    // refused in the end some may have been taken. With a `pick` of some rows, nothing is checked that needs all of
    // them: the same files were read before.
    virtual core::Result<Statement, StatementRefusal> read_lines(const std::vector<StatementFile>& files,
                                                                 core::BusinessDay day, RowPick pick,
                                                                 const LineTaker& take) const = 0;
    // The same with all lines in memory.
    core::Result<Statement, StatementRefusal> read_statement(const std::vector<StatementFile>& files,
                                                             core::BusinessDay day) const;

    // Does the channel give its fee back on refunds unless the contract rate says otherwise?
    virtual bool returns_fee_on_refund() const = 0;
};

// What every channel gets beside its own configuration.
struct ChannelContext {
    std::string tenant;
    // First six, last four and a keyed fingerprint of a card number; audit/ makes it.
    std::function<std::string(std::string_view card)> fingerprint;
    // Replaces card numbers inside an identifier or free text (contract section 5, "Card numbers in identifiers").
    std::function<std::string(std::string_view text)> redact;
};

// How a channel is made from its own section of the configuration, [tenant.NAME]. It reads the keys it knows and
// complains through the section; nothing is returned when it complained.
using ChannelFactory = std::unique_ptr<Channel> (*)(config::Section& section, const ChannelContext& context);

}  // namespace payments
