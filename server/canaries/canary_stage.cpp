#include "server/canaries/canary_stage.h"

#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>

#include "core/db/process.h"
#include "core/failure.h"
#include "core/files.h"

namespace server {
namespace {

namespace fs = std::filesystem;

constexpr int kOrders = 60;
constexpr std::size_t kLogMax = std::size_t{64} << 20U;
constexpr auto kPatience = std::chrono::seconds(60);
constexpr auto kPause = std::chrono::milliseconds(50);

std::string text_of(const fs::path& file) { return fs::exists(file) ? core::read_file(file, kLogMax) : std::string(); }

// "http://127.0.0.1:8080" in the service's first line.
std::uint16_t port_in(const std::string& log) {
    constexpr std::string_view kBefore = "http://127.0.0.1:";
    const auto at = log.rfind(kBefore);
    std::uint16_t port = 0;
    if (at != std::string::npos && log.find("\"listening\"") != std::string::npos) {
        std::istringstream(log.substr(at + kBefore.size(), 5)) >> port;
    }
    return port;
}

fs::path emptied(fs::path folder) {
    folder = fs::absolute(folder);
    fs::create_directories(folder);
    for (const char* part : {"sent", "kept", "run", "tmp"}) {
        fs::remove_all(folder / part);
        fs::create_directories(folder / part);
    }
    return folder;
}

}  // namespace

CanaryStage::CanaryStage(fs::path folder, std::uint64_t seed, const DemoRemarks& remarks)
    : folder_(emptied(std::move(folder))),
      world_(make_demo_world(folder_, kOrders, seed, core::SystemClock().now(), remarks)) {
    fs::create_directories(folder_ / "kept" / "commands");
    fs::create_directories(folder_ / "kept" / "service");
}

CanaryStage::~CanaryStage() { end_service(SIGTERM); }

// A shell sets what a careless operator might have set, says the process' number and becomes the program.
std::vector<std::string> CanaryStage::words(const fs::path& number_file, std::vector<std::string> arguments) const {
    std::vector<std::string> words = {
        "/bin/sh",
        "-c",
        "ulimit -c unlimited 2>/dev/null; echo $$ >\"$1\"; export TMPDIR=\"$2\"; shift 2; exec \"$@\"",
        "sh",
        number_file.string(),
        (folder_ / "tmp").string(),
        fs::read_symlink("/proc/self/exe").string(),
        "--config",
        world_.configuration.string()};
    words.insert(words.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
    return words;
}

int CanaryStage::command(const std::string& log, std::vector<std::string> arguments, const fs::path& output) const {
    return core::db::run_to_end({words(folder_ / "run" / "command.pid", std::move(arguments)), folder_ / "run",
                                 output.empty() ? folder_ / "kept" / "commands" / (log + ".log") : output});
}

std::uint16_t CanaryStage::start_service() {
    end_service(SIGTERM);
    const auto log = folder_ / "kept" / "service" / "service.log";
    const auto before = text_of(log).size();
    service_ = std::thread([this, log] {
        core::db::run_to_end({words(folder_ / "run" / "service.pid", {"serve"}), folder_ / "run", log});
    });
    for (auto waited = std::chrono::milliseconds(0); waited < kPatience; waited += kPause) {
        std::this_thread::sleep_for(kPause);
        const auto text = text_of(log);
        if (const auto port = port_in(text.substr(std::min(before, text.size()))); port != 0) {
            return port;
        }
    }
    throw core::OutsideFailure("the service doesn't listen; see " + log.string());
}

void CanaryStage::end_service(int signal) {
    if (!service_.joinable()) {
        return;
    }
    pid_t number = 0;
    std::istringstream(text_of(folder_ / "run" / "service.pid")) >> number;
    if (number > 0) {
        kill(number, signal);
    }
    service_.join();
}

}  // namespace server
