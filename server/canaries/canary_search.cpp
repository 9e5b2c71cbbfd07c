#include "server/canaries/canary_search.h"

#include <set>

#include "core/db/cluster_place.h"
#include "core/db/process.h"
#include "core/failure.h"
#include "core/files.h"

namespace server {
namespace {

namespace fs = std::filesystem;

struct Search {
    const audit::Needles& needles;
    const std::vector<std::string>& ways;
};

void search_file(const Search& search, const fs::path& file, CanaryPlace& place) {
    ++place.files;
    for (const auto& hit : search.needles.find_in_file(file.string(), place.bytes)) {
        place.leaks.push_back({search.needles[hit.needle].of, search.ways[hit.needle], file.string(), hit.at});
    }
}

// All files under some folders, but for those that `leave` names.
CanaryPlace search_folders(const Search& search, std::string name, const std::vector<fs::path>& folders,
                           const std::set<fs::path>& leave = {}) {
    CanaryPlace place{std::move(name), 0, 0, {}};
    for (const auto& folder : folders) {
        for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
             ++entry) {
            if (leave.contains(entry->path())) {
                entry.disable_recursion_pending();
            } else if (entry->is_regular_file()) {
                search_file(search, entry->path(), place);
            }
        }
    }
    return place;
}

void run(const fs::path& program, std::vector<std::string> arguments, const fs::path& folder) {
    const auto log = folder / (program.filename().string() + ".log");
    arguments.insert(arguments.begin(), program.string());
    if (core::db::run_to_end({arguments, folder, log}) != 0) {
        throw core::OutsideFailure(program.string() + " failed, see " + log.string() +
                                   " (it comes with Debian's package postgresql-client)");
    }
}

}  // namespace

std::vector<CanaryPlace> search_places(const core::db::EmbeddedCluster& cluster, const fs::path& folder,
                                       const CanarySet& canaries) {
    const auto needles = canaries.needles();
    const auto ways = canaries.ways();
    const Search search{needles, ways};
    const auto admin = cluster.connection_as("duizhang_admin", "duizhang");
    const auto data = cluster.checkpoint();
    const auto binaries = core::db::find_binaries("", data);
    const auto kept = folder / "kept";
    fs::create_directories(kept / "dump");
    run(binaries.folder / "pg_dump", {"--dbname=" + admin, "--file=" + (kept / "dump" / "duizhang.sql").string()},
        kept / "dump");
    // Not compressed: every byte is to be read.
    fs::create_directories(kept / "backup");
    run(binaries.folder / "pg_dump",
        {"--format=custom", "--compress=0", "--dbname=" + admin,
         "--file=" + (kept / "backup" / "duizhang.dump").string()},
        kept / "backup");

    std::vector<CanaryPlace> places;
    places.push_back(search_folders(search, "database dump", {kept / "dump"}));
    places.push_back(search_folders(search, "database files", {data}, {data / "pg_wal"}));
    places.push_back(search_folders(search, "write-ahead log", {data / "pg_wal"}));
    places.push_back(search_folders(search, "backup", {kept / "backup"}));
    places.push_back(search_folders(search, "PostgreSQL's log and surroundings", {data.parent_path()}, {data}));
    places.push_back(search_folders(search, "service's log", {kept / "service"}));
    places.push_back(search_folders(search, "answers over HTTP", {kept / "answers"}));
    places.push_back(search_folders(search, "commands' output and exports", {kept / "commands"}));
    places.push_back(search_folders(search, "review lists", {folder / "review"}));
    places.push_back(search_folders(search, "core dumps and temporary files", {folder / "run", folder / "tmp"}));
    return places;
}

CanaryControl try_search(const fs::path& folder, const CanarySet& canaries) {
    const auto needles = canaries.needles();
    std::string text;
    for (std::size_t i = 0; i < needles.size(); ++i) {
        // Borders of what is read at a time fall into some of them.
        text += std::string(i % 7 == 0 ? 40'000 : i, '.') + needles[i].text;
    }
    const auto file = folder / "control";
    core::write_file(file, text);
    std::uint64_t bytes = 0;
    std::set<std::size_t> found;
    for (const auto& hit : needles.find_in_file(file.string(), bytes)) {
        found.insert(hit.needle);
    }
    fs::remove(file);
    return {needles.size(), found.size()};
}

}  // namespace server
