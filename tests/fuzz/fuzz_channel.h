// What the channels' fuzzers share: the context of a channel, and what holds for whatever a channel reads.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "audit/redact.h"
#include "core/json/reader.h"
#include "core/text/encoding.h"
#include "payments/channel.h"
#include "tests/fuzz/fuzz.h"

namespace fuzz {

inline const audit::Redactor& redactor() {
    static const audit::Redactor instance{core::KeyBytes(std::string(32, 'k'))};
    return instance;
}

inline payments::ChannelContext context() {
    return {"fuzz", [](std::string_view card) { return redactor().fingerprint(card); },
            [](std::string_view text) { return redactor().redact(text); }};
}

inline constexpr core::Instant kNow{std::chrono::seconds(1'795'000'000)};
inline constexpr core::BusinessDay kDay{date::year{2026} / 11 / 18};

// Before anything is stored: no card number, and a text that the database takes.
inline void check_stored(std::string_view text) {
    promise(redactor().redact(text) == text, "no card number in what is stored");
    promise(core::text::is_valid_utf8(text) && text.find('\0') == std::string_view::npos,
            "what is stored is UTF-8 without NUL");
}

inline void check_card(std::string_view masked, std::string_view fingerprint) {
    const auto digits = std::count_if(masked.begin(), masked.end(), [](char c) { return c >= '0' && c <= '9'; });
    promise(digits <= 10, "of a card no more than first six and last four");
    check_stored(masked);
    check_stored(fingerprint);
}

inline void check_amount(payments::TransactionType type, const core::Money& amount) {
    promise(amount.minor() <= core::kMinorMax && amount.minor() >= -core::kMinorMax, "an amount within range");
    promise(type != payments::TransactionType::payment || amount.minor() >= 0, "a payment is not below zero");
    promise(type != payments::TransactionType::refund || amount.minor() <= 0, "a refund is not above zero");
}

template <typename Movement>
void check_movement(const Movement& movement) {
    check_amount(movement.type, movement.amount);
    for (const auto& id : {movement.channel_txn_id.text(), movement.merchant_order_id.text(), movement.own_order_id,
                           movement.related_txn_id.text()}) {
        check_stored(id);
    }
    for (const auto& [name, value] : movement.attributes) {
        check_stored(name);
        check_stored(value);
    }
    check_card(movement.masked_card, movement.card_fingerprint);
}

inline void check_message(const payments::CallbackMessage& message) {
    promise(!message.event_id.empty() && !message.event_type.empty(), "a message has an id and a type");
    for (const auto& text : {message.event_id, message.event_type, message.redacted_body}) {
        check_stored(text);
    }
    promise(static_cast<bool>(core::json::parse(message.redacted_body)), "what is stored of a message is JSON");
    for (const auto& transaction : message.transactions) {
        promise(!transaction.channel_txn_id.text().empty(), "a movement has an id");
        promise(core::parse_day(core::format_day(transaction.business_day)) == transaction.business_day &&
                    core::is_in_calendar(transaction.occurred_at),
                "a movement has a time and a day that can be stored");
        check_movement(transaction);
    }
}

// A reason goes into metrics and logs, so it is one of ours and never what was sent.
inline void check_refusal(const payments::CallbackRefusal& refusal) {
    promise(
        !refusal.reason.empty() && std::all_of(refusal.reason.begin(), refusal.reason.end(),
                                               [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || c == '8'; }),
        "a reason is a constant word");
}

using Reading = core::Result<payments::CallbackMessage, payments::CallbackRefusal>;

inline void check_reading(const Reading& reading) {
    if (reading) {
        check_message(*reading);
    } else {
        check_refusal(reading.error());
    }
}

// Whoever has not the key is not believed.
inline void check_unsigned(const Reading& reading) {
    promise(!reading, "what nobody signed is refused");
    check_refusal(reading.error());
}

inline void check_statement(const payments::Statement& statement, std::size_t files) {
    promise(statement.files.size() == files, "every file is told of");
    promise(!statement.dialect.empty(), "a statement has a dialect");
    std::uint64_t lines = 0;
    for (const auto& file : statement.files) {
        lines += file.lines;
    }
    promise(lines == statement.lines.size(), "the files' lines are the statement's");
    for (const auto& line : statement.lines) {
        promise(line.file_index < files && line.line > 0, "a line has a place");
        check_stored(line.channel_status);
        check_stored(line.member);
        check_movement(line);
    }
    for (const auto& warning : statement.warnings) {
        check_stored(warning);
    }
    for (const auto& total : statement.totals) {
        check_stored(total.name);
        check_stored(total.stated);
    }
}

inline void check_statement_refusal(const payments::StatementRefusal& refusal) {
    promise(!refusal.file.empty() && !refusal.what.empty() && !refusal.remedy.empty(),
            "a refusal says where, what, and what to do");
    check_stored(refusal.message());
}

inline payments::StatementReading checked(payments::StatementReading reading, std::size_t files) {
    if (reading) {
        check_statement(*reading, files);
    } else {
        check_statement_refusal(reading.error());
    }
    return reading;
}

inline bool same_lines(const payments::Statement& a, const payments::Statement& b) {
    return std::equal(a.lines.begin(), a.lines.end(), b.lines.begin(), b.lines.end(), [](const auto& x, const auto& y) {
        return x.type == y.type && x.status == y.status && x.amount == y.amount && x.fee == y.fee && x.line == y.line &&
               x.channel_txn_id == y.channel_txn_id && x.occurred_at == y.occurred_at && x.attributes == y.attributes;
    });
}

// "#Name: value\n" lines are headers, what follows is the body.
inline payments::CallbackRequest request_from(Input input) {
    payments::CallbackRequest request;
    request.received_at = kNow;
    while (input.has('#')) {
        const auto line = input.line().substr(1);
        const auto colon = std::min(line.find(':'), line.size());
        request.headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
    }
    request.body = input.rest();
    return request;
}

}  // namespace fuzz
