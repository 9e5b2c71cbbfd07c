#include "server/pages.h"

#include <algorithm>
#include <fstream>

#include "core/failure.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "payments/channels/registry.h"
#include "reconciliation/bank.h"
#include "reconciliation/lists/page.h"

namespace server {
namespace {

constexpr std::size_t kFileBytesMax = 256U << 20U;
constexpr std::size_t kSummaryBytesMax = 1U << 20U;
constexpr std::string_view kCookie = "duizhang_session";

struct PublishedFile {
    std::string_view name;
    std::string_view content_type;
};

constexpr PublishedFile kFiles[] = {
    {"review.html", "text/html; charset=utf-8"},
    {"review.csv", "text/csv; charset=utf-8"},
    {"review.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"summary.json", "application/json"},
};

http::Response page(int status, std::string html) {
    http::Response response{status, {}, std::move(html)};
    response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                        {"Content-Security-Policy",
                         "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
                         "frame-ancestors 'none'; base-uri 'none'"},
                        {"Referrer-Policy", "no-referrer"},
                        {"Cache-Control", "no-store"}};
    return response;
}

http::Response login_page(int status) {
    return page(status,
                reconciliation::lists::html_page(
                    "登录 Log in",
                    "<h1>登录 <span lang=\"en\">Log in</span></h1>"
                    "<p>请使用服务启动时打印的一次性登录链接,或运行 <code>duizhang login</code> 获取新的链接。</p>"
                    "<p lang=\"en\">Use the one-time login link that the service printed when it started, or get a "
                    "new one with <code>duizhang login</code>.</p>"));
}

http::Response redirect(const std::string& where) {
    http::Response response{303, {{"Location", where}, {"Cache-Control", "no-store"}}, {}};
    return response;
}

std::string query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return std::string(pair.substr(name.size() + 1));
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return {};
}

std::string cookie_value(const http::Request& request) {
    auto rest = request.head.header("Cookie").value_or(std::string_view());
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        auto pair = rest.substr(0, end);
        while (pair.starts_with(' ')) {
            pair.remove_prefix(1);
        }
        if (pair.starts_with(kCookie) && pair.size() > kCookie.size() && pair[kCookie.size()] == '=') {
            return std::string(pair.substr(kCookie.size() + 1));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

reconciliation::AmountByCurrency amounts(const core::json::Value* object) {
    reconciliation::AmountByCurrency result;
    if (object != nullptr) {
        for (const auto& [currency, minor] : object->members()) {
            result[currency] = minor.integer().value_or(0);
        }
    }
    return result;
}

std::uint64_t count_at(const core::json::Value& object, std::string_view key) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, object.integer_at(key).value_or(0)));
}

// The summary without its leftovers, its last member, of which there may be any number. Within a text a line break is
// escaped, so that no value can look like the member's line. Empty when the file can't be read.
std::string figures_of(const std::filesystem::path& file) {
    std::error_code failed;
    const auto bytes = std::filesystem::file_size(file, failed);
    std::string text(failed ? 0 : std::min<std::uintmax_t>(bytes, kSummaryBytesMax), '\0');
    std::ifstream in(file, std::ios::binary);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    const auto leftovers = text.find(",\n \"leftovers\": [");
    return leftovers == std::string::npos ? text : text.substr(0, leftovers) + "\n}";
}

std::optional<reconciliation::Summary> read_summary(const std::filesystem::path& file) {
    const std::string text = figures_of(file);
    const auto json = core::json::parse(text);
    if (!json || !json->is_object()) {
        return std::nullopt;
    }
    reconciliation::Summary summary;
    if (const auto* ledger = json->find("ledger")) {
        summary.ledger_count = count_at(*ledger, "count");
        summary.ledger_amount = amounts(ledger->find("amount"));
    }
    if (const auto* channel = json->find("channel_side")) {
        summary.channel_count = count_at(*channel, "count");
        summary.channel_amount = amounts(channel->find("amount"));
        summary.channel_fee = amounts(channel->find("fee"));
    }
    if (const auto* kinds = json->find("discrepancies")) {
        for (const auto& [name, count] : kinds->members()) {
            if (const auto kind = reconciliation::discrepancy_kind_from(name)) {
                summary.discrepancies[*kind] = static_cast<std::uint64_t>(count.integer().value_or(0));
            }
        }
    }
    summary.matched = count_at(*json, "matched");
    summary.carried_in = count_at(*json, "carried_in");
    summary.carried_out = count_at(*json, "carried_out");
    summary.cleared = count_at(*json, "cleared");
    summary.started_at = core::parse_rfc3339(json->string_at("started_at").value_or("")).value_or(core::Instant());
    summary.finished_at = core::parse_rfc3339(json->string_at("finished_at").value_or("")).value_or(core::Instant());
    return summary;
}

