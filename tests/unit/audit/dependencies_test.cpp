// The list of dependencies against what Debian's records and the process say.
#include "audit/dependencies.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/failure.h"

namespace audit {
namespace {

namespace fs = std::filesystem;

TEST(DebianVersions, AreOrderedAsItsPolicySays) {
    const std::vector<std::string> rising = {"1.0~rc1-1",     "1.0~rc2-1",      "1.0-1",  "1.0-1+deb12u1",
                                             "1.0-1+deb12u2", "1.0-1+deb12u10", "1.0a-1", "1.0+b-1",
                                             "1.2.3-1",       "1.10-1",         "2:0.1-1"};
    for (std::size_t i = 0; i < rising.size(); ++i) {
        for (std::size_t j = 0; j < rising.size(); ++j) {
            const int expected = i < j ? -1 : (i > j ? 1 : 0);
            const int found = compare_debian_versions(rising[i], rising[j]);
            EXPECT_EQ((found > 0) - (found < 0), expected) << rising[i] << " and " << rising[j];
        }
    }
    EXPECT_EQ(compare_debian_versions("1.01-0", "1.1-0"), 0);
    EXPECT_EQ(compare_debian_versions("0:1.1", "1.1-0"), 0);
}

// A machine with two packages of its own.
class ThisMachine : public testing::Test {
protected:
    ThisMachine() {
        std::string name = (fs::temp_directory_path() / "dependencies-XXXXXX").string();
        folder_ = mkdtemp(name.data());
        write("status",
              "Package: libone1\nStatus: install ok installed\nVersion: 1.2-3\n\n"
              "Package: libtwo\nStatus: deinstall ok config-files\nVersion: 9\n\n"
              "Package: libtwo\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.0-1\n");
        write("info/libone1.list", "/.\n/usr/lib\n/usr/lib/libone.so.1\n");
        write("info/libtwo:amd64.list", "/lib/libtwo.so\n");
    }
    ~ThisMachine() override { fs::remove_all(folder_); }

    fs::path write(const std::string& name, const std::string& text) const {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }
    std::string found(const std::vector<Dependency>& listed, const std::vector<fs::path>& loaded) const {
        std::string text;
        for (const auto& [subject, what] : check_dependencies(listed, loaded, folder_)) {
            text += subject + " " + what + "\n";
        }
        return text;
    }

    fs::path folder_;
    const std::vector<Dependency> listed_ = {{"libone1", "1.2-3", "MIT", "", {"DYNAMIC_LINK"}},
                                             {"libtwo", "2.0-1", "MIT", "", {"DYNAMIC_LINK"}},
                                             {"libhead-dev", "1", "MIT", "", {"BUILD_DEPENDENCY_OF"}}};
};

TEST_F(ThisMachine, RunsWhatIsOnTheList) {
    EXPECT_EQ(found(listed_, {"/usr/lib/libone.so.1", "/lib/libone.so.1", "/usr/lib/libtwo.so"}), "");
}

TEST_F(ThisMachine, MayHaveNewerPackages) {
    auto listed = listed_;
    listed[0].version = "1.2-2+deb12u9";
    EXPECT_EQ(found(listed, {}), "");
}

TEST_F(ThisMachine, IsFoundWithAnOlderPackageOrWithoutIt) {
    auto listed = listed_;
    listed[0].version = "1.2-3+deb12u1";
    listed.push_back({"libgone", "3", "MIT", "", {"RUNTIME_DEPENDENCY_OF"}});
    EXPECT_EQ(found(listed, {}),
              "libone1 is installed in version 1.2-3, older than the list's 1.2-3+deb12u1\n"
              "libgone is not installed; the list has version 3\n");
}

TEST_F(ThisMachine, IsFoundWithALibraryOfNobody) {
    EXPECT_EQ(found(listed_, {"/opt/evil.so"}), "/opt/evil.so is loaded, and of no package on the list\n");
}

TEST_F(ThisMachine, RefusesAListThatIsNone) {
    for (const char* text : {"", "[]", "{\"packages\": []}", "{\"packages\": [{}], \"relationships\": []}",
                             "{\"packages\": [], \"relationships\": [{}]}"}) {
        EXPECT_THROW(read_dependencies(write("list", text)), core::InputError) << text;
    }
}

TEST(TheProcess, KnowsItsLibraries) { EXPECT_GT(loaded_libraries().size(), 5U); }

}  // namespace
}  // namespace audit
