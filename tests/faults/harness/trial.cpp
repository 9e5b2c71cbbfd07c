#include "tests/faults/harness/trial.h"

#include <algorithm>
#include <cstdio>

#include "core/json/writer.h"
#include "core/log.h"

namespace faults {

void Trial::stock_up(World& world, Load& load, std::size_t least) {
    const auto waiting = load.waiting();
    if (waiting < least) {
        load.add(world.make(least - waiting));
    }
}

void Trial::let_it_run(Load& load, Milliseconds time, std::size_t leave) {
    load.wait_for_acknowledged(1, kPatience);
    const auto until = Steady::now() + time;
    wait_until(
        time, [&] { return Steady::now() >= until || load.waiting() <= leave; }, Milliseconds(1));
    under_load_ += wait_until(
                       kPatience, [&] { return load.in_flight() > 0; }, Milliseconds(1))
                       ? 1
                       : 0;
}

void Trial::recovered(Load& load, Steady::time_point since) {
    const bool in_time = load.wait_for_acknowledgement(kPatience);
    recoveries_ms_.push_back(milliseconds_since(since));
    report_.require(in_time, "callbacks are acknowledged again within " + std::to_string(kPatience.count()) + " s");
}

void Trial::look_at_journal(const std::string& admin) {
    auto now = read_journal(admin);
    const auto broken = broken_entries(journal_, now);
    entries_broken_ += broken;
    report_.require(broken == 0, "what was booked stays as it was: " + std::to_string(broken) +
                                     " entries of the journal are gone or changed");
    journal_ = std::move(now);
}

void Trial::ask(const std::string& admin, World& world, Load& load) {
    const auto acknowledged = load.take_acknowledged();
    const auto traffic = load.take_traffic();
    ++rounds_asked_;
    report_.require(!acknowledged.empty(), "something was acknowledged in round " + std::to_string(rounds_asked_));
    const auto losses = find_losses(admin, world, acknowledged);
    lost_in_rounds_ += losses.all();
    report_.require(losses.all() == 0, "nothing acknowledged is lost: " + std::to_string(losses.messages) +
                                           " messages, " + std::to_string(losses.movements) + " movements, e.g. " +
                                           losses.example);
    look_at_journal(admin);
    report_.require(traffic.hung == 0, "no request hangs");
    report_.say("round " + std::to_string(rounds_asked_) + ": " + std::to_string(traffic.acknowledged) +
                " acknowledged, " + std::to_string(traffic.refused_all()) + " refused, " +
                std::to_string(traffic.broken) + " unanswered, " + std::to_string(losses.all()) + " lost" +
                (recoveries_ms_.empty() ? "" : ", recovered in " + std::to_string(recoveries_ms_.back()) + " ms"));
    for (const auto number : acknowledged) {
        world.callback(number).bytes.clear();  // nobody sends it again
        world.callback(number).bytes.shrink_to_fit();
    }
    traffic_.add(traffic);
    acknowledged_.insert(acknowledged_.end(), acknowledged.begin(), acknowledged.end());
}

std::int64_t Trial::taken_in_again(const Books& books) const {
    return static_cast<std::int64_t>(books.deliveries) -
           static_cast<std::int64_t>(traffic_.acknowledged + traffic_.repeats + books.unacknowledged);
}

Books Trial::conclude(const std::string& admin, World& world) {
    const auto losses = find_losses(admin, world, acknowledged_);
    const auto books = look_at_books(admin, world);
    look_at_journal(admin);
    const auto number = [](std::size_t n) { return static_cast<std::int64_t>(n); };
    report_.figure("rounds", number(rounds_asked_));
    report_.figure("acknowledged", number(acknowledged_.size()));
    report_.figure("lost", number(std::max(losses.all(), lost_in_rounds_)));
    report_.figure("booked_twice", number(books.booked_twice));
    report_.figure("journal_entries", number(journal_.size()));
    report_.figure("journal_broken", number(entries_broken_));
    report_.figure("audit_trail", books.has_trail ? "asked" : "this release keeps none");
    report_.figure("orders_imported", number(world.orders()));
    report_.figure("orders_lost", number(books.orders_lost));
    report_.figure("foreign_rows", number(books.foreign));
    report_.figure("repeats_acknowledged", number(traffic_.repeats));
    report_.figure("unanswered", number(traffic_.broken));
    report_.figure("refused_5xx", number(traffic_.refused_5xx()));
    report_.figure("refused_otherwise", number(traffic_.refused_all() - traffic_.refused_5xx()));
    report_.figure("committed_not_acknowledged", number(books.unacknowledged));
    report_.figure("taken_in_again_by_key", taken_in_again(books));
    report_.figure("slowest_answer_ms", traffic_.slowest_ms);
    if (!recoveries_ms_.empty()) {
        report_.figure("recovery_ms_median", percentile(recoveries_ms_, 50));
        report_.figure("recovery_ms_p99", percentile(recoveries_ms_, 99));
        report_.figure("recovery_ms_max", percentile(recoveries_ms_, 100));
    }
    report_.require(rounds_asked_ > 0 && !acknowledged_.empty(), "the run did something");
    report_.require(traffic_.repeats > 0, "messages were sent again after they had been acknowledged");
    report_.require(losses.all() == 0, "at the end nothing acknowledged is lost, e.g. " + losses.example);
    report_.require(!journal_.empty(), "there is a journal");
    report_.require(books.booked_twice == 0, "nothing is booked twice");
    report_.require(books.orders_lost == 0, "no imported order is lost");
    report_.require(books.foreign == 0, "no row stands under a tenant it isn't of");
    report_.require(books.unbalanced == 0, "legs add up to zero in each tenant and currency");
    report_.require(books.balances_off == 0, "kept balances are the sums of their legs");
    if (!acknowledged_.empty()) {
        for (const auto& question : blind_questions(admin, world, acknowledged_.back())) {
            report_.require(false, "the check sees what it looks for: " + question);
        }
    }
    for (const auto& complaint : books.complaints) {
        report_.require(false, complaint);
    }
    return books;
}

namespace {

void print_usage(const Description& description) {
    std::printf(
        "%s: %s\n\n  --rounds N   how often (%d)\n  --seed N     of what is sent (1)\n"
        "  --json       one line of JSON\n",
        description.name.c_str(), description.what.c_str(), description.rounds);
    for (const auto& flag : description.flags) {
        std::printf("  --%s\n", flag.c_str());
    }
}

// False: usage was asked for or broken.
bool read_options(int argc, char** argv, const Description& description, Options& options, int& status) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        const std::string flag = word.starts_with("--") ? word.substr(2) : "";
        const bool takes_number = word == "--rounds" || word == "--seed";
        const bool has_number =
            i + 1 < words.size() && !words[i + 1].empty() && words[i + 1].size() < 10 &&
            std::all_of(words[i + 1].begin(), words[i + 1].end(), [](char c) { return c >= '0' && c <= '9'; });
        if (takes_number && has_number) {
            const auto value = std::stoul(words[++i]);
            if (word == "--rounds") {
                options.rounds = static_cast<int>(value);
            } else {
                options.seed = value;
            }
        } else if (word == "--json") {
            options.json = true;
        } else if (std::find(description.flags.begin(), description.flags.end(), flag) != description.flags.end()) {
            options.flags.push_back(flag);
        } else {
            print_usage(description);
            status = word == "--help" ? 0 : 2;
            return false;
        }
    }
    if (options.rounds < 1) {
        print_usage(description);
        status = 2;
        return false;
    }
    return true;
}

}  // namespace

int run_fault(int argc, char** argv, const Description& description, const std::function<void(Trial&)>& program) {
    Options options;
    options.name = description.name;
    options.rounds = description.rounds;
    int status = 0;
    if (!read_options(argc, argv, description, options, status)) {
        return status;
    }
    core::set_log_level(core::LogLevel::error);
    try {
        Trial trial(options);
        const auto begin = Steady::now();
        try {
            program(trial);
        } catch (const NotHere&) {
            throw;
        } catch (const std::exception& failure) {
            trial.report().require(false, std::string("the program came to its end: ") + failure.what());
        }
        trial.report().figure("seconds", milliseconds_since(begin) / 1000);
        trial.report().print();
        return trial.report().holds() ? 0 : 1;
    } catch (const NotHere& reason) {
        if (options.json) {
            core::json::Writer json;
            json.begin_object().member("program", description.name).member("not_run", reason.what()).end_object();
            std::printf("%s\n", json.text().c_str());
        } else {
            std::printf("%s: not run: %s\n", description.name.c_str(), reason.what());
        }
        return kNotRun;
    }
}

}  // namespace faults
