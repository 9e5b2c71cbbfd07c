// The settlement file inside the answer of the file download (specification, section 6.1).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace payments::unionpay {

// fileContent is base64(zlib(the ZIP's bytes)); raw deflate is taken too. The reason of a refusal can follow
// "fileContent": "is no base64", "unpacks to more than ... bytes".
core::Result<std::string, std::string> decode_file_content(std::string_view file_content,
                                                           std::size_t bytes_max = std::size_t{256} << 20U);

// Is `file_name` the name of this merchant's archive, MERID_YYYYMMDD.zip, and nothing that could lead elsewhere?
bool is_archive_name(std::string_view file_name, std::string_view merchant_id);

}  // namespace payments::unionpay
