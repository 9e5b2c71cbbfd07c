#include "reconciliation/matching/diff_scan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "audit/redact.h"
#include "core/failure.h"
#include "core/money.h"
#include "core/text/encoding.h"
#include "reconciliation/matching/diff_words.h"
#include "reconciliation/matching/marks.h"
#include "reconciliation/matching/plain_number.h"

namespace reconciliation::matching {

using payments::TransactionStatus;

namespace {

constexpr std::size_t kRowBytesMax = core::text::CsvReader::Limits{}.row_bytes_max;

// What may stand around a cell's text.
constexpr auto kAround = [] {
    std::array<bool, 256> around{};
    for (const char c : {' ', '\t', '`', '\''}) {
        around[static_cast<unsigned char>(c)] = true;
    }
    return around;
}();

bool is_around(char c) { return kAround[static_cast<unsigned char>(c)]; }

}  // namespace

// The cells of a row of as many as the header has.
struct DiffScan::Cells {
    const char* text;           // of the part
    const std::uint32_t* ends;  // where each ends; what is before the first is the end of the row before
    std::uint32_t row_end;      // without its line end

    Cells(const char* of, const std::uint32_t* where, std::size_t width) : text(of), ends(where) {
        const std::uint32_t end = ends[width - 1];
        row_end = end - (end > begin() && text[end - 1] == '\r' ? 1 : 0);
    }
    std::uint32_t begin() const { return ends[-1] + 1; }
    [[gnu::always_inline]] std::string_view operator[](std::size_t column) const {
        const std::uint32_t from = ends[static_cast<std::ptrdiff_t>(column) - 1] + 1;
        const std::string_view cell(text + from, std::min(ends[column], row_end) - from);
        // Most have nothing around them. What an empty one begins with is a separator or a line end.
        const char last = text[from + (cell.empty() ? 0 : cell.size() - 1)];
        return is_around(text[from]) || is_around(last) ? bare(cell) : cell;
    }
};

DiffScan::DiffScan(const DiffFile& file, const Comparison& comparison, engine::Partitions& partitions,
                   engine::Partitions* ids)
    : file_(file), comparison_(comparison), reader_(file.reader()), writer_(partitions) {
    if (ids != nullptr) {
        ids_.emplace(*ids);
    }
    for (std::size_t i = 0; i < kDiffFields; ++i) {
        sources_[i].column = file.layout().columns[i].value_or(Source::kNoColumn);
    }
    for (const auto& [field, constant] : file.mapping().constants) {
        sources_[static_cast<std::size_t>(field)].constant = constant;
    }
    // A number that isn't in a part has nothing behind it that may be read; with a decimal comma, 1.234 is another.
    numbers_in_parts_ = file.mapping().decimal == '.' &&
                        sources_[static_cast<std::size_t>(DiffField::amount)].column != Source::kNoColumn &&
                        sources_[static_cast<std::size_t>(DiffField::fee)].constant.empty();
}

void DiffScan::finish() {
    writer_.flush();
    if (ids_) {
        ids_->flush();
    }
}

bool DiffScan::scan(DiffSource& source, const Part& part) {
    const std::string_view text = part.text();
    if (!core::text::is_valid_utf8(text)) {
        throw NotUtf8{&source};
    }
    if (is_plain(text)) {
        return scan_plain(source, part);
    }
    source.counted(part, {count_line_ends(text), {}});
    return scan_exactly(part, text, 0);
}

// Reads all rows of `text`, which begins at `begin` of the part.
bool DiffScan::scan_exactly(const Part& part, std::string_view text, std::size_t begin) {
    core::text::CsvReader rows(text, file_.source().separator(), core::text::CsvReader::Limits{.skips_mark = false});
    while (true) {
        const auto row = rows.next();
        if (!row) {
            return false;
        }
        if (!*row) {
            return true;
        }
        try {
            add_record(reader_.read(**row), part.offset + begin + (*row)->offset);
        } catch (const core::InputError&) {
            return false;  // its line isn't known before all parts are counted
        }
    }
}

bool DiffScan::scan_plain(DiffSource& source, const Part& part) {
    const std::string_view text = part.text();
    const std::size_t width = file_.layout().width;
    marks_.find(text, file_.source().separator());
    std::size_t mark = 0;
    LineEnds line_ends;
    line_ends.before_page.reserve(text.size() / LineEnds::kPage + 1);
    const auto count_row = [&](std::size_t end) {
        while (line_ends.before_page.size() * LineEnds::kPage < end) {
            line_ends.before_page.push_back(static_cast<std::uint32_t>(line_ends.count));
        }
        ++line_ends.count;
        return end;
    };
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t last = mark + width - 1;
        bool whole = last < marks_.size() && text[marks_[last]] == '\n' && marks_[last] - begin < kRowBytesMax;
        for (std::size_t i = mark; whole && i < last; ++i) {
            whole = text[marks_[i]] != '\n';
        }
        if (whole && scan_row(part, Cells(text.data(), marks_.from(mark), width))) {
            begin = count_row(marks_[last] + std::size_t{1});
            mark = last + 1;
            continue;
        }
        while (mark < marks_.size() && text[marks_[mark]] != '\n') {
            ++mark;
        }
        const std::size_t end = mark < marks_.size() ? marks_[mark] + std::size_t{1} : text.size();
        if (!scan_exactly(part, text.substr(begin, end - begin), begin)) {
            return false;
        }
        begin = count_row(end);
        ++mark;
    }
    flush();
    source.counted(part, std::move(line_ends));
    return true;
}

