// What a digest of the books is taken of, for SQL and C++ alike (docs/seals.md has every byte).
#pragma once

#include "core/crypto/said.h"

// The SHA-256 of the entry in the row `e` of ledger.entries.
#define DUIZHANG_SAID_TEXT(of) "int8send(octet_length(" of ")::bigint) || convert_to(" of ", 'UTF8')"
#define DUIZHANG_SAID_TIME(of) "int8send((extract(epoch from " of ") * 1000000)::bigint)"
#define DUIZHANG_LEAF \
    "sha256(convert_to('duizhang entry 1' || chr(10), 'UTF8') || " DUIZHANG_SAID_TEXT("e.tenant_id")                \
    " || int8send(e.entry_id) || " DUIZHANG_SAID_TEXT("e.event") " || " DUIZHANG_SAID_TEXT("e.source_key")          \
    " || " DUIZHANG_SAID_TEXT("e.group_key") " || " DUIZHANG_SAID_TEXT("e.description")                             \
    " || " DUIZHANG_SAID_TIME("e.occurred_at") " || int8send((e.business_date - date '1970-01-01')::bigint)"        \
    " || " DUIZHANG_SAID_TIME("e.recorded_at") " || int8send(cardinality(e.leg_amounts)::bigint)"                   \
    " || (select string_agg(" DUIZHANG_SAID_TEXT("l.account") " || " DUIZHANG_SAID_TEXT("l.currency")               \
    " || int8send(l.amount), ''::bytea order by l.leg_no)"                                                          \
    " from unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality"                                 \
    " as l (account, currency, amount, leg_no)))"

namespace ledger {

using core::crypto::bytes_of_hex;
using core::crypto::number_bytes;
using core::crypto::Said;

}  // namespace ledger
