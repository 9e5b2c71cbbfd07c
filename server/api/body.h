// The JSON object of a POST, field by field. What isn't so is refused with the field's name and what it must be.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/reader.h"
#include "core/money.h"
#include "core/time.h"
#include "ledger/entry.h"

namespace server::api {

class Body {
public:
    using Redact = std::function<std::string(std::string_view)>;

    // Texts go through `redact`, so that no card number is kept. Throws Refusal, as all of these.
    Body(std::string_view json, std::initializer_list<std::string_view> known, Redact redact);

    // It is there and not null.
    bool has(std::string_view name) const;
    // 1 to `bytes_max` bytes without control characters.
    std::string text(std::string_view name, std::size_t bytes_max) const;
    ledger::Account account(std::string_view name) const;
    core::Currency currency(std::string_view name) const;
    // `least` to core::kMinorMax. {"amount", "currency"}, or the amount alone with a field "currency" beside it.
    core::Money money(std::string_view name, std::int64_t least = 1) const;
    std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most) const;
    core::BusinessDay day(std::string_view name) const;
    core::Instant time(std::string_view name) const;
    // False where it isn't there.
    bool flag(std::string_view name) const;
    const core::json::Value* find(std::string_view name) const { return object_.find(name); }

private:
    core::json::Value object_;
    Redact redact_;
};

}  // namespace server::api
