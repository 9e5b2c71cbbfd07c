// diff --resume: killed in any moment, the same command goes on, and its outcome is the same to the byte.
// DUIZHANG_RESUME_KILLS=N kills N times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>

#include "tests/support/command.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using test_support::duizhang;
using test_support::Process;
using test_support::Ran;
using test_support::TestFolder;
using test_support::text_of;
using test_support::with_executable;
using test_support::write_text;
using testing::HasSubstr;

constexpr std::string_view kHeader = "channel_txn_id,merchant_order_id,type,amount,fee,currency,status,occurred_at\n";
constexpr std::size_t kRows = 150'000;

std::string number_text(std::size_t number) {
    const std::string digits = std::to_string(number);
    return std::string(7 - digits.size(), '0') + digits;
}

// One row in some thousands is missing on either side or has another amount.
std::pair<std::string, std::string> sides() {
    std::string left(kHeader);
    std::string right(kHeader);
    for (std::size_t i = 0; i < kRows; ++i) {
        const std::string name = number_text(i);
        const std::string begin = "ch_" + name + ",A-" + name + ",payment,";
        const std::string end = ",12,CNY,captured,2026-11-18T09:01:12Z\n";
        const std::size_t amount = 1000 + i % 977;
        if (i % 5003 != 1) {
            left += begin + std::to_string(amount) + end;
        }
        if (i % 6007 != 2) {
            right += begin + std::to_string(i % 7001 == 3 ? amount + 1 : amount) + end;
        }
    }
    return {left, right};
}

class DiffResume : public testing::Test {
protected:
    static void SetUpTestSuite() {
        files_ = std::make_unique<TestFolder>();
        const auto [left, right] = sides();
        write_text(files_->path() / "left.csv", left);
        write_text(files_->path() / "right.csv", right);
    }
    static void TearDownTestSuite() { files_.reset(); }

    void SetUp() override {
        for (const char* name : {"left.csv", "right.csv"}) {
            fs::copy_file(files_->path() / name, place() / name);
        }
    }

    const fs::path& place() const { return folder_.path(); }
    fs::path journal() const { return place() / "kept" / "duizhang-diff.journal"; }
    std::uint64_t journal_size() const {
        std::error_code none;
        const auto size = fs::file_size(journal(), none);
        return none ? 0 : size;
    }
    static std::vector<std::string> words(const std::vector<std::string>& more = {}) {
        std::vector<std::string> all = {"--json", "diff", "--left", "left.csv", "--right", "right.csv"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    static std::vector<std::string> resuming(const std::vector<std::string>& more = {}) {
        auto all = words({"--resume", "kept"});
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    // Killed when the journal has grown (or, without, at once) and that long afterwards.
    void kill_after(bool journal_grown, std::chrono::microseconds later) const {
        Process process(with_executable(resuming({"--threads", "1", "--out", "out"})), place());
        const std::uint64_t before = journal_size();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (journal_grown && journal_size() == before && !fs::exists(place() / "out" / "summary.json") &&
               std::chrono::steady_clock::now() < until) {
        }
        std::this_thread::sleep_for(later);
        process.signal(SIGKILL);
        process.finish();
    }
    // Files as they were left by a process that was killed when it had read both sides.
    void read_and_kill() const {
        for (int tries = 0; tries < 20 && journal_size() == 0; ++tries) {
            fs::remove_all(place() / "out");
            kill_after(true, std::chrono::microseconds(0));
        }
        ASSERT_GT(journal_size(), 0U) << "it was never killed between reading and its end";
        fs::remove_all(place() / "out");
    }

    static std::unique_ptr<TestFolder> files_;
    TestFolder folder_;
};
std::unique_ptr<TestFolder> DiffResume::files_;

std::map<std::string, std::string> published(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const char* name : {"diff.csv", "diff.html", "summary.json"}) {
        files[name] = text_of(folder / name);
    }
    return files;
}

std::size_t kills() {
    const char* asked = std::getenv("DUIZHANG_RESUME_KILLS");  // NOLINT(concurrency-mt-unsafe): one thread
    return asked == nullptr ? 8 : std::stoul(asked);
}

TEST_F(DiffResume, GivesTheSameToTheByteHoweverOftenItIsKilled) {
    std::mt19937_64 random(20261123);
    const Ran plain = duizhang(place(), words({"--out", "plain"}));
    ASSERT_EQ(plain.status, 1) << plain.err;
    std::size_t taken_over = 0;
    for (std::size_t killed = 0; killed < kills(); ++killed) {
        kill_after(random() % 4 != 0, std::chrono::microseconds(random() % 2500));
        if (random() % 3 == 0) {
            const Ran last = duizhang(place(), resuming({"--out", "out"}));
            EXPECT_EQ(last.status, 1) << last.err;
            taken_over +=
                last.err.find("going on: 149970 and 149975 rows were read before") != std::string::npos ? 1 : 0;
            EXPECT_EQ(last.out, plain.out) << "after " << killed + 1 << " kills";
            EXPECT_EQ(published(place() / "out"), published(place() / "plain"));
            EXPECT_FALSE(fs::exists(place() / "kept"));
            fs::remove_all(place() / "out");
        }
    }
    read_and_kill();
    const Ran last = duizhang(place(), resuming({"--out", "out"}));
    EXPECT_THAT(last.err, testing::ContainsRegex("kept: going on: 149970 and 149975 rows were read before, [0-9]+ of "
                                                 "16 partitions done"));
    EXPECT_EQ(last.out, plain.out);
    EXPECT_EQ(published(place() / "out"), published(place() / "plain"));
    EXPECT_FALSE(fs::exists(place() / "kept"));
    RecordProperty("taken_over", static_cast<int>(taken_over));
}

TEST_F(DiffResume, TakesWhatIsWholeOfATornJournal) {
    const Ran plain = duizhang(place(), words());
    read_and_kill();
    const std::string whole = text_of(journal());
    const std::string entries = text_of(place() / "kept" / "duizhang-diff.entries");
    const auto expect_the_same = [&](const std::string& kept, std::size_t where) {
        fs::create_directory(place() / "kept");
        write_text(journal(), kept, 0600);
        write_text(place() / "kept" / "duizhang-diff.entries", entries, 0600);
        const Ran ran = duizhang(place(), resuming());
        EXPECT_EQ(ran.status, 1) << ran.err;
        EXPECT_EQ(ran.out, plain.out) << where;
    };
    for (const std::size_t cut : {whole.size() - 1, whole.size() / 2, std::size_t{60}}) {
        expect_the_same(whole.substr(0, cut), cut);
    }
    for (const std::size_t at : {whole.size() - 1, whole.size() / 2, std::size_t{80}}) {
        auto changed = whole;
        changed[at] = static_cast<char>(~changed[at]);
        expect_the_same(changed, at);
    }
}

TEST_F(DiffResume, RefusesAJournalThatNothingOfItsKindReaches) {
    read_and_kill();
    fs::resize_file(journal(), (std::uintmax_t{1} << 30U) + 1);  // a file with a hole
    const Ran ran = duizhang(place(), resuming());
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, HasSubstr("duizhang-diff.journal is larger than any that diff writes; remove the folder"));
}

TEST_F(DiffResume, RefusesEntriesThatChanged) {
    read_and_kill();
    const fs::path file = place() / "kept" / "duizhang-diff.entries";
    std::string entries = text_of(file);
    for (std::size_t at = 0; at < entries.size(); at += 4096) {
        entries[at] = static_cast<char>(~entries[at]);
    }
    write_text(file, entries, 0600);
    const Ran ran = duizhang(place(), resuming());
    EXPECT_EQ(ran.status, 4);
    EXPECT_THAT(ran.err, HasSubstr("kept: what was kept there isn't what was written; remove it to begin anew"));
}

TEST_F(DiffResume, RefusesAnotherFileAndOtherOptions) {
    read_and_kill();
    const Ran units = duizhang(place(), resuming({"--units", "major"}));
    EXPECT_EQ(units.status, 2);
    EXPECT_THAT(units.err, HasSubstr("--resume: kept: was begun with other options"));

    std::string text = text_of(place() / "left.csv");
    text[text.size() / 2] = text[text.size() / 2] == '1' ? '2' : '1';
    write_text(place() / "left.csv", text);
    const Ran changed = duizhang(place(), resuming());
    EXPECT_EQ(changed.status, 2);
    EXPECT_THAT(changed.err, HasSubstr("--resume: kept: was begun when left.csv held something else"));
    EXPECT_GT(journal_size(), 0U) << "what was kept stays for the file it belongs to";
}

TEST_F(DiffResume, RefusesAFolderWithSomethingElse) {
    write_text(place() / "kept" / "notes.txt", "mine");
    const Ran ran = duizhang(place(), resuming());
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, HasSubstr("--resume: kept: holds something that isn't diff's"));
    EXPECT_EQ(text_of(place() / "kept" / "notes.txt"), "mine");
}

