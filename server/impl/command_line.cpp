// The command line: options to structs, what is thrown to exit statuses.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>

#include "audit/redact.h"
#include "core/crypto/random.h"
#include "core/failure.h"
#include "core/log.h"
#include "core/redacted.h"
#include "reconciliation/diff.h"
#include "server/commands.h"
#include "server/impl/commands_ageing.h"
#include "server/impl/commands_audit.h"
#include "server/impl/commands_bank.h"
#include "server/impl/commands_calendar.h"
#include "server/impl/commands_cases.h"
#include "server/impl/commands_charges.h"
#include "server/impl/commands_closing.h"
#include "server/impl/commands_data_keys.h"
#include "server/impl/commands_holds.h"
#include "server/impl/commands_keys.h"
#include "server/impl/commands_lists.h"
#include "server/impl/commands_payouts.h"
#include "server/impl/commands_release.h"
#include "server/impl/commands_split.h"
#include "server/impl/commands_tenant.h"
#include "server/version.h"

namespace server {
namespace {

constexpr int kUsage = 2;
constexpr int kInput = 3;
constexpr int kOutside = 4;

using Run = std::function<int()>;

// Names of files and values that people gave stand in it.
void complain(const std::string& message) { std::fprintf(stderr, "duizhang: %s\n", core::redacted(message).c_str()); }

// Until a configuration brings the books' own key: fingerprints then hold for this run alone.
void redact_from_the_start() {
    const auto redactor = std::make_shared<const audit::Redactor>(core::KeyBytes(core::crypto::random_bytes(32)));
    core::set_redactor([redactor](std::string_view text) { return redactor->redact(text); });
}

void add_ledger(CLI::App& app, const GlobalOptions& global, Ledger& options, Run& run) {
    auto* ledger = app.add_subcommand("ledger", "The books: balances, entries, verification");
    ledger->require_subcommand(1);
    const auto add = [&](const char* name, const char* help, int (*command)(const GlobalOptions&, const Ledger&)) {
        auto* sub = ledger->add_subcommand(name, help);
        sub->add_option("--tenant", options.tenant, "Whose books")->required();
        sub->callback([&, command] { run = [&, command] { return command(global, options); }; });
        return sub;
    };
    const auto as_of = [&](CLI::App* sub) {
        sub->add_option("--until", options.until, "Business day up to which entries count (YYYY-MM-DD)");
        sub->add_option("--recorded", options.recorded,
                        "Instant up to which they had been recorded: what the books said then (RFC 3339)");
        return sub;
    };
    as_of(add("trial-balance", "Every account with its debits, credits and balance", ledger_trial_balance));
    as_of(add("balance", "What stands on one account", ledger_balance))
        ->add_option("--account", options.account, "e.g. transit:payment:stripe")
        ->required();
    auto* statement = add("statement", "One account's entries, in the order posted; of a range of days with balances",
                          ledger_statement);
    statement->add_option("--account", options.account, "e.g. payable:seller")->required();
    statement->add_option("--from", options.from, "The first business day (YYYY-MM-DD)");
    statement->add_option("--until", options.until, "The last business day (YYYY-MM-DD)");
    add("entry", "One entry with its legs", ledger_entry)
        ->add_option("id", options.entry, "The number behind entry: in a review list")
        ->required();
    auto* journal =
        add("export", "The entries, as other bookkeeping programs read them, on standard output", ledger_export);
    journal->add_option("--format", options.format, "hledger, beancount or csv; without it --json");
    journal->add_option("--from", options.from, "The first business day (YYYY-MM-DD); all when left out");
    journal->add_option("--until", options.until, "The last business day (YYYY-MM-DD); all when left out");
    journal->add_flag("--opening", options.opening,
                      "Begin with what stood on the accounts before --from, as one entry of that day");
    add("verify", "Recomputes every rule; exit 1 when one is broken", ledger_verify);
}

void add_posting(CLI::App& app, const GlobalOptions& global, LedgerPost& post, LedgerReverse& reverse, Run& run) {
    auto* ledger = app.get_subcommand("ledger");
    auto* by_hand = ledger->add_subcommand("post", "Posts entries by hand: all of the file's, or none");
    by_hand->add_option("--tenant", post.tenant, "Whose books")->required();
    by_hand->add_option("file", post.file, "JSON lines: source_key, business_date, description, legs")
        ->required()
        ->check(CLI::ExistingFile);
    by_hand->callback([&] { run = [&] { return ledger_post(global, post); }; });
    auto* back = ledger->add_subcommand("reverse", "Posts an entry's legs the other way round");
    back->add_option("--tenant", reverse.tenant, "Whose books")->required();
    back->add_option("id", reverse.entry, "The entry's number")->required();
    back->add_option("--description", reverse.description, "Why; it stands in the books")->required();
    back->add_option("--date", reverse.date, "The reversal's business day (YYYY-MM-DD); today in UTC when left out");
    back->callback([&] { run = [&] { return ledger_reverse(global, reverse); }; });
}

void add_reconcile(CLI::App& app, const GlobalOptions& global, Reconcile& options, Nightly& night, Run& run) {
    auto* one = app.add_subcommand("reconcile", "One channel's day, from its statement to its review list");
    one->add_option("--tenant", options.tenant, "Whose books")->required();
    one->add_option("--channel", options.channel, "wechatpay, unionpay, stripe")->required();
    one->add_option("--date", options.date, "The business day (YYYY-MM-DD), in the channel's calendar");
    one->add_option("--statement", options.statements, "The channel's file or files (.csv, .gz, .zip)")
        ->check(CLI::ExistingPath);
    one->add_option("--out", options.out, "Folder for the four files; without it the configured one");
    one->add_option(
        "--memory", options.memory,
        "Keep about this much (1G without it) beside the files, e.g. 256M; the rest goes to a file in $TMPDIR");
    one->add_flag("--fail-on-discrepancy", options.fail_on_discrepancy, "Exit 1 when there is something to review");
    one->add_flag("--shadow", options.shadow, "Change nothing; say what --rules would have made of past days");
    one->add_option("--rules", options.rules, "With --shadow: a file of [[rule]]")->check(CLI::ExistingFile);
    one->add_option("--from", options.from, "With --shadow: the first day, of the statements in their folder");
    one->add_option("--to", options.to, "With --shadow: the last day");
    one->callback([&] { run = [&] { return reconcile(global, options); }; });

    auto* all = app.add_subcommand("nightly", "All tenants and channels: take in what lies in the statements' folders");
    all->add_option("--date", night.date, "This business day alone; without it every day not yet taken in");
    all->add_option("--tenant", night.tenant, "This tenant alone");
    all->add_option("--workers", night.workers, "Days to reconcile at a time; without it as configured")
        ->check(CLI::Range(1, 12));
    all->add_option("--memory", night.memory, "What each day may keep beside its files, as for reconcile");
    all->add_flag("--fail-on-discrepancy", night.fail_on_discrepancy, "Exit 1 when there is something to review");
    all->callback([&] { run = [&] { return nightly(global, night); }; });
}

void add_diff(CLI::App& app, const GlobalOptions& global, Diff& options, Run& run) {
    auto* sub = app.add_subcommand("diff", "Compare two CSV files, with no database and no configuration");
    sub->add_option("--left", options.left, "The books' file")->required()->check(CLI::ExistingPath);
    sub->add_option("--right", options.right, "The channel's file")->required()->check(CLI::ExistingPath);
    sub->add_option("--mapping", options.mapping,
                    "Which column is which, and [[rule]]; columns are guessed from the headers without it");
    sub->add_option("--units", options.units, "minor (whole cents, default) or major (12.34)");
    sub->add_option("--rules", options.rules,
                    "A file of [[rule]] alone: what may differ and still matches (a mapping file can have them too)")
        ->check(CLI::ExistingFile);
    sub->add_option("--memory", options.memory,
                    "Take about this much (4G without it), e.g. 256M; what doesn't fit goes to a file in $TMPDIR");
    sub->add_option("--threads", options.threads, "Work on so many threads; without it on all cores")
        ->check(CLI::Range(1, 256));
    sub->add_option("--out", options.out, "Folder for diff.csv, diff.html and summary.json; without it a table");
    sub->add_option("--resume", options.resume,
                    "Folder for what is done so far: after a kill the same command goes on there; removed in the end");
    sub->footer(std::string(reconciliation::kDiffMappingHelp));
    sub->callback([&] { run = [&] { return diff(global, options); }; });
}

void add_administration(CLI::App& app, const GlobalOptions& global, std::string& text, bool& flag, Run& run) {
    auto* init_command = app.add_subcommand("init", "Write a commented configuration, keys and an empty database");
    init_command->add_option("--dir", text, "Where (default: here)")->default_str(".");
    init_command->callback([&] { run = [&] { return init(global, text.empty() ? "." : text); }; });

    app.add_subcommand("serve", "The HTTP service: callbacks and pages")->callback([&] {
        run = [&] { return serve(global); };
    });
    app.add_subcommand("login", "Print a one-time login for the running service's pages")->callback([&] {
        run = [&] { return login(global); };
    });

    auto* migrate_command = app.add_subcommand("migrate", "Bring the database schema up to date");
    migrate_command->add_flag("--check", flag, "Say what is missing and change nothing; exit 1 when something is");
    migrate_command->callback([&] { run = [&] { return migrate(global, flag); }; });

    auto* config_command = app.add_subcommand("config", "The configuration");
    config_command->require_subcommand(1);
    config_command->add_subcommand("check", "Read everything it names and say all that is wrong")->callback([&] {
        run = [&] { return config_check(global); };
    });

    auto* tenant = app.add_subcommand("tenant", "The tenants configured");
    tenant->require_subcommand(1);
    tenant->add_subcommand("list", "All of them")->callback([&] { run = [&] { return tenant_list(global); }; });
    auto* show = tenant->add_subcommand("show", "One of them");
    show->add_option("id", text, "The tenant's id")->required();
    show->callback([&] { run = [&] { return tenant_show(global, text); }; });
    auto* verify =
        tenant->add_subcommand("verify", "Try out the walls between tenants; exit 1 when something gets across");
    verify->add_option("id", text, "Whose rows and eyes beside the canaries'; all tenants' when left out");
    verify->callback([&] { run = [&] { return tenant_verify(global, text); }; });
}

// What the command line asks for, once it is read whole.
template <typename Command>
void on(CLI::App* command, Run& run, const Command& carry_out) {
    command->callback([&run, carry_out] { run = carry_out; });
}

void add_intake(CLI::App& app, const GlobalOptions& global, OrdersImport& orders, CallbacksQuarantine& quarantine,
                std::string& file, Run& run) {
    auto* orders_command = app.add_subcommand("orders", "Orders to be paid");
    orders_command->require_subcommand(1);
    auto* import = orders_command->add_subcommand("import", "Register orders from CSV or JSON lines");
    import->add_option("--tenant", orders.tenant, "Whose orders")->required();
    import->add_option("file", orders.file, "merchant_order_id, amount, currency, created_at, split, description")
        ->required()
        ->check(CLI::ExistingPath);
    on(import, run, [&] { return orders_import(global, orders); });

    auto* callbacks = app.add_subcommand("callbacks", "Recorded callbacks, and those that were refused");
    callbacks->require_subcommand(1);
    auto* replay_command =
        callbacks->add_subcommand("replay", "Feed recorded callbacks through verification and posting");
    replay_command->add_option("file", file, "JSON lines: path, headers, body_base64, received_at")
        ->required()
        ->check(CLI::ExistingPath);
    on(replay_command, run, [&] { return callbacks_replay(global, file); });
    auto* refused = callbacks->add_subcommand("quarantine", "The latest that were refused, and why");
    refused->add_option("--tenant", quarantine.tenant, "Whose callbacks")->required();
    refused->add_option("--limit", quarantine.limit, "How many at most")->check(CLI::Range(1, 1000));
    on(refused, run, [&] { return callbacks_quarantine(global, quarantine); });
}

void add_demo(CLI::App& app, const GlobalOptions& global, Demo& options, Run& run) {
    auto* sub = app.add_subcommand("demo", "The whole thing once, on simulated channels and an embedded database");
    sub->add_option("--dir", options.dir, "A folder of its own")->default_str(options.dir);
    sub->add_flag("--exit", options.exit, "End when done, instead of serving until Ctrl-C");
    sub->add_option("--orders", options.orders, "How many payments a day, roughly, over all channels")
        ->check(CLI::Range(std::int64_t{10}, std::int64_t{100'000}));
    sub->add_option("--seed", options.seed, "The same seed makes the same day");
    sub->callback([&] { run = [&] { return demo(global, options); }; });
}

// "did you mean" for a word that is no command.
std::string nearest_command(const CLI::App& app, const std::string& word) {
    for (const auto* sub : app.get_subcommands({})) {
        const auto& name = sub->get_name();
        if (!word.empty() && (name.starts_with(word.substr(0, 3)) || word.starts_with(name.substr(0, 3)))) {
            return name;
        }
    }
    return {};
}

// The word that stands where a command should and is none; empty when every word has its place.
std::string unknown_command(const CLI::App& app, int argc, char** argv, const CLI::App*& among) {
    among = &app;
    for (int i = 1; i < argc && among->get_require_subcommand_min() > 0; ++i) {
        std::string word = argv[i];
        if (word == "--config") {
            ++i;  // its value is no command
        }
        if (word.starts_with("-")) {
            continue;
        }
        const auto named = among->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
        if (named.empty()) {
            return word;
        }
        among = named.front();
    }
    return {};
}

int usage_error(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    const CLI::App* among = nullptr;
    const auto word = unknown_command(app, argc, argv, among);
    if (!word.empty()) {
        const auto meant = nearest_command(*among, word);
        message = "unknown command \"" + word + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?");
    }
    complain(message + " (duizhang --help)");
    return kUsage;
}

int run_guarded(const Run& run) {
    try {
        return run();
    } catch (const core::UsageError& error) {
        complain(error.what());
        return kUsage;
    } catch (const core::InputError& error) {
        complain(error.what());
        return kInput;
    } catch (const core::Failure& failure) {
        complain(failure.what() + std::string(failure.retry_may_help() ? "; trying again may help" : ""));
        return kOutside;
    } catch (const std::filesystem::filesystem_error& error) {
        complain(error.path1().string() + ": " + error.code().message());
        return kOutside;
    } catch (const std::bad_alloc&) {
        complain("out of memory");
        return kOutside;
    }
}

}  // namespace

int run_command_line(int argc, char** argv) {
    redact_from_the_start();
    CLI::App app("duizhang (对账): verified callbacks, double-entry books, nightly reconciliation", "duizhang");
    GlobalOptions global;
    app.add_option("--config", global.config,
                   "The configuration; else $DUIZHANG_CONFIG, ./duizhang.toml, "
                   "/etc/duizhang/duizhang.toml");
    app.add_flag("--json", global.json, "One JSON document on standard output");
    app.add_flag("--quiet,-q", global.quiet, "No progress on standard error");
    app.set_version_flag("--version", "duizhang " + std::string(kVersion));
    app.require_subcommand(1);
    app.fallthrough();
    app.footer("First steps:\n  duizhang demo\n  duizhang diff --left books.csv --right channel.csv\n  duizhang init");

    Run run;
    Ledger ledger;
    LedgerPost post;
    LedgerReverse reverse;
    Reconcile reconcile_options;
    Nightly night;
    Diff diff_options;
    OrdersImport orders;
    CallbacksQuarantine quarantine;
    Demo demo_options;
    std::string text;
    std::string file;
    bool flag = false;
    add_demo(app, global, demo_options, run);
    add_diff(app, global, diff_options, run);
    add_administration(app, global, text, flag, run);
    add_intake(app, global, orders, quarantine, file, run);
    add_tenant_templates(app, global, run);
    add_releases(app, global, run);
    add_split(app, global, run);
    add_reconcile(app, global, reconcile_options, night, run);
    add_ledger(app, global, ledger, run);
    add_posting(app, global, post, reverse, run);
    add_holds(app, global, run);
    add_payouts(app, global, run);
    add_closing(app, global, run);
    add_ageing(app, global, run);
    add_cases(app, global, run);
    add_audit(app, global, run);
    add_calendar(app, global, run);
    add_bank(app, global, run);
    add_keys(app, global, run);
    add_data_keys(app, global, run);
    add_kept_statements(app, global, run);
    add_charges(app, global, run);
    add_lists(app, global, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        return usage_error(app, argc, argv, error);
    }
    // The service's log is its output; of a command only what went wrong is news.
    // The demo forges callbacks on purpose: that they are refused is no warning there.
    const bool service = app.got_subcommand("serve") && !global.quiet;
    const auto command_level = app.got_subcommand("demo") ? core::LogLevel::error : core::LogLevel::warning;
    core::set_log_level(service ? core::LogLevel::info : command_level);
    return run_guarded(run);
}

}  // namespace server
