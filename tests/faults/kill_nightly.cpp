// kill -9 of the nightly job at random moments, or of the server processes that work for it, or of the whole server.
// After each kill the books are asked; then the job is started again, and ends in the lists and the books of a job that
// nothing disturbed.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <sstream>

#include "core/json/reader.h"
#include "tests/faults/harness/cluster.h"
#include "tests/faults/harness/nights.h"
#include "tests/faults/harness/trial.h"

namespace faults {
namespace {

constexpr const char* kCrashed = "all server processes terminated; reinitializing";
constexpr int kKillsPerNight = 2;  // at most: a job may be done before

// A run and what it booked are there together: what stands on transit:funds by the entries of a day's runs is what the
// run says it proved; and nothing is booked for a day without a run.
constexpr const char* kApart = R"(
with booked as (
    select e.tenant_id, e.group_key, l.currency, sum(l.amount) as minor
    from ledger.entries e
    cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
    where e.event = 'reconciliation' and l.account like 'transit:funds:%'
    group by 1, 2, 3 having sum(l.amount) <> 0),
proved as (
    select tenant_id, 'reconciliation:' || channel || ':' || business_date as group_key, currency,
           sum(amount_minor) as minor
    from reconciliation.proved_items where how = 'funds' group by 1, 2, 3 having sum(amount_minor) <> 0)
select count(*) from booked full join proved using (tenant_id, group_key, currency)
where booked.minor is distinct from proved.minor)";
constexpr const char* kDoneWithoutRun = R"(
select count(*) from reconciliation.jobs j full join reconciliation.runs r using (tenant_id, channel, business_date)
where (j.state = 'done' and r.digest is null) or (j.state is null and channel not like 'bank-%'))";
// Of a channel and currency, what was settled of its movements against what left transit:payment for them.
constexpr const char* kSettledOtherwise = R"(
with settled as (
    select u.tenant_id, u.channel, m.currency, sum(m.amount_minor) as minor
    from reconciliation.used_movements u
    join payments.movements m using (tenant_id, channel, movement_id) where u.settles group by 1, 2, 3),
cleared as (
    select e.tenant_id, substr(l.account, 17) as channel, l.currency, -sum(l.amount) as minor
    from ledger.entries e
    cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
    where e.event = 'reconciliation' and l.account like 'transit:payment:%' group by 1, 2, 3)
select count(*) from settled full join cleared using (tenant_id, channel, currency)
where coalesce(settled.minor, 0) <> coalesce(cleared.minor, 0))";
// What a job leaves behind, but for numbers and times that each gives anew. A bank's day is looked at each time.
constexpr const char* kLeftBehind = R"(
select string_agg(line, e'\n' order by line collate "C") from (
    select concat_ws('|', 'run', channel, business_date, digest, case when channel not like 'bank-%' then run_count end)
        from reconciliation.runs
    union all select concat_ws('|', 'row', channel, business_date, discrepancy_id, kind, place)
        from reconciliation.discrepancies
    union all select concat_ws('|', 'match', channel, type, channel_txn_id, u.business_date, u.settles)
        from reconciliation.used_movements u join payments.movements m using (tenant_id, channel, movement_id)
    union all select concat_ws('|', 'item', channel, side, type, item_key, opened_on, missing_since, closed_on)
        from reconciliation.open_items
    union all select concat_ws('|', 'proved', channel, business_date, how, item_key, currency, amount_minor)
        from reconciliation.proved_items
    union all select concat_ws('|', 'paid', bank, channel, settled_day, amount_minor)
        from reconciliation.bank_settlements
    union all select concat_ws('|', 'stands', a.account, l.currency, sum(l.amount_minor))
        from ledger.legs l join ledger.accounts a using (tenant_id, account_no) group by a.account, l.currency
) as lines (line))";

std::int64_t count(const std::string& admin, const char* sql) {
    pqxx::connection connection(admin);
    pqxx::nontransaction work(connection);
    return work.exec(sql)[0][0].as<std::int64_t>();
}

std::string left_behind(const std::string& admin) {
    pqxx::connection connection(admin);
    pqxx::nontransaction work(connection);
    return work.exec(kLeftBehind)[0][0].as<std::string>();
}

