#include "peers.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <pqxx/pqxx>
#include <sstream>
#include <stdexcept>

#include "core/json/reader.h"
#include "tests/support/test_database.h"

extern char** environ;

namespace bench {

namespace {

std::int64_t milliseconds(const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; }

std::string read_all(int file) {
    std::string text;
    std::array<char, 1U << 16U> buffer{};
    while (true) {
        const ssize_t got = ::read(file, buffer.data(), buffer.size());
        if (got <= 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

// "KIND COUNT" lines.
std::map<std::string, std::uint64_t> counts_of(const std::string& text) {
    std::map<std::string, std::uint64_t> kinds;
    std::istringstream lines(text);
    std::string kind;
    std::uint64_t count = 0;
    while (lines >> kind >> count) {
        kinds[kind] += count;
    }
    return kinds;
}

}  // namespace

Run run_program(const std::vector<std::string>& command, std::string& answer, bool differences_fail) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const auto& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    const auto begun = std::chrono::steady_clock::now();
    pid_t child = 0;
    const int failed = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    if (failed != 0) {
        ::close(pipe[0]);
        throw std::runtime_error(command.front() + " can't be run");
    }
    answer = read_all(pipe[0]);
    ::close(pipe[0]);
    int status = 0;
    rusage used{};
    ::wait4(child, &status, 0, &used);
    const auto passed = std::chrono::steady_clock::now() - begun;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code != 0 && !(differences_fail && code == 1)) {
        throw std::runtime_error(command.front() + " ended with " + std::to_string(code));
    }
    return {std::chrono::duration_cast<std::chrono::milliseconds>(passed).count(),
            milliseconds(used.ru_utime) + milliseconds(used.ru_stime),
            used.ru_maxrss,
            {}};
}

Run run_duizhang(const Plant& plant, unsigned threads, const std::string& memory) {
    std::vector<std::string> command{std::string(DUIZHANG_BINARY_DIR) + "/duizhang",
                                     "--json",
                                     "--quiet",
                                     "diff",
                                     "--left",
                                     plant.left,
                                     "--right",
                                     plant.right,
                                     "--threads",
                                     std::to_string(threads)};
    if (!memory.empty()) {
        command.insert(command.end(), {"--memory", memory});
    }
    std::string answer;
    Run run = run_program(command, answer, true);
    const auto document = core::json::parse(answer, {.bytes_max = std::size_t{1} << 30U});
    if (!document) {
        throw std::runtime_error("duizhang's summary is no JSON");
    }
    for (const auto& [kind, count] : document->find("discrepancies")->members()) {
        run.kinds[kind] = static_cast<std::uint64_t>(count.integer().value_or(0));
    }
    run.kinds["matched"] = static_cast<std::uint64_t>(document->integer_at("matched").value_or(0));
    return run;
}

Run run_duckdb(const Plant& plant, const std::filesystem::path& folder, unsigned threads, const std::string& memory,
               bool closely) {
    std::string answer;
    Run run = run_program({"node", folder / "duckdb.mjs", plant.left, plant.right, memory.empty() ? "" : memory + "iB",
                           std::to_string(threads), closely ? "closely" : "simply", plant.left.parent_path() / "spill"},
                          answer);
    run.kinds = counts_of(answer);
    return run;
}

Run run_sort_and_join(const Plant& plant, const std::filesystem::path& folder, unsigned threads) {
    const std::string sorted =
        "LC_ALL=C sort -t, -k1,1 -k3,3 -S 2G --parallel=" + std::to_string(threads) + " -T " + folder.string() + " ";
    const std::string script =
        "set -e; cd " + folder.string() + "; " + sorted + plant.left.string() + " > left.sorted; " + sorted +
        plant.right.string() +
        " > right.sorted; LC_ALL=C join -t, -a1 -a2 -e- -o 0,1.3,2.3,1.4,2.4,1.5,2.5,1.7,2.7 left.sorted right.sorted |"
        " awk -F, '{k=$2==\"-\"?\"missing_in_ledger\":$3==\"-\"?\"missing_in_channel\":$4!=$5?\"amount_mismatch\":"
        "$8!=$9?\"status_mismatch\":$6!=$7?\"fee_mismatch\":\"matched\"; n[k]++} END{for(k in n) print k, n[k]}';"
        " rm left.sorted right.sorted";
    std::string answer;
    Run run = run_program({"bash", "-c", script}, answer);
    run.kinds = counts_of(answer);
    return run;
}

Run run_postgresql(const Plant& plant) {
    test_support::TestDatabase database(test_support::TestDatabase::Content::nothing);
    pqxx::connection connection(database.admin_connection());
    const auto begun = std::chrono::steady_clock::now();
    pqxx::work work(connection);
    for (const auto& [table, path] : {std::pair("l", plant.left), std::pair("r", plant.right)}) {
        work.exec(std::string("CREATE TEMP TABLE ") + table +
                  " (channel_txn_id text, merchant_order_id text, type text, amount bigint, fee bigint, currency text,"
                  " status text, occurred_at timestamptz)");
        work.exec(std::string("COPY ") + table + " FROM " + work.quote(path.string()) + " (FORMAT csv, HEADER)");
    }
    work.exec("SET LOCAL work_mem = '2GB'");
    Run run;
    const auto grouped = [](const std::string& table) {
        return "(SELECT channel_txn_id, type, count(*) AS times, min(amount) AS amount, min(fee) AS fee,"
               " min(currency) AS currency, min(status) AS status FROM " +
               table + " GROUP BY channel_txn_id, type)";
    };
    for (const auto& row : work.exec(
             "SELECT CASE WHEN r.times > 1 THEN 'duplicate_in_channel' WHEN l.times > 1 THEN 'duplicate_in_ledger'"
             " WHEN l.amount IS NULL THEN 'missing_in_ledger' WHEN r.amount IS NULL THEN 'missing_in_channel'"
             " WHEN l.currency <> r.currency THEN 'currency_mismatch' WHEN l.amount <> r.amount THEN 'amount_mismatch'"
             " WHEN l.status <> r.status THEN 'status_mismatch' WHEN l.fee <> r.fee THEN 'fee_mismatch'"
             " ELSE 'matched' END, count(*) FROM " +
             grouped("l") + " l FULL JOIN " + grouped("r") + " r USING (channel_txn_id, type) GROUP BY 1")) {
        run.kinds[row[0].as<std::string>()] = row[1].as<std::uint64_t>();
    }
    run.milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
    return run;
}

}  // namespace bench
