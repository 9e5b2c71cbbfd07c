#include <array>
#include <map>

#include "core/text/encoding.h"
#include "payments/bank/formats.h"

namespace payments::bank {
namespace {

constexpr std::size_t kFieldBytesMax = 16U << 10U;
constexpr const char* kFetchAgain = "fetch the statement from the bank again";

using Refusal = core::Refused<StatementRefusal>;

// ":61:2611191119C100,00NTRF...": its tag, what stands in it, and the line it begins on.
struct Field {
    std::string tag;
    std::string text;  // lines joined by '\n'
    std::uint64_t line;
};

// A tag at the beginning of a line; a text may hold colons elsewhere.
std::optional<std::string> tag_of(std::string_view line) {
    if (!line.starts_with(':')) {
        return std::nullopt;
    }
    const auto end = line.find(':', 1);
    if (end == std::string_view::npos || end < 3 || end > 4) {
        return std::nullopt;
    }
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool known = is_digit(line[1]) && is_digit(line[2]) && (end == 3 || (line[3] >= 'A' && line[3] <= 'Z'));
    return known ? std::optional(std::string(line.substr(1, end - 1))) : std::nullopt;
}

// "-", "-}" and what the envelope's blocks begin with ends a message.
bool ends_message(std::string_view line) { return line == "-" || line.starts_with("-}") || line.starts_with("{1:"); }

core::Result<std::vector<Field>, StatementRefusal> fields_of(std::string_view text) {
    std::vector<Field> fields;
    std::uint64_t number = 0;
    bool open = false;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        // ":20:" may stand behind the envelope's blocks on one line.
        if (const auto block = line.find("{4:"); block != std::string_view::npos) {
            line.remove_prefix(block + 3);
        }
        if (const auto tag = tag_of(line)) {
            fields.push_back({*tag, std::string(line.substr(tag->size() + 2)), number});
            open = true;
        } else if (ends_message(line)) {
            open = false;
        } else if (open) {
            if (fields.back().text.size() + line.size() > kFieldBytesMax) {
                return refused(number, ":" + fields.back().tag + ":", "is longer than 16 KiB", kFetchAgain);
            }
            fields.back().text += "\n" + std::string(line);
        } else if (!core::text::trimmed(line).empty()) {
            return refused(number, "", "stands before the first tag", "give the bank's MT940 file");
        }
    }
    return fields;
}

std::optional<core::BusinessDay> day_from(std::string_view yymmdd) {
    if (yymmdd.size() != 6) {
        return std::nullopt;
    }
    return core::parse_day("20" + std::string(yymmdd.substr(0, 2)) + "-" + std::string(yymmdd.substr(2, 2)) + "-" +
                           std::string(yymmdd.substr(4, 2)));
}

// "1234,56", "1234," and "1234"; a comma is what SWIFT has for the point.
std::optional<std::int64_t> minor_from(std::string_view text, const core::Currency& currency) {
    if (text.empty() || text.find_first_not_of("0123456789,") != std::string_view::npos) {
        return std::nullopt;
    }
    std::string decimal(text);
    if (const auto comma = decimal.find(','); comma != std::string::npos) {
        decimal[comma] = '.';
        if (comma + 1 == decimal.size()) {
            decimal.pop_back();
        }
    }
    const auto minor = core::minor_from_decimal(decimal, currency.exponent());
    return minor ? std::optional(*minor) : std::nullopt;
}

// "C261119CNY1234,56"
core::Result<Balance, StatementRefusal> balance_of(const Field& field, const core::Currency& currency) {
    const std::string tag = ":" + field.tag + ":";
    const auto& text = field.text;
    const bool is_debit = text.starts_with('D');
    if (text.size() < 11 || (!is_debit && !text.starts_with('C'))) {
        return refused(field.line, tag, "is no balance, e.g. C261119CNY1234,56", kFetchAgain);
    }
    const auto day = day_from(std::string_view(text).substr(1, 6));
    if (!day) {
        return refused(field.line, tag, "has no day", kFetchAgain);
    }
    if (text.substr(7, 3) != currency.code()) {
        return refused(field.line, tag, "is not in " + std::string(currency.code()) + ", the account's currency",
                       "give the statement to the account that it is of");
    }
    const auto minor = minor_from(core::text::trimmed(std::string_view(text).substr(10)), currency);
    if (!minor) {
        return refused(field.line, tag, "has no amount", kFetchAgain);
    }
    return Balance{is_debit ? -*minor : *minor, day};
}

// The booking day's year isn't written: it is the one that brings it nearest to the value day.
std::optional<core::BusinessDay> booked_near(core::BusinessDay value, std::string_view mmdd) {
    std::optional<core::BusinessDay> best;
    for (const int years : {-1, 0, 1}) {
        const auto year = static_cast<int>(value.year()) + years;
        const auto day = core::parse_day(std::to_string(year) + "-" + std::string(mmdd.substr(0, 2)) + "-" +
                                         std::string(mmdd.substr(2, 2)));
        const auto distance = [&](core::BusinessDay one) { return std::abs(core::days_between(one, value)); };
        if (day && (!best || distance(*day) < distance(*best))) {
            best = day;
        }
    }
    return best;
}

// VVVVVV[BBBB](C|D|RC|RD)[F]amount,N/S/F + three letters, reference[//the bank's][\n what else]
core::Result<Entry, StatementRefusal> entry_of(const Field& field, const Context& context) {
    std::string_view text = field.text;
    const auto wrong = [&](const char* what) { return refused(field.line, ":61:", what, kFetchAgain); };
    Entry entry;
    entry.line = field.line;
    entry.value = day_from(text.substr(0, 6));
    if (!entry.value) {
        return wrong("has no value day");
    }
    text.remove_prefix(6);
    entry.booked = *entry.value;
    if (text.size() >= 4 && text.substr(0, 4).find_first_not_of("0123456789") == std::string_view::npos) {
        const auto booked = booked_near(*entry.value, text.substr(0, 4));
        if (!booked) {
            return wrong("has no booking day");
        }
        entry.booked = *booked;
        text.remove_prefix(4);
    }
    const bool reversed = text.starts_with('R');
    text.remove_prefix(reversed ? 1 : 0);
    if (!text.starts_with('C') && !text.starts_with('D')) {
        return wrong("is neither C nor D, nor RC nor RD");
    }
    // What reverses a credit goes out.
    const bool comes_in = text.starts_with('C') != reversed;
    text.remove_prefix(1);
    if (!text.empty() && text.front() >= 'A' && text.front() <= 'Z') {
        text.remove_prefix(1);  // the currency's third letter
    }
    const auto end = text.find_first_not_of("0123456789,");
    const auto minor = minor_from(text.substr(0, end), context.bank.currency);
    if (!minor) {
        return wrong("has no amount");
    }
    entry.amount_minor = comes_in ? *minor : -*minor;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    text.remove_prefix(std::min<std::size_t>(4, text.size()));  // NTRF, NMSC ...
    const auto first_line = text.substr(0, text.find('\n'));
    const auto own = first_line.find("//");
    const auto customer = tidy(first_line.substr(0, own));
    entry.reference = own == std::string_view::npos ? "" : tidy(first_line.substr(own + 2));
    if (entry.reference.empty() && customer != "NONREF") {
        entry.reference = customer;
    }
    if (const auto more = text.find('\n'); more != std::string_view::npos) {
        entry.description = tidy(text.substr(more + 1));
    }
    return entry;
}

// "166?00GUTSCHRIFT?20SVWZ+...?32TENPAY": ?20 to ?29 and ?60 to ?63 what for, ?32 and ?33 who.
void add_german(std::string_view text, Entry& entry) {
    const char mark = text[3];
    std::string joined;
    for (const char c : text) {
        joined += c == '\n' ? std::string() : std::string(1, c);
    }
    std::string what_for;
    for (std::size_t at = joined.find(mark); at != std::string::npos && at + 3 <= joined.size();) {
        const auto next = joined.find(mark, at + 3);
        const auto code = joined.substr(at + 1, 2);
        const auto said = joined.substr(at + 3, next == std::string::npos ? next : next - at - 3);
        if (code == "32" || code == "33") {
            entry.counterparty += said;
        } else if (code[0] == '2' || (code[0] == '6' && code[1] <= '3')) {
            what_for += said;
        } else if (code == "00") {
            what_for.insert(0, said + " ");
        }
        at = next;
    }
    entry.description = tidy(entry.description + " " + what_for);
}

// "/NAME/TENPAY/REMI/settlement 1118": SWIFT's and Chinese banks' words between slashes.
void add_slashes(std::string_view text, Entry& entry) {
    static constexpr std::array<std::string_view, 4> kNames = {"/NAME/", "/ORDP/", "/BENM/", "/ACCW/"};
    for (const auto name : kNames) {
        const auto at = text.find(name);
        if (at == std::string_view::npos || !entry.counterparty.empty()) {
            continue;
        }
        auto rest = text.substr(at + name.size());
        if (rest.starts_with("NAME/")) {
            rest.remove_prefix(5);
        }
        entry.counterparty = tidy(rest.substr(0, rest.find('/')));
    }
    entry.description = tidy(entry.description + " " + std::string(text));
}

void add_details(const Field& field, Entry& entry) {
    const std::string_view text = field.text;
    const bool numbered = text.size() > 6 &&
                          text.substr(0, 3).find_first_not_of("0123456789") == std::string_view::npos &&
                          (text[3] == '?' || text[3] == '<' || text[3] == '>' || text[3] == '@');
    if (numbered) {
        add_german(text, entry);
    } else {
        add_slashes(text, entry);
    }
}

// "5/2": statement five, its second page.
std::optional<StatementRefusal> set_number(const Field& field, Raw& raw) {
    const auto slash = field.text.find('/');
    const auto number = core::minor_from_integer(core::text::trimmed(std::string_view(field.text).substr(0, slash)));
    const auto page =
        slash == std::string::npos
            ? core::minor_from_integer("1")
            : core::minor_from_integer(core::text::trimmed(std::string_view(field.text).substr(slash + 1)));
    if (!number || *number < 0 || !page || *page < 0) {
        return StatementRefusal{"", field.line, ":28C:", "is no number of a statement, e.g. 5/1", kFetchAgain};
    }
    raw.statement.number = *number == 0 ? std::nullopt : std::optional(*number);
    raw.page = *page == 0 ? 1 : *page;
    raw.page_of = std::to_string(*number);
    return std::nullopt;
}

class Messages {
public:
    explicit Messages(const Context& context) : context_(context) {}

