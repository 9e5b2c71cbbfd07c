// What the disk under an embedded cluster can be trusted with.
#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "core/db/cluster_place.h"

namespace core::db {

namespace {

constexpr std::pair<int, int> kTellsErrors{5, 8};  // errors of syncfs, since this Linux
constexpr int kServerKnows = 14;

int take_number(std::string_view& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc() ? number : 0;
}

// "6.1.0-28-amd64"
std::pair<int, int> kernel_version() {
    utsname name{};
    if (uname(&name) != 0) {
        return {0, 0};
    }
    std::string_view text(&name.release[0]);
    const int major = take_number(text);
    text.remove_prefix(text.starts_with('.') ? 1 : 0);
    return {major, take_number(text)};
}

// Others, FUSE for one, take the call and sync nothing, or keep errors to themselves.
bool is_honest(const std::filesystem::path& folder) {
    struct statfs disk {};
    if (statfs(folder.c_str(), &disk) != 0) {
        return false;
    }
    const auto type = static_cast<unsigned long>(disk.f_type);
    return type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC;
}

}  // namespace

bool can_sync_at_once(const std::filesystem::path& data, const Binaries& binaries) {
    std::string_view major(binaries.major);
    return take_number(major) >= kServerKnows && kernel_version() >= kTellsErrors && is_honest(data);
}

}  // namespace core::db
