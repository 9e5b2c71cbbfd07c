#include "server/bank.h"

#include "core/failure.h"
#include "reconciliation/kept.h"

namespace server {
namespace {

// Before their days are run, each in a transaction of its own: a file may hold the statements of several.
void keep(Application& application, const core::Clock& clock, const Tenants& tenants, const Tenant& tenant,
          const std::vector<payments::StatementFile>& files) {
    core::db::TenantTransaction transaction(application.database(), tenant.settings->id);
    core::db::take_time(transaction);
    for (const auto& file : files) {
        (void)reconciliation::keep_statement(transaction, tenants.keys(), reconciliation::pack_statement(file.bytes),
                                             clock.now());
    }
    transaction.commit();
}

}  // namespace

std::vector<reconciliation::BankDay> import_bank(Application& application, const core::Clock& clock,
                                                 const Tenants& tenants, const Tenant& tenant, const config::Bank& bank,
                                                 const std::vector<payments::StatementFile>& files,
                                                 std::optional<core::BusinessDay> only) {
    const auto read = payments::bank::read_statements(
        files, {bank, [&](std::string_view text) { return tenants.redactor().redact(text); }});
    if (!read) {
        throw core::InputError(read.error().message());
    }
    for (const auto& statement : *read) {
        if (only && statement.day != *only) {
            throw core::InputError(payments::StatementRefusal{statement.file, statement.line, "day",
                                                              "closes on " + core::format_day(statement.day),
                                                              "put it into the folder of that day"}
                                       .message());
        }
    }
    keep(application, clock, tenants, tenant, files);
    const auto& settings = tenants.settings();
    const auto lists = settings.review_lists / tenant.settings->id.text() / reconciliation::bank_folder(bank);
    return reconciliation::reconcile_bank({application.database(), clock, settings.carry_window},
                                          {*tenant.settings, bank}, *read,
                                          [&](core::BusinessDay day) { return lists / core::format_day(day); });
}

}  // namespace server