// A kill loses nothing that was written, so the books need no disk, and are copied quickly without one.
class FolderInMemory {
public:
    FolderInMemory() {
        std::string name =
            std::string(access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp") + "/duizhang-nights-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder can be made: " + name);
        }
        path_ = name;
        std::filesystem::permissions(path_, std::filesystem::perms(0755));
    }
    ~FolderInMemory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    FolderInMemory(const FolderInMemory&) = delete;
    FolderInMemory& operator=(const FolderInMemory&) = delete;
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

class KilledNights {
public:
    explicit KilledNights(Trial& trial)
        : trial_(trial),
          cluster_(memory_.path() / "server", {memory_.path() / "server" / "data", {}, {}, {}}),
          nights_(trial.folder(), cluster_.configuration(), trial.options().seed),
          random_(static_cast<std::uint32_t>(trial.options().seed)) {}

    void run() {
        nights_.take_in();
        public_key_ = nights_.duizhang({"ledger", "seal-key"}).out.substr(0, 64);
        keep_books();
        const auto as_delivered = night(false, false);
        const auto as_corrected = night(true, false);
        trial_.report().require(as_delivered != as_corrected, "the corrected statements make other lists");
        ask_blind();
        for (int round = 0; round < trial_.options().rounds; ++round) {
            begin_anew();
            expect_same(night(false, true), as_delivered);
            expect_same(night(true, true), as_corrected);
        }
        trial_.report().figure("rounds", trial_.options().rounds);
        trial_.report().figure("kills", kills_);
        for (const auto& [what, times] : by_what_) {
            trial_.report().figure(what, times);
        }
        trial_.report().figure("kills_with_days_done_and_left", amid_);
        trial_.report().require(kills_ > 0, "jobs were killed");
        trial_.report().require(trial_.options().rounds < 5 || amid_ > 0, "some kills came between two days' runs");
    }

private:
    void exec(const std::string& sql) {
        pqxx::connection connection(cluster_.admin("postgres"));
        pqxx::nontransaction work(connection);
        work.exec(sql);
    }
    // The books as they are before the first night.
    void keep_books() { exec("alter database duizhang rename to before"), begin_anew(); }
    void begin_anew() {
        exec("drop database if exists duizhang with (force)");
        exec("create database duizhang template before owner duizhang_owner");
        // The copy of a sequence has numbers at hand that its own log knows nothing of: after a crash they came twice.
        exec("checkpoint");
    }

    // Delivers, and runs the job to its end; what it leaves behind.
    std::string night(bool corrected, bool disturbed) {
        nights_.deliver(corrected, !corrected);
        for (int i = 0; disturbed && i < kKillsPerNight && disturb(corrected); ++i) {
        }
        const auto begin = Steady::now();
        const auto ran = faults::run(nights_.nightly());
        took_[corrected] = Milliseconds(milliseconds_since(begin));
        trial_.report().require(ran.status == 0, "the job is taken over and done: " + ran.out);
        if (disturbed) {
            ask();
        }
        trial_.report().require(
            count(cluster_.admin(), "select count(*) from reconciliation.jobs where state = 'done'") ==
                static_cast<std::int64_t>(nights_.channel_days()),
            "every day is done");
        return left_behind(cluster_.admin()) + "\n" + nights_.lists();
    }

    void expect_same(const std::string& killed, const std::string& undisturbed) {
        const auto lines = [](const std::string& text) {
            std::istringstream stream(text);
            std::set<std::string> found;
            for (std::string line; std::getline(stream, line);) {
                found.insert(line);
            }
            return found;
        };
        std::vector<std::string> differ;
        std::ranges::set_symmetric_difference(lines(killed), lines(undisturbed), std::back_inserter(differ));
        trial_.report().require(
            killed == undisturbed,
            "a job that was killed ends in the lists and books of one that was not, which differ in " +
                std::to_string(differ.size()) + " lines, e.g. " +
                (differ.empty() ? "their order" : differ.front().substr(0, 200)));
    }

    // False when the job ended before anything happened to it.
    bool disturb(bool corrected) {
        const auto before = days_run();
        Child job(nights_.nightly());
        sleep(Milliseconds(
            static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(took_[corrected].count() + 1))));
        if (!job.running()) {
            return false;
        }
        strike(job);
        ++kills_;
        ask();
        const auto ran = days_run() - before;
        amid_ += ran > 0 && ran < static_cast<std::int64_t>(nights_.channel_days()) / (corrected ? 3 : 1) ? 1 : 0;
        return true;
    }

