#include "core/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/failure.h"

namespace core {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
protected:
    Files() {
        std::string pattern = (fs::temp_directory_path() / "duizhang-files-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Files() override { fs::remove_all(folder_); }

    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
            found.push_back(fs::relative(entry.path(), folder_).string());
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    static unsigned mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 07777U;
    }
    template <typename Kind, typename Action>
    static std::string message_of(Action action) {
        try {
            action();
        } catch (const Kind& failure) {
            return failure.what();
        }
        return "nothing was thrown";
    }

    fs::path folder_;
};

TEST_F(Files, AreReadWholeUpToTheLimit) {
    const fs::path path = folder_ / "a";
    const std::string bytes(300'000, 'x');
    write_file(path, bytes);
    EXPECT_EQ(read_file(path, bytes.size()), bytes);
    EXPECT_EQ(message_of<InputError>([&] { read_file(path, bytes.size() - 1); }),
              path.string() + ": is larger than 299999 bytes");
    write_file(path, "");
    EXPECT_EQ(read_file(path, 0), "");
    write_file(path, std::string_view("\0\xFF\n", 3));
    EXPECT_EQ(read_file(path, 100), std::string("\0\xFF\n", 3));
}

TEST_F(Files, AreNamedWhenTheyCannotBeRead) {
    EXPECT_EQ(message_of<InputError>([&] { read_file(folder_ / "none", 10); }),
              (folder_ / "none").string() + ": can't be opened: No such file or directory");
    EXPECT_EQ(message_of<InputError>([&] { read_file(folder_, 10); }), folder_.string() + ": is not a regular file");
    // A pipe without a writer must not hold up who reads.
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(message_of<InputError>([&] { read_file(folder_ / "pipe", 10); }),
              (folder_ / "pipe").string() + ": is not a regular file");
}

TEST_F(Files, AreWrittenWithTheirModeAndNothingIsLeftBeside) {
    const fs::path path = folder_ / "a";
    const mode_t before = ::umask(0077);
    write_file(path, "one");
    EXPECT_EQ(mode_of(path), 0644U);
    write_file(path, "two", 0600);
    ::umask(before);
    EXPECT_EQ(mode_of(path), 0600U);
    EXPECT_EQ(read_file(path, 10), "two");
    EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(Files, KeepTheOldTextWhenTheNewCannotBePut) {
    fs::create_directories(folder_ / "taken" / "inner");
    EXPECT_THROW(write_file(folder_ / "taken", "x"), OutsideFailure);
    EXPECT_EQ(message_of<OutsideFailure>([&] { write_file(folder_ / "none" / "a", "x"); }),
              (folder_ / "none" / "a").string() + ": can't be written: No such file or directory");
    EXPECT_EQ(names(), (std::vector<std::string>{"taken", "taken/inner"}));
}

TEST_F(Files, PrivateOnesAreReadOnlyWhenNobodyElseMay) {
    const fs::path path = folder_ / "key";
    write_file(path, "secret", 0600);
    EXPECT_EQ(read_private_file(path), "secret");
    ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
    EXPECT_EQ(read_private_file(path), "secret");
    for (const unsigned mode : {0640U, 0620U, 0604U, 0602U, 0644U, 0666U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        EXPECT_EQ(message_of<UsageError>([&] { read_private_file(path); }),
                  path.string() + ": others than its owner may read or write it: chmod 600 it")
            << mode;
    }
    EXPECT_THROW(read_private_file(folder_ / "none"), UsageError);
    EXPECT_THROW(read_private_file(folder_), UsageError);
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    EXPECT_THROW(read_private_file(path, 5), UsageError);
}

// The custodian is 60001, who runs the service 60002; root alone can play both.
TEST_F(Files, ACustodiansIsReadWhenWhoRunsTheServiceCanNotReplaceIt) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "two users are played by root alone: a custodian's file is not tested";
    }
    const fs::path folder = folder_ / "custody";
    const fs::path path = folder / "key";
    fs::create_directories(folder);
    ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
    write_file(path, "secret", 0640);
    ASSERT_EQ(::chown(path.c_str(), 60001, 60002), 0);
    const auto refusal = [&](unsigned file_mode, unsigned folder_owner, unsigned folder_mode) {
        EXPECT_EQ(::chmod(path.c_str(), file_mode), 0);
        EXPECT_EQ(::chown(folder.c_str(), folder_owner, 0), 0);
        EXPECT_EQ(::chmod(folder.c_str(), folder_mode), 0);
        EXPECT_EQ(::setegid(60002), 0);
        EXPECT_EQ(::seteuid(60002), 0);
        auto why = message_of<UsageError>([&] { EXPECT_EQ(read_custodian_file(path), "secret"); });
        const auto later = message_of<UsageError>([&] { require_still_custodians(path); });
        EXPECT_EQ(::seteuid(0), 0);
        EXPECT_EQ(::setegid(0), 0);
        EXPECT_EQ(later, why);
        return why.substr(why.find(':') + 1);
    };
    EXPECT_EQ(refusal(0640, 60001, 0755), "nothing was thrown");
    EXPECT_EQ(refusal(0440, 0, 0755), "nothing was thrown");
    for (const unsigned mode : {0660U, 0644U, 0641U, 0642U}) {
        EXPECT_THAT(refusal(mode, 0, 0755), testing::HasSubstr("chmod 640 it")) << mode;
    }
    EXPECT_THAT(refusal(0640, 60002, 0755), testing::HasSubstr("can put another file in its place"));
    EXPECT_THAT(refusal(0640, 0, 0777), testing::HasSubstr("can put another file in its place"));
    EXPECT_THAT(refusal(0640, 0, 0775), testing::HasSubstr("can put another file in its place"));
}

TEST_F(Files, PrivateOnesAreLookedAtAgainWithoutReading) {
    const fs::path path = folder_ / "key";
    write_file(path, "secret", 0600);
    EXPECT_NO_THROW(require_still_private(path));
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
    EXPECT_EQ(message_of<UsageError>([&] { require_still_private(path); }),
              path.string() + ": others than its owner may read or write it: chmod 600 it");
    EXPECT_THROW(require_still_private(folder_), UsageError);
    EXPECT_NO_THROW(require_still_private(folder_ / "none"));
}

TEST_F(Files, PrivateOnesOfAnotherUserAreRefused) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a file away";
    }
    const fs::path path = folder_ / "key";
    write_file(path, "secret", 0600);
    ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
    EXPECT_EQ(message_of<UsageError>([&] { read_private_file(path); }),
              path.string() + ": belongs to another user: chown it to the one that runs duizhang");
}

