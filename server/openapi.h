#pragma once

#include <string_view>

namespace server {

// The OpenAPI 3.1 document of what the service answers.
std::string_view openapi_document();

}  // namespace server
