// duizhang keys rotate-master, split, hold, unlock
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "config/document.h"
#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "core/keys/shares.h"
#include "core/log.h"
#include "server/impl/command_support.h"
#include "server/impl/commands_inventory.h"

namespace server {
namespace {

// Where the configuration says that shares are held. The rest of it isn't read: it can't be without the key.
std::filesystem::path share_socket(const GlobalOptions& global) {
    constexpr std::string_view kPrefix = "shares:";
    config::Document document(config::find_configuration(global.config));
    auto root = document.root();
    auto secrets = root.table("secrets");
    const auto named = secrets ? secrets->text("master_key").value_or("") : "";
    if (!named.starts_with(kPrefix)) {
        throw core::UsageError(
            "secrets.master_key: is not \"shares:/PATH/OF/A/SOCKET\", so no shares are held or entered");
    }
    return named.substr(kPrefix.size());
}

// What is typed is not shown, where it is typed.
class QuietTerminal {
public:
    QuietTerminal() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (is_terminal_) {
            auto quiet = before_;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
        }
    }
    ~QuietTerminal() {
        if (is_terminal_) {
            (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        }
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

private:
    termios before_{};
    bool is_terminal_;
};

core::KeyBytes share_from_input() {
    constexpr std::size_t kBytesMax = 256;
    const QuietTerminal quiet;
    std::string text(kBytesMax, '\0');
    std::size_t held = 0;
    while (held < text.size() && (held == 0 || text[held - 1] != '\n')) {
        const auto got = ::read(STDIN_FILENO, text.data() + held, 1);
        if (got <= 0) {
            break;
        }
        ++held;
    }
    const auto line = std::string_view(text).substr(0, held);
    core::KeyBytes share(line.substr(0, line.find_last_not_of(" \r\n") + 1));
    core::wipe(text.data(), text.size());
    return share;
}

std::atomic<bool> told_to_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void note_held(std::string_view event, unsigned user, const std::string& why) {
    core::log_info(event, {{"user", static_cast<std::int64_t>(user)}, {"why", why}});
}

}  // namespace

int keys_rotate_master(const GlobalOptions& global, const std::string& file) {
    Session session(global);
    const auto& settings = session.tenants().settings();
    if (settings.previous_key.empty()) {
        throw core::UsageError(
            "secrets.previous_master_key: is missing: name the new key as master_key and the one before as "
            "previous_master_key, reload the service, and run this again");
    }
    std::int64_t count = 0;
    for (const auto& tenant : session.tenants().all()) {
        session.act(tenant->settings->id, {"keys.rotate_master", "data keys of " + tenant->settings->id.text()},
                    [&](auto& transaction, auto& act) {
                        const auto rewrapped = session.tenants().keys().rewrap(transaction);
                        act.after = "{\"data_keys\":" + std::to_string(rewrapped) + "}";
                        count += rewrapped;
                    });
    }
    const auto place = std::filesystem::absolute(settings.file).parent_path();
    const auto target = file.empty() ? place / "keys" / "derivation.key" : std::filesystem::absolute(file);
    const auto wrapped =
        core::keys::wrap_derivation_key(settings.wrapping_key, settings.service.environment, settings.master_key);
    core::write_file(target, core::crypto::hex_encode(wrapped) + "\n", 0644);
    core::json::Writer json(1);
    json.begin_object().member("data_keys", count).member("derivation_key", target.string()).end_object();
    print(global.json ? json.text() + "\n"
                      : std::to_string(count) + " data keys are wrapped by the new master key\n" +
                            "now say in [secrets]: derivation_key = \"" + target.string() +
                            "\", take previous_master_key out, and reload the service\n");
    return 0;
}

int keys_split(const GlobalOptions& global, const std::string& first, const std::string& second) {
    for (const auto& file : {first, second}) {
        if (std::filesystem::exists(file)) {
            throw core::UsageError(file + ": is there already, and a share is never overwritten");
        }
    }
    const auto key = core::crypto::random_key();
    const auto [one, other] = core::keys::split_into_shares(key);
    core::write_file(first, std::string(one.reveal()) + "\n", 0600);
    core::write_file(second, std::string(other.reveal()) + "\n", 0600);
    const auto check_value = core::crypto::key_check_value(key);
    core::json::Writer json(1);
    json.begin_object().member("check_value", check_value).end_object();
    print(global.json ? json.text() + "\n"
                      : "a share for each of two people, of a key with check value " + check_value +
                            "; give each away and keep neither\n");
    return 0;
}

int keys_hold(const GlobalOptions& global, std::int64_t window_minutes) {
    core::set_log_level(core::LogLevel::info);
    core::keys::ShareHolder holder(share_socket(global), std::chrono::minutes(window_minutes), note_held);
    for (const int number : {SIGINT, SIGTERM}) {
        std::signal(number, [](int) { told_to_stop = true; });
    }
    core::log_info("shares_wanted", {{"window_minutes", window_minutes}});
    while (!told_to_stop) {
        holder.serve_one(std::chrono::milliseconds(200));
    }
    return 0;
}

int keys_unlock(const GlobalOptions& global) {
    const auto socket = share_socket(global);
    tell(global, "the share, which is not shown:");
    const auto said = core::keys::enter_share(socket, share_from_input());
    core::json::Writer json(1);
    json.begin_object().member("result", said).end_object();
    print(global.json ? json.text() + "\n" : said + "\n");
    return 0;
}

}  // namespace server
