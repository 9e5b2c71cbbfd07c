#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>

#include "audit/scan_database.h"
#include "core/db/work.h"

namespace audit {
namespace {

// Names come quoted, since they become part of a statement.
constexpr const char* kColumns = R"(
    select quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(a.attname), a.atttypid = 'bytea'::regtype,
           exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id' and not t.attisdropped)
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and a.attnum > 0 and not a.attisdropped
       and has_schema_privilege(n.oid, 'usage') and has_column_privilege(c.oid, a.attnum, 'select')
     order by 1, a.attnum)";
constexpr const char* kReadOnly = "set transaction read only";
constexpr const char* kNext = "fetch 500 from scanned";

struct Column {
    std::string name;
    bool is_binary;
};
struct Table {
    std::string name;
    bool of_tenants;
    std::vector<Column> columns;
};
struct Job {
    const Table* table;
    const core::TenantId* tenant;
};

std::vector<Table> tables_of(core::db::Database& database, const core::TenantId& tenant) {
    core::db::TenantTransaction transaction(database, tenant);
    std::vector<Table> tables;
    for (const auto& row : core::db::run(transaction, kColumns)) {
        const auto name = row[0].as<std::string>();
        if (tables.empty() || tables.back().name != name) {
            tables.push_back({name, row[3].as<bool>(), {}});
        }
        tables.back().columns.push_back({row[1].as<std::string>(), row[2].as<bool>()});
    }
    return tables;
}

int hex_value(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// "\x3432" as the server writes bytes.
std::string bytes_of(std::string_view text) {
    std::string bytes;
    for (std::size_t at = 2; at + 1 < text.size(); at += 2) {
        bytes.push_back(static_cast<char>(hex_value(text[at]) * 16 + hex_value(text[at + 1])));
    }
    return bytes;
}

// A column's values as a text of one line each. Written as a field, so that a column of ids is known as one.
class ColumnScan {
public:
    ColumnScan(const Column& column, const std::string& path, const Redactor& redactor, const ScanOptions& options,
               ScanReport& report)
        : head_("\"" + column.name + "\":\""),
          is_binary_(column.is_binary),
          scanner_(std::make_unique<TextScanner>(path + "." + column.name, redactor, options, report)) {}

    void take(std::string_view value) {
        std::string line = head_ + (is_binary_ ? bytes_of(value) : std::string(value));
        if (!is_binary_) {
            std::replace(line.begin(), line.end(), '\n', ' ');
        }
        scanner_->take(line + "\"\n");
    }
    void finish() { scanner_->finish(); }

private:
    std::string head_;
    bool is_binary_;
    std::unique_ptr<TextScanner> scanner_;
};

std::string cursor_over(const Table& table) {
    std::string columns;
    for (const auto& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + column.name + "::text";
    }
    return "declare scanned no scroll cursor for select " + columns + " from " + table.name;
}

void scan_table(core::db::Database& database, const Job& job, const std::string& path, const Redactor& redactor,
                const ScanOptions& options, ScanReport& report) {
    core::db::TenantTransaction transaction(database, *job.tenant);
    core::db::run(transaction, kReadOnly);
    core::db::take_time(transaction);
    core::db::run(transaction, cursor_over(*job.table).c_str());
    std::vector<ColumnScan> columns;
    for (const auto& column : job.table->columns) {
        columns.emplace_back(column, path, redactor, options, report);
    }
    while (true) {
        const auto rows = core::db::run(transaction, kNext);
        for (const auto& row : rows) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const auto field = row[static_cast<pqxx::row_size_type>(i)];
                columns[i].take({field.c_str(), field.size()});
            }
        }
        if (rows.empty()) {
            break;
        }
    }
    for (auto& column : columns) {
        column.finish();
    }
    ++report.files;
}

void add(ScanReport& to, ScanReport&& from, std::size_t findings_max) {
    to.files += from.files;
    to.bytes += from.bytes;
    to.findings_left_out += from.findings_left_out;
    to.allowed += from.allowed;
    to.ids += from.ids;
    for (auto& finding : from.findings) {
        if (to.findings.size() < findings_max) {
            to.findings.push_back(std::move(finding));
        } else {
            ++to.findings_left_out;
        }
    }
    std::move(from.not_looked_into.begin(), from.not_looked_into.end(), std::back_inserter(to.not_looked_into));
}

class Round {
public:
    Round(const DatabaseToScan& what, const Redactor& redactor, const ScanOptions& options)
        : what_(what), redactor_(redactor), options_(options) {}

    ScanReport scan(const std::vector<Job>& jobs) {
        std::vector<std::thread> workers;
        for (unsigned i = 0; i < std::max(1U, what_.workers); ++i) {
            workers.emplace_back([&] { work(jobs); });
        }
        for (auto& worker : workers) {
            worker.join();
        }
        std::sort(all_.findings.begin(), all_.findings.end(), [](const Finding& a, const Finding& b) {
            return a.path != b.path ? a.path < b.path : a.line < b.line;
        });
        return std::move(all_);
    }

private:
    const Job* next(const std::vector<Job>& jobs) {
        const std::lock_guard lock(mutex_);
        if (at_ == jobs.size()) {
            return nullptr;
        }
        what_.progress(jobs[at_].table->name, at_ + 1, jobs.size());
        return &jobs[at_++];
    }

    void work(const std::vector<Job>& jobs) {
        while (const auto* job = next(jobs)) {
            ScanReport report;
            const auto path = (job->table->of_tenants ? job->tenant->text() : "") + ":" + job->table->name;
            try {
                scan_table(what_.database, *job, path, redactor_, options_, report);
            } catch (const std::exception& error) {
                report.not_looked_into.push_back({path, error.what()});
            }
            const std::lock_guard lock(mutex_);
            add(all_, std::move(report), options_.findings_max);
        }
    }

    const DatabaseToScan& what_;
    const Redactor& redactor_;
    const ScanOptions& options_;
    std::mutex mutex_;
    std::size_t at_ = 0;
    ScanReport all_;
};

}  // namespace

ScanReport scan_database(const DatabaseToScan& what, const Redactor& redactor, const ScanOptions& options) {
    const auto tables = tables_of(what.database, what.tenants.front());
    std::vector<Job> jobs;
    for (const auto& table : tables) {
        for (const auto& tenant : what.tenants) {
            if (table.of_tenants || &tenant == &what.tenants.front()) {
                jobs.push_back({&table, &tenant});
            }
        }
    }
    return Round(what, redactor, options).scan(jobs);
}

}  // namespace audit
