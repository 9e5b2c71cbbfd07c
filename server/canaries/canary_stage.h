// Where canaries fly: a world of its own under one folder, with the product running in it as it would anywhere.
//
//   DIR/duizhang.toml, keys, statements      the demo's world, and what its channels write: what comes from outside
//   DIR/sent                                 what is sent besides: files with canaries in them and in their names
//   DIR/kept/...                             what the product leaves behind: logs, answers, lists, exports, dump,
//   backup DIR/run, DIR/tmp                         where programs run (a core dump would lie there), and their
//   temporary files
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "server/demo.h"

namespace server {

class CanaryStage {
public:
    // Empties the folder's parts, not the folder: somebody's own files beside them stay.
    CanaryStage(std::filesystem::path folder, std::uint64_t seed, const DemoRemarks& remarks);
    ~CanaryStage();
    CanaryStage(const CanaryStage&) = delete;
    CanaryStage& operator=(const CanaryStage&) = delete;

    const DemoWorld& world() const noexcept { return world_; }
    std::filesystem::path folder(const std::string& part) const { return folder_ / part; }
    const std::string& tenant() const { return world_.channels.front().tenant; }

    // Runs this program with the world's configuration; its output goes to DIR/kept/commands/LOG.log, or where told.
    int command(const std::string& log, std::vector<std::string> arguments,
                const std::filesystem::path& output = {}) const;

    // The service, as a process of its own, with core dumps allowed by whoever starts it. Gives its port.
    std::uint16_t start_service();
    // With SIGTERM it ends in order, with SIGABRT as a crash; waits for its end.
    void end_service(int signal);

private:
    std::vector<std::string> words(const std::filesystem::path& number_file, std::vector<std::string> arguments) const;

    std::filesystem::path folder_;
    DemoWorld world_;
    std::thread service_;
};

}  // namespace server
