// The fixed-width rows of settlement files, by bytes of GBK (specification, sections 6.3 and 6.4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace payments::unionpay {

// Fields stand at fixed bytes with one blank between them, so a row is cut first and decoded afterwards: a GBK
// character's second byte can look like anything but a blank.
struct Layout {
    std::span<const std::uint8_t> widths;  // the last field is a reserve: it may be shorter, longer or absent
    std::span<const std::string_view> names;
};

const Layout& zm_layout();   // transactions, 42 fields, 607 bytes
const Layout& zme_layout();  // disputes, 22 fields, 339 bytes

// Bytes that a row must have: everything before the reserve.
std::size_t row_bytes_min(const Layout& layout);

// Positions in zm_layout() of the fields that are read or written, from 0.
namespace zm {
inline constexpr std::size_t kCode = 0, kAcquirer = 1, kSender = 2, kTraceNo = 3, kTraceTime = 4, kAccount = 5,
                             kAmount = 6, kCategory = 7, kTerminalType = 8, kQueryId = 9, kOldPayType = 10,
                             kOrderId = 11, kCardType = 12, kOrigTraceNo = 13, kOrigTraceTime = 14, kFee = 15,
                             kSettled = 16, kPayType = 17, kTxnType = 19, kTxnSubType = 20, kBizType = 21,
                             kOrigQueryId = 26, kMerchantId = 27, kSubMerchantId = 29, kSplitAmount = 31, kNet = 32,
                             kTerminalId = 33, kMerchantNote = 34, kDiscount = 35, kInvoice = 36, kInstalmentFee = 37,
                             kMedium = 39, kOrigOrderId = 40, kReserve = 41;
}
namespace zme {
inline constexpr std::size_t kCode = 0, kTraceNo = 3, kTraceTime = 4, kAccount = 5, kAmount = 6, kOrigTraceNo = 10,
                             kOrigTraceTime = 11, kOrigSettleDate = 12, kOrigAmount = 13, kFee = 14, kSettled = 15,
                             kMerchantId = 17;
}

// What is wrong with a row, and in which field.
struct RowProblem {
    std::string field;
    std::string what;
};

// The row (without its line end) cut into its fields, blanks included.
core::Result<std::vector<std::string_view>, RowProblem> cut(std::string_view row, const Layout& layout);

// "000000476800": fen without a sign.
std::optional<std::int64_t> fen(std::string_view text);
// "C000000473939", "D000000002861", " 000000000000": fen with a direction, C (to the merchant) above zero. Only zero
// may stand without one.
std::optional<std::int64_t> directed_fen(std::string_view text);
// Without blanks and as UTF-8; nothing when the bytes are no GBK, or one is a control character.
std::optional<std::string> text_of_field(std::string_view field);

}  // namespace payments::unionpay