    std::optional<StatementRefusal> take(const Field& field) {
        if (field.tag == "20") {
            raws_.push_back({"", "", 1, true, {.line = field.line, .currency = context_.bank.currency}});
            raws_.back().statement.reference = context_.redact(tidy(field.text));
            detailed_ = nullptr;
            return std::nullopt;
        }
        if (raws_.empty()) {
            return StatementRefusal{"", field.line, ":" + field.tag + ":", "stands before :20:", kFetchAgain};
        }
        auto& raw = raws_.back();
        if (field.tag == "25" || field.tag == "25P") {
            raw.account = plain_number(std::string_view(field.text).substr(0, field.text.find('\n')));
        } else if (field.tag == "28C" || field.tag == "28") {
            return set_number(field, raw);
        } else if (field.tag == "60F" || field.tag == "60M" || field.tag == "62F" || field.tag == "62M") {
            return set_balance(field, raw);
        } else if (field.tag == "61") {
            return add_entry(field, raw);
        } else if (field.tag == "86" && detailed_ != nullptr) {
            add_details(field, *detailed_);
            detailed_ = nullptr;
        }
        return std::nullopt;
    }

    std::vector<Raw> all() && {
        for (auto& raw : raws_) {
            for (auto& entry : raw.statement.entries) {
                entry.reference = context_.redact(entry.reference);
                entry.counterparty = context_.redact(tidy(entry.counterparty));
                entry.description = context_.redact(entry.description);
            }
        }
        return std::move(raws_);
    }
    bool empty() const { return raws_.empty(); }

private:
    std::optional<StatementRefusal> set_balance(const Field& field, Raw& raw) {
        const auto balance = balance_of(field, context_.bank.currency);
        if (!balance) {
            return balance.error();
        }
        if (field.tag.starts_with("60")) {
            raw.statement.opening = *balance;
        } else {
            raw.statement.closing = *balance;
            raw.is_last_page = field.tag == "62F";
            detailed_ = nullptr;  // a :86: behind it is the statement's
        }
        return std::nullopt;
    }

