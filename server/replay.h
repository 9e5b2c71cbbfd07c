// Recorded callbacks, fed through verification and posting as if they came now, a few hundred at a time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "payments/channel.h"
#include "server/application.h"

namespace server {

struct RecordedCallback {
    std::string path;
    payments::CallbackRequest request;  // received_at as recorded, or now
};

// JSON lines: path, headers, body_base64, received_at (optional). Throws core::InputError naming file, line and field.
std::vector<RecordedCallback> read_recorded_callbacks(const std::string& shown_name, std::string_view text,
                                                      core::Instant now);

// How many were answered with which status, in the order recorded.
std::map<int, std::size_t> replay(Application& application, const std::vector<RecordedCallback>& recorded,
                                  const std::function<void(std::size_t done)>& progress);

}  // namespace server
