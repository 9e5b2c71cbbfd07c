// The scanner over a database: every column of every table that the service may read, several tables at a time.
//
// It reads in transactions that can't write, one for each tenant and table, and takes no lock but the one that every
// reader takes. What row-level security hides is not seen: rows of the given tenants are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "audit/scan.h"
#include "core/db/database.h"
#include "core/ids.h"

namespace audit {

struct DatabaseToScan {
    core::db::Database& database;
    std::vector<core::TenantId> tenants;  // at least one
    unsigned workers = 2;
    // Of so many tables, counted for each tenant; from one thread at a time.
    std::function<void(const std::string& table, std::size_t done, std::size_t all)> progress;
};

// A finding's path is TENANT:SCHEMA.TABLE.COLUMN, or :SCHEMA.TABLE.COLUMN of a table without tenants; its line is the
// row's number as it was read. A table that can't be read is named as not looked into. `files` counts tables.
ScanReport scan_database(const DatabaseToScan& what, const Redactor& redactor, const ScanOptions& options);

}  // namespace audit
