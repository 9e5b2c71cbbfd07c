#include "core/keys/shares.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/failure.h"
#include "core/keys/share_text.h"

namespace core::keys {
namespace {

constexpr std::size_t kMessageMax = 256;
constexpr std::chrono::milliseconds kPatience{5'000};

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto name = path.string();
    if (name.empty() || name.size() >= sizeof address.sun_path) {
        throw UsageError(name + ": is no path for a socket: at most 107 bytes");
    }
    name.copy(address.sun_path, name.size());
    return address;
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

bool is_ready(int descriptor, std::chrono::milliseconds patience) {
    pollfd waiting{descriptor, POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
}

// One message, which may hold a key; empty when none came in time.
KeyBytes receive(int socket) {
    std::array<char, kMessageMax> room{};
    const auto got = is_ready(socket, kPatience) ? ::recv(socket, room.data(), room.size(), 0) : -1;
    KeyBytes message(std::string_view(room.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))));
    wipe(room.data(), room.size());
    return message;
}

// What the holder answers to a message, without its first word, "ok"; throws what follows "no".
KeyBytes asked(const std::filesystem::path& path, const KeyBytes& message) {
    const Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    const auto address = address_of(path);
    if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw UsageError(path.string() + ": nobody holds the shares there: start `duizhang keys hold`");
    }
    const auto text = message.reveal();
    (void)::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
    const auto answer = receive(socket.number());
    if (answer.reveal().starts_with("ok ")) {
        return KeyBytes(answer.reveal().substr(3));
    }
    const auto why = answer.reveal();
    throw UsageError(path.string() + ": " + (why.starts_with("no ") ? std::string(why.substr(3)) : "no answer came"));
}

}  // namespace

struct ShareHolder::Caller {
    unsigned user;
    bool is_ours;  // our own user, or root
};

std::pair<KeyBytes, KeyBytes> split_into_shares(const KeyBytes& key) {
    const auto one = crypto::random_key();
    const auto other = crypto::combined(key, one);
    const auto text = [&](const char* number, const KeyBytes& part) {
        return KeyBytes(number + crypto::hex_encode(part.reveal()) + "-" + crypto::key_check_value(key));
    };
    return {text("1-", one), text("2-", other)};
}

ShareHolder::ShareHolder(std::filesystem::path socket, std::chrono::seconds window, Log log)
    : path_(std::move(socket)), window_(window), log_(std::move(log)) {
    const auto address = address_of(path_);
    socket_ = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        ::close(socket_);
        throw UsageError(path_.string() + ": the shares are held there already");
    }
    ::unlink(path_.c_str());
    // Anybody may knock; who it is, the kernel says.
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(path_.c_str(), 0666) != 0 || ::listen(socket_, 16) != 0) {
        ::close(socket_);
        throw UsageError(path_.string() +
                         ": no socket can be made there: the folder has to be there and ours to write");
    }
}

ShareHolder::~ShareHolder() {
    ::unlink(path_.c_str());
    ::close(socket_);
}

void ShareHolder::serve_one(std::chrono::milliseconds patience) {
    if (!first_.empty() && std::chrono::steady_clock::now() - first_at_ > window_) {
        log_("share_refused", first_user_, "forgotten: the second one did not come in time");
        first_ = KeyBytes();
    }
    if (!is_ready(socket_, patience)) {
        return;
    }
    const Descriptor peer(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
    ucred who{};
    socklen_t length = sizeof who;
    if (peer.number() < 0 || ::getsockopt(peer.number(), SOL_SOCKET, SO_PEERCRED, &who, &length) != 0) {
        return;
    }
    const auto message = receive(peer.number());
    auto text = answer({who.uid, who.uid == ::geteuid() || who.uid == 0}, message.reveal());
    (void)::send(peer.number(), text.data(), text.size(), MSG_NOSIGNAL);
    wipe(text.data(), text.size());
}

std::string ShareHolder::answer(const Caller& caller, std::string_view message) {
    if (message == "key") {
        return give_key(caller);
    }
    if (message.starts_with("share ")) {
        auto said = take_share(caller, message.substr(6));
        if (said.starts_with("no ")) {
            log_("share_refused", caller.user, said.substr(3));
        }
        return said;
    }
    return "no such request";
}

std::string ShareHolder::take_share(const Caller& caller, std::string_view text) {
    const auto share = parse_share(text);
    if (!key_.empty()) {
        return "no share is needed: the key is unlocked";
    }
    if (!share) {
        return "no share: the text isn't one, NUMBER-64 HEX DIGITS-CHECK VALUE";
    }
    if (first_.empty()) {
        first_ = KeyBytes(text);
        first_user_ = caller.user;
        first_at_ = std::chrono::steady_clock::now();
        log_("share_entered", caller.user, "1 of 2");
        return "ok 1 of 2 shares: now another person enters the other one";
    }
    if (first_user_ == caller.user) {
        return "no second share from the same user: another person enters it";
    }
    const auto before = parse_share(first_.reveal());
    if (!are_of_one_key(*before, *share)) {
        return "no second share of this key: it is the same one, or another key's";
    }
    const auto key = key_of(*before, *share);
    first_ = KeyBytes();
    if (!key) {
        return "no key: the two shares don't make the key with their check value; both are entered anew";
    }
    key_ = KeyBytes(crypto::hex_encode(key->reveal()));
    log_("share_entered", caller.user, "2 of 2");
    log_("master_key_unlocked", caller.user, "by this user and " + std::to_string(first_user_));
    return "ok unlocked: check value " + share->check_value;
}

std::string ShareHolder::give_key(const Caller& caller) {
    if (!caller.is_ours) {
        log_("master_key_refused", caller.user, "another user's program");
        return "no key for this user: programs of the user that holds the shares get it";
    }
    if (key_.empty()) {
        return std::string("no key yet: ") + (first_.empty() ? "0" : "1") +
               " of 2 shares are entered; two people enter them with `duizhang keys unlock`";
    }
    log_("master_key_given", caller.user, "");
    return "ok " + std::string(key_.reveal());
}

std::string enter_share(const std::filesystem::path& socket, const KeyBytes& share) {
    return std::string(asked(socket, KeyBytes("share " + std::string(share.reveal()))).reveal());
}

KeyBytes key_from_shares(const std::string& socket) { return asked(socket, KeyBytes("key")); }

}  // namespace core::keys
