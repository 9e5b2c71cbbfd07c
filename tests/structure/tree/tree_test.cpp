// The tower can be seen: includes point down, files stay small, modules say what they are for.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = DUIZHANG_SOURCE_DIR;

// Bottom first: a module includes only itself and those before it.
const std::vector<std::string> kTower = {"core", "config", "audit", "ledger", "payments", "reconciliation", "server"};
constexpr std::size_t kLinesMax = 400;

std::vector<fs::path> sources_of(const std::string& module) {
    std::vector<fs::path> files;
    for (const auto& item : fs::recursive_directory_iterator(kRoot / module)) {
        const auto extension = item.path().extension();
        if (item.is_regular_file() && (extension == ".cpp" || extension == ".h")) {
            files.push_back(item.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream stream(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> project_includes(const fs::path& file) {
    static const std::regex kInclude(R"(^\s*#\s*include\s*\"([^\"]+)\")");
    std::vector<std::string> includes;
    for (const auto& line : lines_of(file)) {
        std::smatch match;
        if (std::regex_search(line, match, kInclude)) {
            includes.push_back(match[1]);
        }
    }
    return includes;
}

std::size_t floor_of(const std::string& module) {
    return static_cast<std::size_t>(std::find(kTower.begin(), kTower.end(), module) - kTower.begin());
}

std::string first_part(const std::string& path) { return path.substr(0, path.find('/')); }

// "payments/channels/stripe" for a channel's own folder; empty elsewhere.
std::string channel_of(const std::string& path) {
    static const std::regex kChannel(R"(^payments/channels/([^/]+)/)");
    std::smatch match;
    return std::regex_search(path, match, kChannel) ? match[1].str() : std::string();
}

class EveryModule : public testing::TestWithParam<std::string> {};

TEST_P(EveryModule, IncludesOnlyWhatIsBelowIt) {
    const auto files = sources_of(GetParam());
    ASSERT_FALSE(files.empty());
    for (const auto& file : files) {
        for (const auto& include : project_includes(file)) {
            const auto floor = floor_of(first_part(include));
            ASSERT_LT(floor, kTower.size()) << file << " includes " << include << ", which is no module's";
            EXPECT_LE(floor, floor_of(GetParam())) << file << " includes " << include << ", which is above it";
            EXPECT_TRUE(fs::exists(kRoot / include)) << file << " includes " << include << ", which is not there";
        }
    }
}

TEST_P(EveryModule, KeepsItsInsidesToItself) {
    for (const auto& file : sources_of(GetParam())) {
        for (const auto& include : project_includes(file)) {
            if (include.find("/impl/") != std::string::npos) {
                EXPECT_EQ(first_part(include), GetParam()) << file << " includes " << include;
            }
        }
    }
}

TEST_P(EveryModule, SaysWhatItIsFor) {
    const auto readme = kRoot / GetParam() / "README.md";
    ASSERT_TRUE(fs::exists(readme)) << readme;
    EXPECT_GE(lines_of(readme).size(), 10U) << readme;
}

TEST_P(EveryModule, HasNoFileThatHasBecomeTwoThings) {
    for (const auto& file : sources_of(GetParam())) {
        const auto lines = lines_of(file);
        if (lines.size() <= kLinesMax) {
            continue;
        }
        // The reason stands in the file's first lines: "// Over 400 lines: why".
        const bool reasoned = std::any_of(lines.begin(), lines.begin() + 5, [](const std::string& line) {
            return line.find("// Over 400 lines: ") != std::string::npos;
        });
        EXPECT_TRUE(reasoned) << file << " has " << lines.size() << " lines and no reason for it";
    }
}

INSTANTIATE_TEST_SUITE_P(Tower, EveryModule, testing::ValuesIn(kTower),
                         [](const auto& module) { return module.param; });

TEST(Channels, DoNotKnowEachOther) {
    for (const auto& file : sources_of("payments")) {
        const auto own = channel_of(fs::relative(file, kRoot).string());
        for (const auto& include : project_includes(file)) {
            const auto other = channel_of(include);
            const bool registry = file.filename() == "registry.cpp";
            EXPECT_TRUE(other.empty() || other == own || registry) << file << " includes " << include;
        }
    }
}

TEST(Doors, OutsideLibrariesStayBehindTheirs) {
    struct Door {
        std::string library;
        std::regex include;
        std::regex allowed;
    };
    const std::vector<Door> doors = {
        {"libpqxx", std::regex(R"(<pqxx/)"), std::regex(R"(^core/db/)")},
        {"core/db/work.h", std::regex(R"("core/db/work\.h")"), std::regex(R"(^core/db/|_store\.cpp$)")},
        {"OpenSSL", std::regex(R"(<openssl/)"), std::regex(R"(^core/crypto/|^server/http/|^audit/(trail_)?verifier/)")},
        {"libsodium", std::regex(R"(<sodium)"), std::regex(R"(^core/(crypto|impl)/|^audit/(trail_)?verifier/)")},
        {"Boost.Beast", std::regex(R"(<boost/(beast|asio))"), std::regex(R"(^server/http/)")},
        {"expat", std::regex(R"(<expat)"), std::regex(R"(^payments/bank/)")},
        {"simdjson", std::regex(R"(<simdjson)"), std::regex(R"(^core/(json|text)/|^audit/(trail_)?verifier/)")},
    };
    for (const auto& module : kTower) {
        for (const auto& file : sources_of(module)) {
            const auto shown = fs::relative(file, kRoot).string();
            for (const auto& line : lines_of(file)) {
                for (const auto& door : doors) {
                    if (line.starts_with("#include") && std::regex_search(line, door.include)) {
                        EXPECT_TRUE(std::regex_search(shown, door.allowed)) << shown << " includes " << door.library;
                    }
                }
            }
        }
    }
}

// The programs that check the others have doors of their own to each library, and nothing else in common with them.
TEST(Verifiers, ShareNoCodeWithWhatTheyVerify) {
    int own = 0;
    for (const auto& module : kTower) {
        for (const auto& file : sources_of(module)) {
            const auto shown = fs::relative(file, kRoot).string();
            const auto is_of_one = [](const std::string& path) {
                return path.starts_with("audit/verifier/") || path.starts_with("audit/trail_verifier/");
            };
            const bool is_verifier = is_of_one(shown);
            own += is_verifier ? 1 : 0;
            for (const auto& include : project_includes(file)) {
                EXPECT_EQ(is_of_one(include), is_verifier) << shown << " includes " << include;
            }
        }
    }
    EXPECT_GT(own, 15);
}

TEST(Money, NeverPassesThroughFloatingPoint) {
    const std::regex floating(R"(\b(double|float)\b(?!-))");
    for (const auto& module : kTower) {
        for (const auto& file : sources_of(module)) {
            const auto shown = fs::relative(file, kRoot).string();
            // A spreadsheet's number cell is floating point by its format; pictures have coordinates.
            if (shown.starts_with("reconciliation/lists/")) {
                continue;
            }
            for (const auto& line : lines_of(file)) {
                const auto code = line.substr(0, line.find("//"));
                const bool refusal = code.find("= delete") != std::string::npos;
                EXPECT_TRUE(refusal || !std::regex_search(code, floating)) << shown << ": " << line;
            }
        }
    }
}

TEST(Migrations, AreNumberedWithoutGaps) {
    std::vector<std::string> names;
    for (const auto& item : fs::directory_iterator(kRoot / "migrations")) {
        if (item.path().extension() == ".sql") {
            names.push_back(item.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    ASSERT_FALSE(names.empty());
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(std::stoul(names[i].substr(0, 4)), i + 1) << names[i];
    }
}

}  // namespace
