#include "server/nightly.h"

#include <algorithm>
#include <set>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"
#include "reconciliation/job.h"

namespace server {
namespace {

constexpr std::size_t kStatementBytesMax = std::size_t{2} << 30U;

bool is_finished(const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    return !name.starts_with('.') && !name.ends_with(".part") && !name.ends_with(".tmp");
}

std::vector<core::BusinessDay> days_in(const std::filesystem::path& folder) {
    std::vector<core::BusinessDay> days;
    std::error_code ignored;
    for (const auto& item : std::filesystem::directory_iterator(folder, ignored)) {
        const auto day = core::parse_day(item.path().filename().string());
        if (day && item.is_directory()) {
            days.push_back(*day);
        }
    }
    std::sort(days.begin(), days.end());
    return days;
}

std::vector<std::string> hashes_of(const std::vector<payments::StatementFile>& files) {
    std::vector<std::string> hashes;
    hashes.reserve(files.size());
    for (const auto& file : files) {
        hashes.push_back(core::crypto::sha256_hex(file.bytes));
    }
    std::sort(hashes.begin(), hashes.end());
    return hashes;
}

struct Night {
    Application& application;
    const core::Clock& clock;
    const NightlyRequest& request;
    const Tenants& tenants;
};

NightlyDay run_day(const Night& night, const Tenant& tenant, const payments::Channel& channel, core::BusinessDay date) {
    const auto& settings = night.tenants.settings();
    const std::string id = tenant.settings->id.text();
    const auto part = std::filesystem::path(id) / std::string(channel.name()) / core::format_day(date);
    NightlyDay done{id, std::string(channel.name()), date, NightlyDay::Outcome::no_statement, {},
                    {}, settings.review_lists / part};
    try {
        const auto files = read_statement_folder(settings.statements / part);
        if (files.empty()) {
            return done;
        }
        auto& database = night.application.database();
        if (!night.request.date && std::filesystem::exists(done.folder / "summary.json") &&
            reconciliation::statements_taken_in(database, tenant.settings->id, channel.name(), date) ==
                hashes_of(files)) {
            done.outcome = NightlyDay::Outcome::unchanged;
            return done;
        }
        done.list = reconciliation::reconcile_day({database, night.clock, settings.carry_window},
                                                  {*tenant.settings, channel, tenant.fees(channel.name()), date}, files,
                                                  done.folder);
        done.outcome = NightlyDay::Outcome::reconciled;
    } catch (const core::InputError& error) {
        done.outcome = NightlyDay::Outcome::refused;
        done.message = (settings.statements / part / "").string() + error.what();
        core::log_warning("statement_refused", {{"tenant", id}, {"channel", channel.name()}, {"reason", error.what()}});
    }
    return done;
}

}  // namespace

std::vector<payments::StatementFile> read_statement_folder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    std::error_code ignored;
    for (const auto& item : std::filesystem::directory_iterator(folder, ignored)) {
        if (item.is_regular_file() && is_finished(item.path())) {
            paths.push_back(item.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<payments::StatementFile> files;
    files.reserve(paths.size());
    for (const auto& path : paths) {
        files.push_back({path.filename().string(), core::read_file(path, kStatementBytesMax)});
    }
    return files;
}

std::vector<NightlyDay> run_nightly(Application& application, const core::Clock& clock, const NightlyRequest& request,
                                    const std::function<void(const NightlyDay&)>& progress) {
    const auto tenants = application.tenants();
    if (!request.tenant.empty()) {
        tenants->require(request.tenant);
    }
    const Night night{application, clock, request, *tenants};
    std::vector<NightlyDay> days;
    for (const auto& tenant : tenants->all()) {
        if (!request.tenant.empty() && tenant->settings->id.text() != request.tenant) {
            continue;
        }
        for (const auto& [name, channel] : tenant->channels) {
            std::vector<core::BusinessDay> dates;
            if (request.date) {
                dates.push_back(*request.date);
            } else {
                dates = days_in(tenants->settings().statements / tenant->settings->id.text() / name);
            }
            for (const auto date : dates) {
                days.push_back(run_day(night, *tenant, *channel, date));
                progress(days.back());
            }
        }
    }
    return days;
}

}  // namespace server
