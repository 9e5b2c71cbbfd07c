#include "server/nightly.h"

#include <sys/stat.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <tuple>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"
#include "reconciliation/job.h"
#include "server/bank.h"
#include "server/impl/channel_queue.h"

namespace server {
namespace {

constexpr int kLateDaysMax = 31;  // older gaps are for who closes the days to ask about
constexpr std::size_t kStatementBytesMax = std::size_t{16} << 30U;

bool is_finished(const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    return !name.starts_with('.') && !name.ends_with(".part") && !name.ends_with(".tmp");
}

std::vector<std::filesystem::path> statement_paths(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    std::error_code ignored;
    for (const auto& item : std::filesystem::directory_iterator(folder, ignored)) {
        if (item.is_regular_file() && is_finished(item.path())) {
            paths.push_back(item.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
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

// One day of the night, from the folder it was found in to what became of it.
struct Task {
    const Tenant& tenant;
    const payments::Channel& channel;
    std::filesystem::path statements;
    NightlyDay day;
    bool is_repeat = false;  // another day's run changed what this one rests on

    reconciliation::JobKey key() const { return {day.tenant, day.channel, day.date}; }
};

struct Night {
    Application& application;
    core::db::Database& database;
    const core::Clock& clock;
    const NightlyRequest& request;
    const Tenants& tenants;
};

// False: another worker has it now.
bool run_task(const Night& night, Task& task) {
    NightlyDay& done = task.day;
    auto& database = night.database;
    try {
        const auto files = read_statement_folder(task.statements);
        const bool is_same =
            !night.request.date && !task.is_repeat && std::filesystem::exists(done.folder / "summary.json") &&
            reconciliation::statements_taken_in(database, task.tenant.settings->id, done.channel, done.date) ==
                hashes_of(files);
        if (is_same) {
            done.outcome = NightlyDay::Outcome::unchanged;
            return reconciliation::settle_job(database, task.key(), reconciliation::JobState::done, "",
                                              night.clock.now()) != reconciliation::JobClaim::Answer::elsewhere;
        }
        done.list = reconciliation::reconcile_job({database, night.clock, night.tenants.settings().carry_window,
                                                   night.request.memory_bytes_max, &night.tenants.keys()},
                                                  {*task.tenant.settings, task.channel, task.tenant.fees(done.channel),
                                                   done.date, &task.tenant.calendars.find(done.channel)->second},
                                                  files, done.folder, reconciliation::JobClaim(task.key()));
        if (done.list) {
            done.outcome = NightlyDay::Outcome::reconciled;
            return true;
        }
        done.outcome = NightlyDay::Outcome::elsewhere;
        return settle_job(database, task.key(), reconciliation::JobState::waiting, "", night.clock.now()) ==
               reconciliation::JobClaim::Answer::settled;
    } catch (const core::InputError& error) {
        done.outcome = NightlyDay::Outcome::refused;
        done.message = (task.statements / "").string() + error.what();
        core::log_warning("statement_refused",
                          {{"tenant", done.tenant}, {"channel", done.channel}, {"reason", error.what()}});
        settle_job(database, task.key(), reconciliation::JobState::refused, error.what(), night.clock.now());
        return true;
    }
}

// Names, sizes and times of what lies in a folder; empty when there is nothing.
std::string files_stamp(const std::filesystem::path& folder) {
    std::string text;
    for (const auto& path : statement_paths(folder)) {
        struct stat told {};
        if (::stat(path.c_str(), &told) == 0) {
            text += path.filename().string() + "/" + std::to_string(told.st_size) + "/" +
                    std::to_string(told.st_mtim.tv_sec) + "." + std::to_string(told.st_mtim.tv_nsec) + "/" +
                    std::to_string(told.st_ctim.tv_sec) + "." + std::to_string(told.st_ctim.tv_nsec) + "\n";
        }
    }
    return text.empty() ? text : core::crypto::sha256_hex(text);
}

// The days that this request means, in the order of tenants, channels and days.
std::vector<Task> tasks_of(const Night& night) {
    const auto& settings = night.tenants.settings();
    std::vector<Task> tasks;
    for (const auto& tenant : night.tenants.all()) {
        const std::string id = tenant->settings->id.text();
        if (!night.request.tenant.empty() && id != night.request.tenant) {
            continue;
        }
        for (const auto& [name, channel] : tenant->channels) {
            const auto part = std::filesystem::path(id) / name;
            const auto dates =
                night.request.date ? std::vector{*night.request.date} : statement_days(settings.statements / part);
            for (const auto date : dates) {
                const auto folder = part / core::format_day(date);
                tasks.push_back(
                    {*tenant,
                     *channel,
                     settings.statements / folder,
                     {id, name, date, NightlyDay::Outcome::no_statement, {}, {}, settings.review_lists / folder}});
            }
        }
    }
    return tasks;
}

// Puts the days into the queue. Those that have something to be done, by place in `tasks`; the rest have their outcome.
std::vector<std::size_t> queue_up(const Night& night, std::vector<Task>& tasks) {
    std::vector<reconciliation::WantedJob> wanted;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const std::string stamp = files_stamp(tasks[i].statements);
        if (!stamp.empty()) {
            const bool again = night.request.date.has_value() || tasks[i].is_repeat ||
                               !std::filesystem::exists(tasks[i].day.folder / "summary.json");
            wanted.push_back({tasks[i].key(), stamp, again});
            places.push_back(i);
        }
    }
    const auto states = reconciliation::enqueue(night.database, wanted, night.clock.now());
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (states[i] == reconciliation::JobState::waiting) {
            waiting.push_back(places[i]);
        } else {
            tasks[places[i]].day.outcome = NightlyDay::Outcome::unchanged;
        }
    }
    return waiting;
}

// Works off those of `waiting`.
void run_all(const Night& night, std::vector<Task>& tasks, const std::vector<std::size_t>& waiting,
             const std::function<void(const NightlyDay&)>& progress) {
    ChannelQueue queue;
    for (const std::size_t place : waiting) {
        queue.add(tasks[place].day.tenant + "/" + tasks[place].day.channel, place);
    }
    std::mutex told;
    const unsigned workers = night.request.workers == 0 ? night.tenants.settings().workers : night.request.workers;
    work_off(queue, workers, [&](std::size_t place) {
        if (!run_task(night, tasks[place])) {
            return false;
        }
        const std::lock_guard lock(told);
        progress(tasks[place].day);
        return true;
    });
}

// Tells the days that are to be run again so; how many they are.
std::size_t find_repeats(const Night& night, std::vector<Task>& tasks) {
    std::vector<core::TenantId> tenants;
    for (const auto& tenant : night.tenants.all()) {
        if (night.request.tenant.empty() || tenant->settings->id.text() == night.request.tenant) {
            tenants.push_back(tenant->settings->id);
        }
    }
    std::set<std::tuple<std::string, std::string, core::BusinessDay>> wanted;
    for (const auto& key : reconciliation::days_to_repeat(night.database, tenants)) {
        wanted.emplace(key.tenant, key.channel, key.day);
    }
    std::size_t count = 0;
    for (Task& task : tasks) {
        task.is_repeat = wanted.contains({task.day.tenant, task.day.channel, task.day.date}) &&
                         !statement_paths(task.statements).empty();
        task.day.again = task.day.again || task.is_repeat;
        count += task.is_repeat ? 1 : 0;
    }
    return count;
}

// What a run changes another may rest on, and that one's run again another: a line that moves from one day's statement
// to another's goes through two of them. A night that finds no end leaves the rest to the next.
void repeat_days(const Night& night, std::vector<Task>& tasks, const std::function<void(const NightlyDay&)>& progress) {
    constexpr int kRoundsMax = 10;
    for (int round = 0; round < kRoundsMax && !night.request.date && find_repeats(night, tasks) > 0; ++round) {
        std::vector<Task> again;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            if (tasks[i].is_repeat) {
                tasks[i].day.list.reset();
                again.push_back(tasks[i]);
                places.push_back(i);
            }
        }
        run_all(night, again, queue_up(night, again), progress);
        for (std::size_t i = 0; i < again.size(); ++i) {
            tasks[places[i]].day = std::move(again[i].day);
        }
    }
}

NightlyDay run_bank_day(const Night& night, const Tenant& tenant, const config::Bank& bank, core::BusinessDay date) {
    const auto& settings = night.tenants.settings();
    const std::string id = tenant.settings->id.text();
    const auto folder = reconciliation::bank_folder(bank);
    const auto part = std::filesystem::path(id) / folder / core::format_day(date);
    NightlyDay done{id, folder, date, NightlyDay::Outcome::no_statement, {}, {}, settings.review_lists / part};
    try {
        const auto files = read_statement_folder(settings.statements / part);
        if (files.empty()) {
            return done;
        }
        auto days = import_bank(night.application, night.clock, night.tenants, tenant, bank, files, date);
        core::ensure(days.size() == 1, "all statements are of the folder's day");
        // What is known of the channels by now may explain what it didn't before, so it is looked at each night.
        done.outcome = days.front().fresh ? NightlyDay::Outcome::reconciled : NightlyDay::Outcome::unchanged;
        if (days.front().fresh) {
            done.list = std::move(days.front().list);
        }
    } catch (const core::InputError& error) {
        done.outcome = NightlyDay::Outcome::refused;
        done.message = (settings.statements / part / "").string() + error.what();
        core::log_warning("statement_refused", {{"tenant", id}, {"channel", folder}, {"reason", error.what()}});
    }
    return done;
}

// After the channels, whose days it settles.
void run_banks(const Night& night, const Tenant& tenant, const std::function<void(NightlyDay)>& take) {
    for (const auto& bank : tenant.settings->banks) {
        std::vector<core::BusinessDay> dates;
        if (night.request.date) {
            dates.push_back(*night.request.date);
        } else {
            dates = statement_days(night.tenants.settings().statements / tenant.settings->id.text() /
                                   reconciliation::bank_folder(bank));
        }
        for (const auto date : dates) {
            take(run_bank_day(night, tenant, bank, date));
        }
    }
}

}  // namespace

std::vector<payments::StatementFile> read_statement_folder(const std::filesystem::path& folder) {
    std::vector<payments::StatementFile> files;
    for (const auto& path : statement_paths(folder)) {
        files.push_back({path.filename().string(), core::read_file(path, kStatementBytesMax)});
    }
    return files;
}

std::vector<core::BusinessDay> statement_days(const std::filesystem::path& folder) {
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

std::vector<LateStatement> late_statements(Application& application, core::Instant now, const std::string& of_tenant) {
    const auto tenants = application.tenants();
    std::vector<LateStatement> late;
    for (const auto& tenant : tenants->all()) {
        const auto& id = tenant->settings->id;
        if (!of_tenant.empty() && id.text() != of_tenant) {
            continue;
        }
        for (const auto& [name, channel] : tenant->channels) {
            const auto folder = tenants->settings().statements / id.text() / name;
            const auto known = statement_days(folder);
            if (known.empty()) {
                continue;  // nobody delivers here
            }
            const auto& calendar = tenant->calendars.find(name)->second;
            const auto today = core::day_of(now, channel->day_cut());
            auto day = std::max(known.front(), core::BusinessDay(date::sys_days(today) - date::days(kLateDaysMax)));
            for (; day < today; day = core::day_after(day)) {
                const auto due = config::statement_due(calendar, day, channel->day_cut());
                if (due <= now && statement_paths(folder / core::format_day(day)).empty() &&
                    reconciliation::statements_taken_in(application.database(), id, name, day).empty()) {
                    late.push_back({id.text(), name, day, due});
                }
            }
        }
    }
    return late;
}

std::vector<NightlyDay> run_nightly(Application& application, const core::Clock& clock, const NightlyRequest& request,
                                    const std::function<void(const NightlyDay&)>& progress) {
    const auto tenants = application.tenants();
    if (!request.tenant.empty()) {
        tenants->require(request.tenant);
    }
    const Night night{application, application.database(), clock, request, *tenants};
    std::vector<Task> tasks = tasks_of(night);
    (void)find_repeats(night, tasks);
    const std::vector<std::size_t> waiting = queue_up(night, tasks);
    std::size_t next = 0;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (next < waiting.size() && waiting[next] == i) {
            ++next;
        } else {
            progress(tasks[i].day);
        }
    }
    run_all(night, tasks, waiting, progress);
    repeat_days(night, tasks, progress);
    std::vector<NightlyDay> days;
    days.reserve(tasks.size());
    for (Task& task : tasks) {
        days.push_back(std::move(task.day));
    }
    for (const auto& tenant : tenants->all()) {
        if (request.tenant.empty() || tenant->settings->id.text() == request.tenant) {
            run_banks(night, *tenant, [&](NightlyDay day) {
                days.push_back(std::move(day));
                progress(days.back());
            });
        }
    }
    return days;
}

}  // namespace server
