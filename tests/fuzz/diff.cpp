// The two files of `diff`: two halves of the input, and the first against itself.
#include <unistd.h>

#include <filesystem>

#include "core/failure.h"
#include "core/files.h"
#include "reconciliation/diff.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

constexpr std::string_view kNextFile = "\n====\n";

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("duizhang-fuzz-diff-" + std::to_string(::getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

std::optional<reconciliation::DiffResult> diffed(const std::filesystem::path& left, const std::filesystem::path& right,
                                                 std::optional<reconciliation::DiffUnits> units,
                                                 bool looks_at_all = false) {
    reconciliation::DiffOptions options;
    options.left = left;
    options.right = right;
    options.units = units;
    options.memory_bytes_max = 128U << 20U;
    options.threads = 1;
    options.looks_at_all = looks_at_all;
    options.redact = [](std::string_view text) { return fuzz::redactor().redact(text); };
    try {
        return reconciliation::diff(options);
    } catch (const core::InputError& error) {
        fuzz::check_stored(error.what());
    } catch (const core::UsageError& error) {
        fuzz::check_stored(error.what());
    }
    return std::nullopt;
}

void check_result(const reconciliation::DiffResult& result) {
    fuzz::promise(result.matched <= result.paired, "what matches is a pair");
    fuzz::promise(!result.digest.empty(), "a result has a digest");
    for (const auto& bytes : {reconciliation::diff_csv(result), reconciliation::diff_html(result),
                              reconciliation::diff_summary_json(result)}) {
        fuzz::promise(!bytes.empty() && core::text::is_valid_utf8(bytes), "what is written is UTF-8");
        fuzz::promise(fuzz::redactor().redact(bytes) == bytes, "no card number in what is written");
    }
    fuzz::promise(static_cast<bool>(core::json::parse(reconciliation::diff_summary_json(result))), "a summary is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const Folder folder;
    fuzz::Input input(data, size);
    const auto units = input.choice(2) == 1 ? std::optional(reconciliation::DiffUnits::major) : std::nullopt;
    core::write_file(folder.path / "left.csv", input.part(kNextFile));
    core::write_file(folder.path / "right.csv", input.rest());
    if (const auto result = diffed(folder.path / "left.csv", folder.path / "right.csv", units)) {
        check_result(*result);
        const auto closely = diffed(folder.path / "left.csv", folder.path / "right.csv", units, true);
        fuzz::promise(closely && reconciliation::diff_csv(*closely) == reconciliation::diff_csv(*result) &&
                          closely->matched == result->matched && closely->paired == result->paired,
                      "what is cancelled agrees");
    }
    if (const auto result = diffed(folder.path / "left.csv", folder.path / "left.csv", units)) {
        // What stands there twice with different amounts is a discrepancy in whatever company.
        auto kinds = reconciliation::count_kinds(*result);
        const bool repeats = kinds[reconciliation::DiscrepancyKind::duplicate_in_channel] > 0;
        fuzz::promise((repeats || result->matched == result->paired) && result->left.count == result->right.count,
                      "a file matches itself");
    }
    return 0;
}
