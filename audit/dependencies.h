// What the programs consist of, as the list made with them says (audit/sbom), and whether that is what runs here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

struct Dependency {
    std::string package;  // Debian's name
    std::string version;
    std::string licence;  // SPDX, or NOASSERTION: then `licence_note` has Debian's words for it
    std::string licence_note;
    std::vector<std::string> how;  // DYNAMIC_LINK, BUILD_DEPENDENCY_OF, RUNTIME_DEPENDENCY_OF

    bool is_linked() const;
};

// The packages of an SPDX list in JSON. Throws core::InputError naming the file and what is missing.
std::vector<Dependency> read_dependencies(const std::filesystem::path& list);

// Beside this program, or where packages keep such files. Throws core::InputError naming both when it is in neither.
std::filesystem::path find_dependency_list();

struct DependencyFinding {
    std::string subject;  // a package or a file
    std::string what;
};

// What runs otherwise than the list says: a library in this process of no package that is on it; a package older than
// it was when the program was built, or gone. A newer one is a repaired one, and no finding. `dpkg` is the folder of
// Debian's own records.
std::vector<DependencyFinding> check_dependencies(const std::vector<Dependency>& listed,
                                                  const std::vector<std::filesystem::path>& loaded,
                                                  const std::filesystem::path& dpkg = "/var/lib/dpkg");

// The libraries in this process.
std::vector<std::filesystem::path> loaded_libraries();

// Below, at or above zero, as Debian's policy orders versions (5.6.12).
int compare_debian_versions(std::string_view a, std::string_view b);

}  // namespace audit
