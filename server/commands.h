// Commands: what `duizhang COMMAND` does. Each is a function from parsed options to an exit status; what it throws
// becomes the status of contract section 2 in main().
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace server {

struct GlobalOptions {
    std::string config;
    bool json = false;
    bool quiet = false;
};

struct OrdersImport {
    std::string tenant;
    std::string file;
};
int orders_import(const GlobalOptions& global, const OrdersImport& options);

struct Reconcile {
    std::string tenant;
    std::string channel;
    std::string date;
    std::vector<std::string> statements;
    std::string out;
    std::string memory;
    std::string rules;  // with `shadow`: others than those in force, over one day or from one to another
    bool shadow = false;
    std::string from;
    std::string to;
    bool fail_on_discrepancy = false;
};
int reconcile(const GlobalOptions& global, const Reconcile& options);

struct Nightly {
    std::string date;
    std::string tenant;
    unsigned workers = 0;
    std::string memory;
    bool fail_on_discrepancy = false;
};
int nightly(const GlobalOptions& global, const Nightly& options);

struct Diff {
    std::string left;
    std::string right;
    std::string mapping;
    std::string rules;
    std::string units;
    std::string memory;
    unsigned threads = 0;
    std::string out;
    std::string resume;
};
int diff(const GlobalOptions& global, const Diff& options);

struct Ledger {
    std::string tenant;
    std::string account;
    std::string from;
    std::string until;
    std::string recorded;
    std::string format;
    bool opening = false;
    std::int64_t entry = 0;
};
int ledger_trial_balance(const GlobalOptions& global, const Ledger& options);
int ledger_balance(const GlobalOptions& global, const Ledger& options);
int ledger_statement(const GlobalOptions& global, const Ledger& options);
int ledger_entry(const GlobalOptions& global, const Ledger& options);
int ledger_export(const GlobalOptions& global, const Ledger& options);
int ledger_verify(const GlobalOptions& global, const Ledger& options);

struct LedgerPost {
    std::string tenant;
    std::string file;
};
int ledger_post(const GlobalOptions& global, const LedgerPost& options);

struct LedgerReverse {
    std::string tenant;
    std::int64_t entry = 0;
    std::string description;
    std::string date;
};
int ledger_reverse(const GlobalOptions& global, const LedgerReverse& options);

int callbacks_replay(const GlobalOptions& global, const std::string& file);

struct CallbacksQuarantine {
    std::string tenant;
    std::size_t limit = 50;
};
int callbacks_quarantine(const GlobalOptions& global, const CallbacksQuarantine& options);

int init(const GlobalOptions& global, const std::string& folder);
int migrate(const GlobalOptions& global, bool check_only);
int config_check(const GlobalOptions& global);
int tenant_list(const GlobalOptions& global);
int tenant_show(const GlobalOptions& global, const std::string& tenant);
int tenant_verify(const GlobalOptions& global, const std::string& tenant);
int serve(const GlobalOptions& global);
int login(const GlobalOptions& global);

struct Demo {
    std::string dir = "var/demo";
    bool exit = false;
    std::int64_t orders = 120;
    std::uint64_t seed = 1;
};
int demo(const GlobalOptions& global, const Demo& options);

// Runs the command line; returns the exit status.
int run_command_line(int argc, char** argv);

}  // namespace server
