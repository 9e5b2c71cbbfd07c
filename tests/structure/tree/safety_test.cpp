// What an auditor asks of the source itself: no way around redaction, no statement put together from texts, no
// certificate left unchecked. (That no secret stands in it, the product's own scanner says: e2e, audit_test.)
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = DUIZHANG_SOURCE_DIR;

struct Line {
    std::string place;  // FILE:LINE
    std::string file;
    std::string code;  // without its remark
};

std::vector<Line> product() {
    std::vector<Line> lines;
    for (const char* module : {"core", "config", "audit", "ledger", "payments", "reconciliation", "server"}) {
        for (const auto& item : fs::recursive_directory_iterator(kRoot / module)) {
            const auto extension = item.path().extension();
            if (!item.is_regular_file() || (extension != ".cpp" && extension != ".h" && extension != ".inc")) {
                continue;
            }
            const auto file = fs::relative(item.path(), kRoot).generic_string();
            std::ifstream stream(item.path());
            std::size_t number = 0;
            for (std::string line; std::getline(stream, line);) {
                const auto first = line.find_first_not_of(' ');
                const bool remark = first != std::string::npos && line.compare(first, 2, "//") == 0;
                lines.push_back({file + ":" + std::to_string(++number), file, remark ? "" : line});
            }
        }
    }
    return lines;
}

// The lines that the pattern fits, but for those of the files allowed; and each of these must have one, so that the
// list says what is so.
void expect_only_in(const std::regex& pattern, const std::set<std::string>& allowed) {
    std::set<std::string> used;
    const auto lines = product();
    ASSERT_GT(lines.size(), 20'000U);
    for (const auto& line : lines) {
        if (!std::regex_search(line.code, pattern)) {
            continue;
        }
        EXPECT_TRUE(allowed.contains(line.file)) << line.place << ": " << line.code;
        used.insert(line.file);
    }
    for (const auto& file : allowed) {
        EXPECT_TRUE(used.contains(file)) << file << " doesn't need to be allowed any more";
    }
}

TEST(Source, WritesToPeopleAndLogsThroughFewDoors) {
    expect_only_in(
        std::regex(R"(std::(cerr|clog|cout)\b|\b(f|v|vf)?printf\s*\(|\bf?puts\s*\(|fwrite\(|::write\(STD|\bsyslog\()"),
        {"core/impl/log.cpp",                // the log: every value is redacted
         "server/impl/command_line.cpp",     // what went wrong, redacted
         "server/impl/command_support.cpp",  // results and progress of commands
         "server/impl/byte_progress.cpp",    // a count of bytes
         "server/impl/trail.cpp",            // heads of the trail: sizes, hashes and signatures
         "audit/trail_verifier/main.cpp",    // a program of its own, which shows who did what
         "audit/verifier/main.cpp"});        // likewise, which shows places and numbers
}

TEST(Source, LeavesNoCertificateUnchecked) {
    expect_only_in(
        std::regex(R"(SSL_VERIFY_NONE|VERIFY_NONE|verify_none|VERIFYPEER|VERIFYHOST|sslmode=(disable|allow|prefer))"),
        {"core/db/cluster_server.cpp"});  // a socket in a folder of ours, and whose user the server is, is checked
}

TEST(Source, UsesNoBrokenCipherNorRandomnessThatCanBeGuessed) {
    expect_only_in(std::regex(R"(\bs?rand\s*\(|drand48|EVP_md5|EVP_sha1\b|EVP_des|EVP_rc4|EVP_bf|_ecb\b)"), {});
}

// Parameters travel beside the statement. Where names of tables are put into one, they come from the catalogue and are
// quoted by the server.
TEST(Source, PutsNoStatementTogetherFromTexts) {
    const std::regex statement(
        R"re("[^"]*\b(select|insert into|update|delete from|declare|copy)\b [^"]*" *\+|\+ *" *(from|where|set|values|order by|limit|returning) )re");
    std::set<std::string> used;
    for (const auto& line : product()) {
        const bool speaks_to_it = line.file.ends_with("_store.cpp") || line.file.starts_with("core/db/") ||
                                  line.file.starts_with("audit/verifier/");
        if (speaks_to_it && std::regex_search(line.code, statement)) {
            used.insert(line.file);
        }
    }
    EXPECT_EQ(used, (std::set<std::string>{"audit/impl/scan_database_store.cpp",  // tables and columns of the catalogue
                                           "audit/verifier/database.cpp",  // a cursor around statements of its own
                                           "core/db/wall_trial.cpp"}));    // every relation there is, to be looked into
}

}  // namespace
