#include "audit/dependencies.h"

#include <link.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/failure.h"
#include "core/files.h"
#include "core/json/reader.h"

namespace audit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kListBytesMax = std::size_t{4} << 20U;
constexpr std::size_t kRecordsBytesMax = std::size_t{256} << 20U;

std::string text_at(const core::json::Value& object, std::string_view key, const fs::path& file) {
    const auto text = object.string_at(key);
    if (!text) {
        throw core::InputError(file.string() + ": is no SPDX list: " + std::string(key) + " is missing");
    }
    return std::string(*text);
}

const core::json::Value& array_at(const core::json::Value& object, std::string_view key, const fs::path& file) {
    const auto* array = object.find(key);
    if (array == nullptr || !array->is_array()) {
        throw core::InputError(file.string() + ": is no SPDX list: " + std::string(key) + " is missing");
    }
    return *array;
}

// How the program depends on it, by SPDX id: the relationship names them in either order.
std::map<std::string, std::vector<std::string>> relations_in(const core::json::Value& list, const fs::path& file) {
    std::map<std::string, std::vector<std::string>> relations;
    for (const auto& one : array_at(list, "relationships", file).items()) {
        const auto type = text_at(one, "relationshipType", file);
        for (const char* side : {"spdxElementId", "relatedSpdxElement"}) {
            relations[text_at(one, side, file)].push_back(type);
        }
    }
    return relations;
}

// A field of Debian's records, "Version: 1.2".
std::string field_of(std::string_view line, std::string_view name) {
    return line.starts_with(name) && line.substr(name.size()).starts_with(": ")
               ? std::string(line.substr(name.size() + 2))
               : std::string();
}

template <typename Each>
void each_line(std::string_view text, const Each& each) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        each(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::map<std::string, std::string> installed_versions(const fs::path& dpkg) {
    std::map<std::string, std::string> versions;
    std::string package;
    bool installed = false;
    each_line(core::read_file(dpkg / "status", kRecordsBytesMax), [&](std::string_view line) {
        if (const auto name = field_of(line, "Package"); !name.empty()) {
            package = name;
            installed = false;
        } else if (line == "Status: install ok installed") {
            installed = true;
        } else if (const auto version = field_of(line, "Version"); installed && !version.empty()) {
            versions.emplace(package, version);
        }
    });
    return versions;
}

// /lib is /usr/lib where Debian has merged them, and its records may say either.
std::string merged(const std::string& path) { return path.starts_with("/usr/lib") ? path.substr(4) : path; }

void take_files(const fs::path& list, std::set<std::string>& files) {
    if (fs::exists(list)) {
        each_line(core::read_file(list, kRecordsBytesMax),
                  [&](std::string_view line) { files.insert(merged(std::string(line))); });
    }
}

std::set<std::string> files_of(const std::vector<Dependency>& listed, const fs::path& dpkg) {
    std::set<std::string> files;
    for (const auto& one : listed) {
        if (!one.is_linked()) {
            continue;
        }
        take_files(dpkg / "info" / (one.package + ".list"), files);
        for (const char* architecture : {":amd64", ":arm64"}) {
            take_files(dpkg / "info" / (one.package + architecture + ".list"), files);
        }
    }
    return files;
}

// What isn't a digit: "~" before the end of the text, letters before all else.
int rank(std::string_view text, std::size_t at) {
    if (at >= text.size() || (text[at] >= '0' && text[at] <= '9')) {
        return 0;
    }
    const char c = text[at];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c == '~' ? -1 : static_cast<int>(static_cast<unsigned char>(c)) + (letter ? 0 : 256);
}

bool is_digit(std::string_view text, std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; }

// Digits from there on without leading zeros; `at` is moved behind them.
std::string_view digits_at(std::string_view text, std::size_t& at) {
    while (at < text.size() && text[at] == '0') {
        ++at;
    }
    const auto begin = at;
    while (is_digit(text, at)) {
        ++at;
    }
    return text.substr(begin, at - begin);
}

int compare_part(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        while ((i < a.size() && !is_digit(a, i)) || (j < b.size() && !is_digit(b, j))) {
            if (const int difference = rank(a, i) - rank(b, j); difference != 0) {
                return difference;
            }
            ++i;
            ++j;
        }
        const auto left = digits_at(a, i);
        const auto right = digits_at(b, j);
        if (left.size() != right.size()) {
            return left.size() < right.size() ? -1 : 1;
        }
        if (const int difference = left.compare(right); difference != 0) {
            return difference;
        }
    }
    return 0;
}