    void strike(Child& job) {
        const auto kind = random_() % 6;
        if (kind < 3) {
            job.kill();
            ++by_what_["kills_of_the_job"];
            return;
        }
        if (kind == 3) {
            cluster_.kill();
            trial_.report().require(cluster_.start(), "PostgreSQL starts after a kill");
            ++by_what_["kills_of_the_server"];
        } else {
            const auto signal = kind == 4 ? SIGKILL : SIGTERM;
            const auto crashes = cluster_.times_in_log(kCrashed);
            const auto working = backends();
            for (const auto backend : working) {
                ::kill(backend, signal);
            }
            if (kind == 4 && !working.empty()) {
                wait_until(std::chrono::seconds(5), [&] { return cluster_.times_in_log(kCrashed) > crashes; });
            }
            trial_.report().require(cluster_.comes_back(), "PostgreSQL comes back after a crash");
            ++by_what_[kind == 4 ? "crashes_of_the_server" : "sessions_ended"];
        }
        job.wait(kPatience);
        trial_.report().require(!job.running(), "a job without its database comes to an end");
    }

    std::vector<pid_t> backends() const {
        pqxx::connection connection(cluster_.admin());
        pqxx::nontransaction work(connection);
        std::vector<pid_t> pids;
        for (const auto& row : work.exec("select pid from pg_stat_activity where backend_type = 'client backend' "
                                         "and datname = 'duizhang' and pid <> pg_backend_pid()")) {
            pids.push_back(row[0].as<pid_t>());
        }
        return pids;
    }

    std::int64_t days_run() const {
        return count(cluster_.admin(), "select coalesce(sum(run_count), 0) from reconciliation.runs");
    }

    // The books are asked by the program, by the verifier, which shares no code with it, and directly.
    void ask() {
        auto& report = trial_.report();
        // What a killed job's server still does comes to its end first.
        wait_until(kPatience, [this] { return backends().empty(); });
        for (const char* command : {"verify", "cases"}) {
            const auto ran = nights_.duizhang({"ledger", command, "--tenant", Nights::kTenant});
            report.require(ran.status == 0, std::string("ledger ") + command + ": " + ran.out);
        }
        const std::string verifier = DUIZHANG_BINARY_DIR "/duizhang-verify-books";
        const auto verified = faults::run({{verifier, "--database", cluster_.admin(), "--public-key", public_key_},
                                           trial_.folder(),
                                           trial_.folder() / "verify.log",
                                           {}});
        report.require(verified.status == 0, "duizhang-verify-books: " + verified.out);
        for (const auto* question : {kApart, kDoneWithoutRun, kSettledOtherwise}) {
            report.require(count(cluster_.admin(), question) == 0, std::string("nothing comes of: ") + question);
        }
    }

    // The questions see what they look for.
    void ask_blind() {
        const std::map<const char*, const char*> harms = {
            {kApart, "delete from reconciliation.proved_items where how = 'funds'"},
            {kDoneWithoutRun, "update reconciliation.jobs set business_date = business_date + 100"},
            {kSettledOtherwise,
             "delete from reconciliation.agreed_movements where block = (select min(block) from "
             "reconciliation.agreed_movements)"}};
        pqxx::connection connection(cluster_.admin());
        for (const auto& [question, harm] : harms) {
            pqxx::work work(connection);
            work.exec(harm);
            trial_.report().require(work.exec(question)[0][0].as<std::int64_t>() > 0,
                                    std::string("the question sees what it looks for: ") + question);
        }
    }

    Trial& trial_;
    FolderInMemory memory_;
    Cluster cluster_;
    Nights nights_;
    std::minstd_rand random_;
    std::string public_key_;
    std::map<bool, Milliseconds> took_;  // by whether the statements are corrected
    std::map<std::string, std::int64_t> by_what_;
    std::int64_t kills_ = 0;
    std::int64_t amid_ = 0;
};

void kill_nightly(Trial& trial) { KilledNights(trial).run(); }

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    return faults::run_fault(argc, argv,
                             {"kill-nightly", "kill -9 of the nightly job, of its sessions, of the server", 1, {}},
                             faults::kill_nightly);
}