TEST_F(DiffResume, LeavesTheFolderToOneAtATime) {
    const fs::path pipe = place() / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    Process first(with_executable({"diff", "--left", "left.csv", "--right", "pipe", "--resume", "kept"}), place());
    while (!fs::exists(place() / "kept" / "duizhang-diff.entries")) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const Ran second = duizhang(place(), resuming());
    EXPECT_EQ(second.status, 4);
    EXPECT_THAT(second.err, HasSubstr("--resume: kept: another diff is at work there"));

    std::ofstream(pipe) << kHeader;
    const Ran refused = first.finish();
    EXPECT_EQ(refused.status, 2);
    EXPECT_THAT(refused.err, HasSubstr("--resume: pipe is a pipe, which can't be read again"));
}

TEST_F(DiffResume, SaysWhenTheDiskIsFullAndGoesOnWhenItIsNot) {
    const Ran full = Process({"/bin/sh", "-c",
                              "trap '' XFSZ; ulimit -f 2048; exec " DUIZHANG_BINARY_DIR
                              "/duizhang --json diff --left left.csv --right right.csv --resume kept"},
                             place())
                         .finish();
    EXPECT_EQ(full.status, 4) << full.err;
    EXPECT_THAT(full.err, HasSubstr("kept: can't hold what is to be kept: File too large; make room there"));
    EXPECT_EQ(duizhang(place(), resuming()).out, duizhang(place(), words()).out);
}

TEST_F(DiffResume, KeepsNothingOfFilesWithCardNumbers) {
    write_text(place() / "left.csv", std::string(kHeader) + "4242424242424242,A-1,payment,100,,CNY,captured,\n");
    write_text(place() / "right.csv", std::string(kHeader) + "4242424242424242,A-1,payment,100,,CNY,captured,\n");
    const Ran ran = duizhang(place(), resuming());
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("kept: nothing is kept to go on from: the files hold card numbers"));
    EXPECT_FALSE(fs::exists(place() / "kept"));
}

}  // namespace
}  // namespace e2e
