// The list of what the programs consist of has every library that the build asks for.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "audit/dependencies.h"

namespace {

std::string text_of(const std::string& file) {
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

// What CMakeLists.txt asks for, and the package that it is in. Headers alone come from a -dev package.
const std::map<std::string, std::set<std::string>> kPackages = {
    {"Threads", {"libc6"}},
    {"OpenSSL", {"libssl3"}},
    {"Poco", {"libpocofoundation80", "libpoconet80"}},
    {"date", {"libdate-tz3", "libhowardhinnant-date-dev"}},
    {"simdjson", {"libsimdjson14"}},
    {"CLI11", {"libcli11-dev"}},
    {"tomlplusplus", {"libtomlplusplus3"}},
    {"LibArchive", {"libarchive13"}},
    {"ZLIB", {"zlib1g"}},
    {"ZSTD", {"libzstd1"}},
    {"EXPAT", {"libexpat1"}},
    {"PostgreSQL", {"libpq5", "postgresql-15"}},
    {"PkgConfig", {}},  // a tool
    {"PQXX", {"libpqxx-6.4"}},
    {"SODIUM", {"libsodium23"}},
    {"XLSXWRITER", {"libxlsxwriter4"}},
    {"TCMALLOC_MINIMAL", {"libtcmalloc-minimal4"}},
};

TEST(TheListOfDependencies, HasEveryLibraryThatTheBuildAsksFor) {
    std::set<std::string> listed;
    for (const auto& one : audit::read_dependencies(DUIZHANG_BINARY_DIR "/duizhang.spdx.json")) {
        listed.insert(one.package);
        EXPECT_FALSE(one.version.empty()) << one.package;
        EXPECT_FALSE(one.how.empty()) << one.package;
    }
    const auto build = text_of(DUIZHANG_SOURCE_DIR "/CMakeLists.txt");
    const std::regex asks(R"((?:find_package|pkg_check_modules|find_library)\((\w+))");
    std::size_t asked = 0;
    for (std::sregex_iterator at(build.begin(), build.end(), asks), end; at != end; ++at) {
        const auto name = (*at)[1].str();
        if (name == "CCACHE") {
            continue;
        }
        ++asked;
        const auto known = kPackages.find(name);
        ASSERT_NE(known, kPackages.end()) << "which package is " << name << " in?";
        for (const auto& package : known->second) {
            EXPECT_TRUE(listed.contains(package)) << name << ": " << package << " is not on the list";
        }
    }
    EXPECT_GE(asked, kPackages.size());
}

// Boost is headers alone, which no line of CMakeLists.txt names.
TEST(TheListOfDependencies, HasWhatIsOnlyIncluded) {
    bool boost = false;
    for (const auto& one : audit::read_dependencies(DUIZHANG_BINARY_DIR "/duizhang.spdx.json")) {
        boost = boost || one.package.starts_with("libboost");
    }
    EXPECT_TRUE(boost);
}

}  // namespace
