// A movement of money as the API shows it.
#pragma once

#include "core/json/writer.h"
#include "payments/lists.h"

namespace server::api {

inline void write_movement(core::json::Writer& json, const payments::StoredMovement& movement) {
    json.begin_object()
        .member("channel", movement.channel)
        .member("type", movement.type)
        .member("channel_txn_id", movement.channel_txn_id)
        .member("status", movement.status)
        .member("amount", movement.amount)
        .member("merchant_order_id", movement.merchant_order_id)
        .member("own_order_id", movement.own_order_id)
        .member("related_txn_id", movement.related_txn_id)
        .member("occurred_at", core::format_rfc3339(movement.occurred_at))
        .member("business_date", movement.business_date)
        .key("entry");
    movement.entry ? json.value(movement.entry->number()) : json.null();
    json.end_object();
}

}  // namespace server::api
