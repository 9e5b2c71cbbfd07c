// UnionPay's settlement files of one day as a statement (specification, section 6.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/unionpay/settlement_rows.h"

namespace payments::unionpay {

// Takes MERID_YYYYMMDD.zip as UnionPay gives it, or its members by themselves. There must be exactly one file of
// transactions (…ZM_…), which may be empty; disputes (…ZME_…) and the summary (RD2010…) may be there once.
// Members of other names are left out with a warning. Merchant and day are read from names, rows and the summary, and
// each has to agree: a good file in the wrong folder would make every movement of two days missing.
core::Result<Statement, StatementRefusal> read_settlement(const std::vector<StatementFile>& files,
                                                          const SettlementDay& settlement,
                                                          const ChannelContext& context, RowPick pick,
                                                          const LineTaker& take);

// What a name says.
struct MemberName {
    enum class Kind { transactions, disputes, summary, unknown };
    Kind kind = Kind::unknown;
    std::string_view day;       // YYMMDD
    std::string_view merchant;  // with whatever follows it
};
MemberName recognised(std::string_view name);

}  // namespace payments::unionpay