struct Version {
    std::string_view epoch = "0";
    std::string_view upstream;
    std::string_view revision = "0";
};

Version version_of(std::string_view text) {
    Version version;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        version.epoch = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (const auto dash = text.rfind('-'); dash != std::string_view::npos) {
        version.revision = text.substr(dash + 1);
        text = text.substr(0, dash);
    }
    version.upstream = text;
    return version;
}

}  // namespace

bool Dependency::is_linked() const { return std::find(how.begin(), how.end(), "DYNAMIC_LINK") != how.end(); }

std::vector<Dependency> read_dependencies(const fs::path& list) {
    const auto parsed = core::json::parse(core::read_file(list, kListBytesMax), {kListBytesMax, 32});
    if (!parsed || !parsed->is_object()) {
        throw core::InputError(list.string() + ": is no SPDX list in JSON");
    }
    const auto relations = relations_in(*parsed, list);
    std::vector<Dependency> dependencies;
    for (const auto& package : array_at(*parsed, "packages", list).items()) {
        const auto id = text_at(package, "SPDXID", list);
        if (id == "SPDXRef-duizhang") {
            continue;
        }
        const auto how = relations.find(id);
        dependencies.push_back({text_at(package, "name", list), text_at(package, "versionInfo", list),
                                text_at(package, "licenseDeclared", list), text_at(package, "licenseComments", list),
                                how == relations.end() ? std::vector<std::string>() : how->second});
    }
    return dependencies;
}

fs::path find_dependency_list() {
    const auto folder = fs::read_symlink("/proc/self/exe").parent_path();
    const auto beside = folder / "duizhang.spdx.json";
    const auto shared = folder.parent_path() / "share" / "duizhang" / "duizhang.spdx.json";
    for (const auto& place : {beside, shared}) {
        if (fs::exists(place)) {
            return place;
        }
    }
    throw core::InputError(beside.string() + ": is not there, nor is " + shared.string() +
                           "; `./dev sbom` makes it, or name it with --list");
}

std::vector<DependencyFinding> check_dependencies(const std::vector<Dependency>& listed,
                                                  const std::vector<fs::path>& loaded, const fs::path& dpkg) {
    std::vector<DependencyFinding> findings;
    const auto installed = installed_versions(dpkg);
    for (const auto& one : listed) {
        const auto here = installed.find(one.package);
        const bool is_needed = one.how != std::vector<std::string>{"BUILD_DEPENDENCY_OF"};
        if (here == installed.end()) {
            if (is_needed) {
                findings.push_back({one.package, "is not installed; the list has version " + one.version});
            }
        } else if (is_needed && compare_debian_versions(here->second, one.version) < 0) {
            findings.push_back(
                {one.package, "is installed in version " + here->second + ", older than the list's " + one.version});
        }
    }
    const auto known = files_of(listed, dpkg);
    for (const auto& file : loaded) {
        std::error_code error;
        const auto real = fs::canonical(file, error);
        if (!known.contains(merged(file.string())) && !known.contains(merged(real.string()))) {
            findings.push_back({file.string(), "is loaded, and of no package on the list"});
        }
    }
    return findings;
}

std::vector<fs::path> loaded_libraries() {
    std::vector<fs::path> files;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* out) {
            const std::string name = info->dlpi_name != nullptr ? info->dlpi_name : "";
            if (name.starts_with("/")) {  // the program itself, and what the kernel adds, have no path
                static_cast<std::vector<fs::path>*>(out)->push_back(name);
            }
            return 0;
        },
        &files);
    return files;
}

int compare_debian_versions(std::string_view a, std::string_view b) {
    const auto left = version_of(a);
    const auto right = version_of(b);
    for (const auto part : {&Version::epoch, &Version::upstream, &Version::revision}) {
        if (const int difference = compare_part(left.*part, right.*part); difference != 0) {
            return difference;
        }
    }
    return 0;
}

}  // namespace audit
