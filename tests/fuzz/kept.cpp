// What `diff --resume` has kept, changed: its journal or its entries byte by byte, or records that are whole again
// afterwards.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <optional>

#include "core/crypto/keyed_hash.h"
#include "core/failure.h"
#include "core/files.h"
#include "reconciliation/diff.h"
#include "reconciliation/engine/kept_folder.h"
#include "reconciliation/engine/packed.h"
#include "tests/fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;
using reconciliation::engine::KeptFolder;
using reconciliation::engine::Packer;

constexpr std::string_view kMark = "duizhang diff journal 1\n";
constexpr std::size_t kFilesBytesMax = std::size_t{1} << 24U;

struct Frame {
    std::uint32_t kind;
    std::uint32_t number;
    std::uint64_t size;
    std::uint64_t check;
};

// Two files, what they differ in, and what a comparison of them keeps.
class World {
public:
    World() : folder_(fs::temp_directory_path() / ("duizhang-fuzz-kept-" + std::to_string(::getpid()))) {
        fs::create_directories(folder_);
        std::string left = "channel_txn_id,amount,currency\n";
        std::string right = left;
        for (int i = 0; i < 400; ++i) {
            const std::string id = "T" + std::to_string(1000 + i);
            left += i % 50 == 7 ? "" : id + ",500,CNY\n";
            right += i % 50 == 9 ? "" : id + (i % 50 == 11 ? ",501,CNY\n" : ",500,CNY\n");
        }
        core::write_file(folder_ / "left.csv", left);
        core::write_file(folder_ / "right.csv", right);
        answer_ = *compared();
        journal_ = core::read_file(journal_path(), kFilesBytesMax);
        entries_ = core::read_file(entries_path(), kFilesBytesMax);
        fuzz::promise(journal_.size() > kMark.size() + 16 && !entries_.empty(), "a comparison keeps what it does");
    }
    ~World() { fs::remove_all(folder_); }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    const std::string& answer() const { return answer_; }
    const std::string& journal() const { return journal_; }
    const std::string& entries() const { return entries_; }

    // Nothing when it is refused.
    std::optional<std::string> compared_with(const std::string& journal, const std::string& entries) const {
        core::write_file(journal_path(), journal, 0600);
        core::write_file(entries_path(), entries, 0600);
        return compared();
    }

private:
    fs::path journal_path() const { return folder_ / "kept" / "duizhang-diff.journal"; }
    fs::path entries_path() const { return folder_ / "kept" / "duizhang-diff.entries"; }

    std::optional<std::string> compared() const {
        try {
            KeptFolder kept(folder_ / "kept");
            const reconciliation::DiffKept resumed{kept, "this program", [](const std::string&) {}};
            reconciliation::DiffOptions options;
            options.left = folder_ / "left.csv";
            options.right = folder_ / "right.csv";
            options.memory_bytes_max = 128U << 20U;
            options.threads = 1;
            options.redact = [](std::string_view text) { return std::string(text); };
            options.kept = &resumed;
            return diff_csv(reconciliation::diff(options));
        } catch (const core::Failure&) {
            return std::nullopt;
        }
    }

    fs::path folder_;
    std::string answer_, journal_, entries_;
};

// Three bytes each: where, and what stands there then. What is left over says where the text ends.
std::string changed(std::string text, std::string_view edits) {
    const auto place = [&](std::size_t at) {
        return (static_cast<unsigned char>(edits[at]) * std::size_t{256} + static_cast<unsigned char>(edits[at + 1])) %
               text.size();
    };
    for (; edits.size() >= 3 && !text.empty(); edits.remove_prefix(3)) {
        text[place(0)] = edits[2];
    }
    if (edits.size() == 2 && !text.empty()) {
        text.resize(place(0));
    }
    return text;
}

// The journal with the contents of its records changed, each whole by its check again.
std::string rewritten(const std::string& journal, std::size_t which, std::string_view edits) {
    core::crypto::KeyedHash::Key key{};
    std::memcpy(key.data(), journal.data() + kMark.size(), key.size());
    const core::crypto::KeyedHash hash(key);
    std::size_t at = kMark.size() + key.size();
    std::string out = journal.substr(0, at);
    for (std::size_t number = 0; journal.size() - at >= sizeof(Frame); ++number) {
        Frame frame{};
        std::memcpy(&frame, journal.data() + at, sizeof(frame));
        auto content = journal.substr(at + sizeof(frame), frame.size);
        at += sizeof(frame) + frame.size;
        if (number == which) {
            content = changed(std::move(content), edits);
        }
        frame.size = content.size();
        Packer checked;
        checked.number(frame.kind);
        checked.number(frame.number);
        checked.number(frame.size);
        checked.number(hash.short_of(content));
        frame.check = hash.short_of(checked.take());
        Packer packer;
        packer.number(frame);
        out += packer.take() + content;
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const World world;
    fuzz::Input input(data, size);
    const auto way = input.choice(3);
    if (way == 2) {
        // Whoever has the key may say what he likes; it is read with care all the same.
        const auto which = input.choice(4);
        (void)world.compared_with(rewritten(world.journal(), which, input.rest()), world.entries());
        return 0;
    }
    const auto answer = way == 0 ? world.compared_with(changed(world.journal(), input.rest()), world.entries())
                                 : world.compared_with(world.journal(), changed(world.entries(), input.rest()));
    fuzz::promise(!answer || *answer == world.answer(), "what was kept is what was done, or is done again");
    return 0;
}