    std::optional<StatementRefusal> add_entry(const Field& field, Raw& raw) {
        if (raw.statement.entries.size() >= kEntriesMax) {
            return StatementRefusal{"", field.line, ":61:", "is one of more than a million",
                                    "ask the bank for a shorter period"};
        }
        auto entry = entry_of(field, context_);
        if (!entry) {
            return entry.error();
        }
        raw.statement.entries.push_back(std::move(*entry));
        detailed_ = &raw.statement.entries.back();
        return std::nullopt;
    }

    const Context& context_;
    std::vector<Raw> raws_;
    Entry* detailed_ = nullptr;  // of the last :61:, until its :86: has come
};

}  // namespace

RawReading read_mt940(std::string_view text, const Context& context) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    std::string converted;
    if (!core::text::is_valid_utf8(text)) {
        auto utf8 = core::text::utf8_from_gbk(text);
        if (!utf8) {
            return refused(0, "", "is neither UTF-8 nor GB18030", kFetchAgain);
        }
        converted = std::move(*utf8);
        text = converted;
    }
    const auto fields = fields_of(text);
    if (!fields) {
        return Refusal{fields.error()};
    }
    Messages messages(context);
    for (const auto& field : *fields) {
        if (auto wrong = messages.take(field)) {
            return Refusal{*wrong};
        }
    }
    if (messages.empty()) {
        return refused(0, ":20:", "has no statement", "give the bank's MT940 file");
    }
    auto raws = std::move(messages).all();
    for (const auto& raw : raws) {
        if (!raw.statement.opening || !raw.statement.closing) {
            return refused(raw.statement.line, raw.statement.opening ? ":62F:" : ":60F:", "is missing", kFetchAgain);
        }
    }
    return raws;
}

}  // namespace payments::bank