// False: the exact way has to look at it.
bool DiffScan::scan_row(const Part& part, const Cells& cells) {
    const auto cell = [&](DiffField field) __attribute__((always_inline)) {
        const Source& source = sources_[static_cast<std::size_t>(field)];
        return source.column != Source::kNoColumn ? cells[source.column] : source.constant;
    };
    const std::string_view name =
        cell(comparison_.name == Comparison::Name::merchant_order_id ? DiffField::merchant_order_id
                                                                     : DiffField::channel_txn_id);
    if (name.empty() || comparison_.name == Comparison::Name::none || !numbers_in_parts_) {
        return false;
    }
    const TransactionType* const type = type_of(cell(DiffField::type));
    Currency* const currency = currency_of(cell(DiffField::currency));
    if (type == nullptr || currency == nullptr) {
        return false;
    }
    const int decimals = file_.units() == DiffUnits::major ? currency->exponent : 0;
    engine::Content& content = next_content();
    const std::string_view fee_text = cell(DiffField::fee);
    std::int64_t fee = 0;
    const bool has_fee = !fee_text.empty();
    if (!plain_number(cell(DiffField::amount), decimals, content.amount) ||
        (has_fee && !plain_number(fee_text, decimals, fee)) || !is_time(cell(DiffField::occurred_at))) {
        return false;
    }
    content.fee = has_fee ? std::optional(fee) : std::nullopt;
    const std::string_view status = cell(DiffField::status);
    content.state = comparison_.status ? state_of(status, *type) : 0;
    const std::string_view shown = name_in(name);
    enter(*type, shown, *currency, part.offset + cells.begin());
    if (shown.data() != name.data()) {
        flush();
    }
    if (ids_) {
        enter_id(*type, name_in(cell(DiffField::channel_txn_id)), part.offset + cells.begin());
    }
    return true;
}

void DiffScan::enter_id(TransactionType type, std::string_view id, std::uint64_t place) {
    if (!id.empty()) {
        ids_->add({fingerprints_.name_of(type, id), 0, place << 1U});
    }
}

void DiffScan::add_record(const Record& record, std::uint64_t place) {
    if (ids_) {
        enter_id(record.type, record.channel_txn_id, place);
    }
    const bool by_order = comparison_.name == Comparison::Name::merchant_order_id;
    const std::string& name = by_order ? record.merchant_order_id : record.channel_txn_id;
    if (name.empty() || comparison_.name == Comparison::Name::none) {
        nameless_.push_back(place << 1U);
        sums_.add(record);
        return;
    }
    Currency* const currency = currency_of(record.currency);
    core::ensure(currency != nullptr, "a record's currency is one");
    engine::Content& content = next_content();
    content.amount = record.amount;
    content.fee = record.fee;
    content.state = comparison_.status ? state_number(record.status_text, record.status) : 0;
    enter(record.type, name, *currency, place);
    flush();
}

void DiffScan::enter(TransactionType type, std::string_view name, Currency& currency, std::uint64_t place) {
    engine::Content& content = next_content();
    const auto number = static_cast<std::size_t>(type);
    currency.amounts[number] += content.amount;
    ++currency.counts[number];
    if (content.fee) {
        currency.fees += *content.fee;
        ++currency.fee_count;
    }
    std::uint64_t mark = 0;
    if (type == TransactionType::refund) {
        sums_.has_negative_refunds = sums_.has_negative_refunds || content.amount < 0;
        sums_.has_positive_refunds = sums_.has_positive_refunds || content.amount > 0;
        mark = content.amount < 0 ? 1 : 0;
        content.amount = std::abs(content.amount);
    }
    content.unit = currency.unit;
    if (!comparison_.fee) {
        content.fee.reset();
    }
    waiting_[waiting_count_].type = type;
    waiting_[waiting_count_].name = name;
    waiting_at_[waiting_count_] = place << 1U | mark;
    if (++waiting_count_ == waiting_.size()) {
        flush();
    }
}

