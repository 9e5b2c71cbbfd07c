#include "payments/channels/unionpay/file_content.h"

#include "core/archive.h"
#include "core/crypto/encoding.h"
#include "payments/channels/unionpay/dates.h"

namespace payments::unionpay {

core::Result<std::string, std::string> decode_file_content(std::string_view file_content, std::size_t bytes_max) {
    const auto packed = core::crypto::base64_decode(file_content);
    if (!packed || packed->empty()) {
        return core::Refused{std::string(packed ? "is empty" : "is no base64")};
    }
    return core::zlib_inflate(*packed, bytes_max);
}

bool is_archive_name(std::string_view file_name, std::string_view merchant_id) {
    constexpr std::string_view kSuffix = ".zip";
    if (!file_name.starts_with(merchant_id) || !file_name.ends_with(kSuffix)) {
        return false;
    }
    const auto rest = file_name.substr(merchant_id.size());
    return rest.size() == 1 + 8 + kSuffix.size() && rest.front() == '_' && day_from_text(rest.substr(1, 8)).has_value();
}

}  // namespace payments::unionpay
