#include "server/trail.h"

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "audit/trail.h"
#include "core/db/process.h"
#include "core/failure.h"

namespace server {
namespace {

void add_line(const std::filesystem::path& path, const std::string& line) {
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    const auto failed = [&](const char* what) {
        return core::OutsideFailure("audit.checkpoint_file: " + path.string() + ": " + what + ": " +
                                    std::strerror(errno));
    };
    if (file < 0) {
        throw failed("can't be opened");
    }
    // One write, so that two programs' lines don't mix.
    const auto text = line + "\n";
    const bool whole = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool kept = whole && ::fsync(file) == 0;
    const auto failure = failed("can't be written");
    ::close(file);
    if (!kept) {
        throw failure;
    }
}

void publish(const config::AuditSettings& settings, const std::string& line) {
    if (settings.checkpoint_file) {
        add_line(*settings.checkpoint_file, line);
    }
    if (settings.checkpoint_syslog) {
        ::openlog("duizhang", LOG_PID, LOG_AUTHPRIV);
        ::syslog(LOG_NOTICE, "%s", line.c_str());
        ::closelog();
    }
    if (!settings.checkpoint_command.empty()) {
        auto arguments = settings.checkpoint_command;
        arguments.push_back(line);
        const int status = core::db::run_to_end({arguments, "/", {}});
        if (status != 0) {
            throw core::OutsideFailure("audit.checkpoint_command: " + settings.checkpoint_command.front() +
                                       " ended with status " + std::to_string(status));
        }
    }
}

std::size_t publish_heads_of(core::db::Database& database, const core::TenantId& tenant, const Tenants& tenants,
                             core::Instant now) {
    {
        core::db::TenantTransaction transaction(database, tenant);
        if (tenants.trail().make_head(transaction, now)) {
            transaction.commit();
        }
    }
    std::vector<audit::SignedHead> heads;
    {
        core::db::TenantTransaction transaction(database, tenant);
        heads = audit::read_heads(transaction, true);
    }
    for (const auto& head : heads) {
        publish(tenants.settings().audit, audit::head_line(head));
        core::db::TenantTransaction transaction(database, tenant);
        audit::mark_published(transaction, head.head.size, now);
        transaction.commit();
    }
    return heads.size();
}

}  // namespace

std::size_t publish_heads(Application& application, const Tenants& tenants, core::Instant now) {
    std::size_t published = 0;
    std::string failures;
    const auto publish_of = [&](const core::TenantId& tenant) {
        try {
            published += publish_heads_of(application.database(), tenant, tenants, now);
        } catch (const core::OutsideFailure& failure) {
            failures += (failures.empty() ? "" : " | ") + std::string(failure.what());
        }
    };
    std::vector<core::TenantId> all{core::kInstance};
    for (const auto& tenant : tenants.all()) {
        all.push_back(tenant->settings->id);
    }
    for (const auto& tenant : audit::trails_behind(application.database(), all)) {
        publish_of(tenant);
    }
    if (!failures.empty()) {
        throw core::OutsideFailure(failures);
    }
    return published;
}

}  // namespace server