// Before a name that waits is no longer where it stood.
void DiffScan::flush() {
    if (waiting_count_ == 0) {
        return;
    }
    std::fill(waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_count_), waiting_.end(), waiting_.front());
    const auto prints = fingerprints_.of(waiting_);
    for (std::size_t i = 0; i < waiting_count_; ++i) {
        sums_.names += prints[i].name;
        sums_.wholes += prints[i].whole;
        writer_.add({prints[i].name, prints[i].whole, waiting_at_[i]});
    }
    waiting_count_ = 0;
}

std::string_view DiffScan::name_in(std::string_view cell) {
    if (!audit::may_hold_card(cell)) {
        return cell;
    }
    redacted_ = file_.redact()(cell);
    return redacted_;
}

DiffScan::Currency* DiffScan::currency_of(std::string_view word) {
    if (const auto* known = known_currencies_.find(word)) {
        return *known;
    }
    std::optional<std::string> code = word.empty() ? std::optional(std::string()) : currency_from_word(word);
    if (!code) {
        return nullptr;
    }
    auto found = std::find_if(currencies_.begin(), currencies_.end(), [&](const auto& c) { return c->code == *code; });
    if (found == currencies_.end()) {
        currencies_.push_back(std::make_unique<Currency>());
        currencies_.back()->code = *code;
        currencies_.back()->exponent = display_exponent(*code);
        currencies_.back()->unit =
            fingerprints_.unit_of(comparison_.currency ? *code : std::string(), currencies_.back()->exponent);
        found = currencies_.end() - 1;
    }
    return known_currencies_.keep(word, found->get());
}

const payments::TransactionType* DiffScan::type_of(std::string_view word) {
    if (const auto* known = known_types_.find(word)) {
        return known;
    }
    const bool is_payment = word.empty() && !file_.layout().columns[static_cast<std::size_t>(DiffField::type)];
    const auto type = is_payment ? std::optional(TransactionType::payment) : reader_.type_of(word);
    if (!type || word.size() > ShortWord::kBytesMax) {
        return nullptr;  // a long word is looked at each time
    }
    known_types_.keep(word, *type);
    return known_types_.find(word);
}

std::uint64_t DiffScan::state_of(std::string_view word, TransactionType type) {
    auto& known = known_states_[static_cast<std::size_t>(type)];
    if (const auto* state = known.find(word)) {
        return *state;
    }
    return known.keep(word, state_number(file_.redact()(word), reader_.status_of(word, type)));
}

// Even for a state that is known, odd for another word, zero for none.
std::uint64_t DiffScan::state_number(std::string_view shown, const std::optional<TransactionStatus>& status) const {
    if (status) {
        return 2 * (static_cast<std::uint64_t>(*status) + 1);
    }
    if (shown.empty()) {
        return 0;
    }
    std::string lower(shown);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return fingerprints_.state_of(lower);
}

// Any minute of a day is one in UTC; elsewhere clocks are put back and forward, by whole minutes.
bool DiffScan::is_time(std::string_view text) {
    constexpr std::size_t kDay = 11;  // "2026-11-18T", "2026-11-18 "
    constexpr std::size_t kMinute = 16;
    if (text.empty()) {
        return true;
    }
    const auto below_sixty = [&](std::size_t at) {
        return text[at] >= '0' && text[at] <= '5' && text[at + 1] >= '0' && text[at + 1] <= '9';
    };
    const bool has_zone = text.size() == kMinute + 4 && text.back() == 'Z';
    const bool is_usual = (has_zone || text.size() == kMinute + 3) && text[kMinute] == ':' && below_sixty(kMinute + 1);
    if (!is_usual) {
        return instant_from_text(text, file_.mapping().time_zone).has_value();
    }
    const bool is_utc = has_zone || file_.mapping().time_zone == "UTC";
    const bool hours = (text[kDay] >= '0' && text[kDay] <= '1' && text[kDay + 1] >= '0' && text[kDay + 1] <= '9') ||
                       (text[kDay] == '2' && text[kDay + 1] >= '0' && text[kDay + 1] <= '3');
    const bool by_day = is_utc && hours && text[kDay + 2] == ':' && below_sixty(kDay + 3);
    const std::string_view known_by = text.substr(0, by_day ? kDay : kMinute);
    auto& known = has_zone ? known_times_utc_ : known_times_;
    if (const auto* is_one = known.find(known_by)) {
        return *is_one;
    }
    return known.keep(known_by, instant_from_text(text, file_.mapping().time_zone).has_value());
}

const DiffSums& DiffScan::sums() {
    for (const auto& currency : currencies_) {
        for (std::size_t type = 0; type < kTypes; ++type) {
            if (currency->counts[type] > 0) {
                sums_.count += currency->counts[type];
                sums_.amounts[{static_cast<TransactionType>(type), currency->code}] += currency->amounts[type];
            }
        }
        if (currency->fee_count > 0) {
            sums_.fees[currency->code] += currency->fees;
        }
    }
    currencies_.clear();
    return sums_;
}

}  // namespace reconciliation::matching
