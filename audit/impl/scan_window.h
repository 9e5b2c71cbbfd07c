// The scanner's second stage: a window of text, its triggers looked at one by one.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/impl/scan_triggers.h"
#include "audit/scan.h"

namespace audit::impl {

// Something found in a window; offsets are the window's.
struct Hit {
    std::size_t begin;
    std::size_t end;
    FindingKind kind;
    Confidence confidence;
    std::string encoding;
    std::string digits;    // of a card number, all of them: never leaves the scanner
    std::string masked;    // of anything else
    std::string id_field;  // the field it is all of, when that is known to hold ids
};

// Of numbers in fields of ids: how many have a card's prefix and length, and how many of those pass Luhn. Ids pass one
// time in ten, cards always.
struct IdField {
    std::size_t like_cards = 0;
    std::size_t pass_luhn = 0;

    bool holds_ids() const { return like_cards >= 16 && pass_luhn * 2 < like_cards; }
};
using IdFields = std::map<std::string, IdField, std::less<>>;

// The columns of a text that is CSV, by its first line.
struct Columns {
    char separator = 0;  // 0: it is none
    std::vector<std::string> names;
};

// Up to where each kind of thing has been dealt with: what belongs to it already is not looked at again.
struct Dealt {
    std::size_t run = 0;
    std::array<std::size_t, 13> with{};  // by TriggerKind

    std::size_t& of(TriggerKind kind) { return with.at(static_cast<std::size_t>(kind)); }
    void forget(std::size_t bytes);
};

class Window {
public:
    // kReadBehind bytes behind the text are readable. `depth` counts decodings; `card_said`: what stands around the
    // window speaks of a card.
    Window(std::string_view text, unsigned depth, bool card_said, Dealt& dealt, std::vector<Hit>& hits)
        : text_(text), depth_(depth), card_said_(card_said), dealt_(dealt), hits_(hits) {}

    void use_fields(IdFields& fields, const Columns& columns) {
        fields_ = &fields;
        columns_ = &columns;
    }

    void look_at(const Trigger& trigger);

    std::string_view text() const { return text_; }
    char at(std::size_t place) const { return place < text_.size() ? text_[place] : '\0'; }
    std::size_t digits_end(std::size_t at) const;
    bool speaks_of_card(std::size_t begin, std::size_t end) const;
    // Adds a hit unless its digits are no card number; says whether they were.
    struct Number {
        std::size_t begin;
        std::size_t end;
        std::string digits;
        std::string_view encoding;
        bool is_grouped = false;  // as cards are printed
        bool is_doubtful = false;
    };
    bool judge(const Number& number);
    void add(Hit hit) { hits_.push_back(std::move(hit)); }

    // Text decoded out of this one, with each of its bytes' origin: looked through in turn, and what is found there is
    // found here.
    struct Decoded {
        std::string text;
        std::vector<std::size_t> origin;  // one more than the text has bytes
    };
    void look_through(Decoded decoded, std::string_view encoding, bool card_said);

private:
    void look_at_piece(std::size_t at);
    void look_at_groups(std::size_t separator);
    void look_at_equal_groups(std::size_t at, std::size_t each);
    void look_at_scientific(std::size_t e);
    void look_at_hex(std::size_t at);
    void look_at_base64(std::size_t quad);
    void look_at_escape(std::size_t at);
    void look_at_full_width(std::size_t at);
    void look_at_utf16(std::size_t at);
    void look_at_word(std::size_t at);
    std::string id_field(std::size_t begin, std::size_t end) const;

    std::string_view text_;
    unsigned depth_;
    bool card_said_;
    Dealt& dealt_;
    std::vector<Hit>& hits_;
    IdFields* fields_ = nullptr;
    const Columns* columns_ = nullptr;
};

// The field's name that the text from `begin` to `end` is the whole value of, where it stands in JSON, XML, a query or
// a form; empty where it doesn't.
std::string_view field_around(std::string_view text, std::size_t begin, std::size_t end);
// Names of fields that hold ids, in whatever spelling.
bool is_id_field(std::string_view name);
// The columns, when the first line is one of names.
Columns columns_of(std::string_view first_line);
// The name of the column that the text from `begin` to `end` is the whole cell of; empty where it isn't.
std::string_view column_around(const Columns& columns, std::string_view text, std::size_t begin, std::size_t end);

}  // namespace audit::impl