// What a tenant's lists lie in: its channels' folders, and its bank accounts'.
std::vector<std::string> list_folders(const Tenant& tenant) {
    std::vector<std::string> folders;
    for (const auto& [channel, ignored] : tenant.channels) {
        folders.push_back(channel);
    }
    for (const auto& bank : tenant.settings->banks) {
        folders.push_back(reconciliation::bank_folder(bank));
    }
    return folders;
}

bool has_lists_of(const Tenant& tenant, std::string_view folder) {
    const auto folders = list_folders(tenant);
    return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        parts.push_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return parts;
}

}  // namespace

std::vector<reconciliation::IndexEntry> published_lists(const Tenants& tenants, std::string_view href_prefix) {
    std::vector<reconciliation::IndexEntry> entries;
    for (const auto& tenant : tenants.all()) {
        for (const auto& channel : list_folders(*tenant)) {
            const std::string id = tenant->settings->id.text();
            std::error_code error;
            for (const auto& item :
                 std::filesystem::directory_iterator(tenants.settings().review_lists / id / channel, error)) {
                const auto day = core::parse_day(item.path().filename().string());
                auto summary = day ? read_summary(item.path() / "summary.json") : std::nullopt;
                if (!summary) {
                    continue;
                }
                summary->tenant = id;
                summary->tenant_name = tenant->settings->name;
                summary->channel = channel;
                if (const auto* registered = payments::find_channel(channel)) {
                    summary->channel_label_zh = std::string(registered->label_zh);
                    summary->channel_label_en = registered->label_en == registered->label_zh
                                                    ? std::string()
                                                    : std::string(registered->label_en);
                }
                summary->business_date = *day;
                std::string href(href_prefix);
                href.append(id)
                    .append("/")
                    .append(channel)
                    .append("/")
                    .append(core::format_day(*day))
                    .append("/review.html");
                entries.push_back({std::move(*summary), std::move(href)});
            }
        }
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return std::tuple(b.summary.business_date, a.summary.tenant, a.summary.channel) <
               std::tuple(a.summary.business_date, b.summary.tenant, b.summary.channel);
    });
    return entries;
}

bool Pages::is_logged_in(const http::Request& request) {
    return sessions_.is_valid(cookie_value(request), clock_.now());
}

http::Response Pages::log_in(const http::Request& request) {
    const std::string session = sessions_.log_in(query_value(request.head.query, "token"), clock_.now());
    const auto tenants = application_.tenants();
    const audit::Actor actor{"whoever has a one-time login",
                             request.head.remote.empty() ? "unknown" : request.head.remote};
    if (session.empty()) {
        refused_.note(*tenants, core::kInstance, actor,
                      {"console.login", "pages", "null", "null", "refused: this login is wrong, stale or used"},
                      clock_.now());
        return login_page(403);
    }
    // Whoever isn't recorded gets no cookie.
    core::db::TenantTransaction transaction(application_.database(), core::kInstance);
    tenants->trail().record(transaction, actor, {"console.login", "pages"}, clock_.now());
    transaction.commit();
    auto response = redirect("/");
    response.headers.emplace_back("Set-Cookie",
                                  std::string(kCookie) + "=" + session + "; Path=/; HttpOnly; SameSite=Lax");
    return response;
}

http::Response Pages::index() const {
    const auto tenants = application_.tenants();
    return page(200, reconciliation::index_html(published_lists(*tenants, "/review/")));
}

http::Response Pages::review_file(std::string_view path) const {
    const auto parts = segments(path);
    const auto tenants = application_.tenants();
    const auto* tenant = parts.size() == 4 ? tenants->find(parts[0]) : nullptr;
    // Every part is one we know, so no path from outside reaches the file system.
    if (tenant == nullptr || !has_lists_of(*tenant, parts[1]) || !core::parse_day(parts[2])) {
        return http::Response::problem(404, "not found");
    }
    for (const auto& [name, content_type] : kFiles) {
        if (parts[3] != name) {
            continue;
        }
        const auto file = tenants->settings().review_lists / parts[0] / parts[1] / parts[2] / name;
        if (!std::filesystem::exists(file)) {
            break;
        }
        auto response = page(200, core::read_file(file, kFileBytesMax));
        response.headers.front().second = content_type;
        return response;
    }
    return http::Response::problem(404, "not found");
}

std::optional<http::Response> Pages::answer(const http::Request& request) {
    constexpr std::string_view kReview = "/review/";
    const std::string& path = request.head.path;
    if (path == "/login") {
        return log_in(request);
    }
    const bool review = path.starts_with(kReview);
    if (path != "/" && !review) {
        return std::nullopt;
    }
    if (!is_logged_in(request)) {
        return login_page(401);
    }
    return review ? review_file(std::string_view(path).substr(kReview.size())) : index();
}

}  // namespace server
