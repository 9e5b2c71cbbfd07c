// The pages: the review lists as published, read-only, behind a one-time login.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciliation/review_list.h"
#include "server/api/refused_acts.h"
#include "server/application.h"
#include "server/http/message.h"
#include "server/login.h"

namespace server {

class Pages {
public:
    Pages(Application& application, core::KeyBytes master_key, const core::Clock& clock)
        : application_(application),
          sessions_(std::move(master_key)),
          clock_(clock),
          refused_(application.database()) {}

    // GET / , /login?token=..., /review/TENANT/CHANNEL/DATE/FILE; nothing for another path.
    std::optional<http::Response> answer(const http::Request& request);

private:
    bool is_logged_in(const http::Request& request);
    http::Response log_in(const http::Request& request);
    http::Response index() const;
    http::Response review_file(std::string_view path) const;

    Application& application_;
    Sessions sessions_;
    const core::Clock& clock_;
    api::RefusedActs refused_;  // logins, as many as a disk bears
};

// The published lists under a folder, newest day first.
std::vector<reconciliation::IndexEntry> published_lists(const Tenants& tenants, std::string_view href_prefix);

}  // namespace server
