// Ids that don't mix: an Id<Tag> neither becomes its text nor another id by accident.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace core {

// A text id (merchant order number, channel transaction id, tenant ...).
template <typename Tag>
class TextId {
public:
    TextId() = default;
    explicit TextId(std::string text) : text_(std::move(text)) {}

    const std::string& text() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }

    auto operator<=>(const TextId&) const = default;

private:
    std::string text_;
};

// A number given by the database.
template <typename Tag>
class NumberId {
public:
    NumberId() = default;
    explicit NumberId(std::int64_t number) noexcept : number_(number) {}

    std::int64_t number() const noexcept { return number_; }

    auto operator<=>(const NumberId&) const = default;

private:
    std::int64_t number_ = 0;
};

using TenantId = TextId<struct TenantTag>;                // [a-z0-9-]{1,32}
using MerchantOrderId = TextId<struct MerchantOrderTag>;  // the merchant's own order number
using ChannelTxnId = TextId<struct ChannelTxnTag>;        // transaction_id, refund_id, queryId, ch_, re_ ...
using EntryId = NumberId<struct EntryTag>;                // a journal entry
using MovementId = NumberId<struct MovementTag>;          // a movement of money told by a channel

// True for what the contract allows as a tenant's name.
bool is_tenant_id(const std::string& text);

}  // namespace core

template <typename Tag>
struct std::hash<core::TextId<Tag>> {
    std::size_t operator()(const core::TextId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