TEST_F(Files, ArePublishedTogether) {
    write_files_together(folder_ / "out" / "day", {{"review.csv", "1"}, {"summary.json", "{}"}});
    write_files_together(folder_ / "out" / "day", {{"review.csv", "2"}});
    EXPECT_EQ(names(), (std::vector<std::string>{"out", "out/day", "out/day/review.csv", "out/day/summary.json"}));
    EXPECT_EQ(read_file(folder_ / "out" / "day" / "review.csv", 10), "2");
    EXPECT_EQ(read_file(folder_ / "out" / "day" / "summary.json", 10), "{}");
}

TEST_F(Files, ArePublishedTogetherOrNotAtAll) {
    write_files_together(folder_, {{"a", "old"}});
    fs::create_directory(folder_ / "c");
    EXPECT_EQ(message_of<OutsideFailure>([&] {
                  write_files_together(folder_, {{"a", "new"}, {"b", "new"}, {"c", "new"}});
              }),
              (folder_ / "c").string() + ": can't be written: a folder has its name");
    const std::string too_long(300, 'n');
    EXPECT_THROW(write_files_together(folder_, {{"a", "new"}, {too_long, "new"}}), OutsideFailure);
    EXPECT_EQ(names(), (std::vector<std::string>{"a", "c"}));
    EXPECT_EQ(read_file(folder_ / "a", 10), "old");
    EXPECT_THROW(write_files_together(folder_, {{"../escape", "x"}}), BrokenRule);
    EXPECT_THROW(write_files_together(folder_ / "a", {{"b", "x"}}), OutsideFailure);
}

}  // namespace
}  // namespace core
