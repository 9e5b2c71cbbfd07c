#include "server/bank.h"

#include "core/failure.h"

namespace server {

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
    const auto& settings = tenants.settings();
    const auto lists = settings.review_lists / tenant.settings->id.text() / reconciliation::bank_folder(bank);
    return reconciliation::reconcile_bank({application.database(), clock, settings.carry_window},
                                          {*tenant.settings, bank}, *read,
                                          [&](core::BusinessDay day) { return lists / core::format_day(day); });
}

}  // namespace server
