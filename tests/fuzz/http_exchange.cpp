// Requests over a real connection, sent in pieces: the handler is shown what the bytes say and nothing else.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "core/log.h"
#include "server/http/head_reader.h"
#include "server/http/second_reader.h"
#include "server/http/server.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace server::http;
using Asked = std::tuple<std::string, std::string, std::string>;  // method, target, body

constexpr std::size_t kBodyMax = 4096;
constexpr std::string_view kEarly = "/early";

class Recorder final : public Handler {
public:
    std::optional<Response> before_body(const RequestHead& head) override {
        return head.path == kEarly ? std::optional(Response::text(200, "early")) : std::nullopt;
    }
    Response handle(const Request& request) override {
        const std::scoped_lock lock(mutex_);
        asked_.emplace_back(request.head.method, request.head.target, request.body);
        return Response::text(200, "answer");
    }
    std::vector<Asked> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(asked_, {});
    }

private:
    std::mutex mutex_;
    std::vector<Asked> asked_;
};

Options options() {
    Options made;
    made.io_threads = 1;
    made.workers = 1;
    made.header_bytes_max = 1024;
    made.target_bytes_max = 256;
    made.header_fields_max = 16;
    made.body_bytes_max = kBodyMax;
    return made;
}

// What the bytes ask for, read without a connection; and how many answers they get.
struct Expected {
    std::vector<Asked> asked;
    std::size_t answers = 0;
};

Expected expected_of(std::string_view bytes) {
    const auto server_options = options();
    const HeadLimits limits{server_options.header_bytes_max, server_options.target_bytes_max,
                            server_options.header_fields_max, server_options.body_bytes_max};
    Expected expected;
    while (!bytes.empty()) {
        ++expected.answers;
        HeadReader reader(limits);
        const auto progress = reader.read(bytes);
        if (!progress || *progress == HeadReader::Progress::more) {
            return expected;
        }
        const bool agreed = second_reader_agrees(bytes.substr(0, reader.size()), reader.head());
        bytes.remove_prefix(reader.size());
        auto head = reader.take();
        if (settle_framing(head, limits) || !agreed || head.request.path == kEarly || bytes.size() < head.body_bytes) {
            return expected;
        }
        const auto length = static_cast<std::size_t>(head.body_bytes);
        expected.asked.emplace_back(head.request.method, head.request.target, bytes.substr(0, length));
        bytes.remove_prefix(length);
        if (!head.keep_alive) {
            return expected;
        }
    }
    return expected;
}

// libFuzzer's clock is a signal, which interrupts.
template <typename Call>
ssize_t uninterrupted(Call call) {
    ssize_t result = -1;
    do {
        result = call();
    } while (result < 0 && errno == EINTR);
    return result;
}

// Each from another address of the loopback network, since one has no more ports than some ten thousand a minute.
int connected_to(std::uint16_t port) {
    static std::uint32_t number = 0;
    ++number;
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7F010000U + number % 0xFFFFU + 1);
    fuzz::promise(::bind(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const auto connected = uninterrupted(
        [&] { return ssize_t{::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address)}; });
    fuzz::promise(connected == 0 || errno == EISCONN, "connect");  // the latter, after an interruption
    return client;
}

// What the server answers until it closes.
std::string exchanged(std::uint16_t port, fuzz::Input input, std::string_view between) {
    const int client = connected_to(port);
    bool open = true;
    while (open && !input.empty()) {
        const auto piece = input.part(between);
        open = uninterrupted([&] { return ::send(client, piece.data(), piece.size(), MSG_NOSIGNAL); }) ==
               static_cast<ssize_t>(piece.size());
    }
    ::shutdown(client, SHUT_WR);
    std::string answers;
    std::string buffer(4096, '\0');
    for (ssize_t count = 1; count > 0;) {
        count = uninterrupted([&] { return ::recv(client, buffer.data(), buffer.size(), 0); });
        answers.append(buffer, 0, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    ::close(client);
    return answers;
}

std::string without(std::string_view text, std::string_view what) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto found = std::min(text.find(what, at), text.size());
        out.append(text.substr(at, found - at));
        at = found + what.size();
    }
    return out;
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t times = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) {
        ++times;
    }
    return times;
}

}  // namespace

// "\xFE" in the input ends a piece that is sent by itself.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    constexpr std::string_view kBetween = "\xFE";
    static Recorder recorder;
    static Server server = (core::set_log_level(core::LogLevel::error), Server(options(), recorder));
    const fuzz::Input input(data, size);
    const auto expected = expected_of(without(input.rest(), kBetween));
    const auto answers = exchanged(server.port(), input, kBetween);
    const auto asked = recorder.take();
    fuzz::promise(asked == expected.asked, "the handler is shown what the bytes ask for, in their order");
    const auto statuses = count(answers, "HTTP/1.1 ") - count(answers, "HTTP/1.1 100 ");
    if (statuses != expected.answers) {
        std::fprintf(stderr, "expected %zu answers, got:\n%s\n", expected.answers, answers.c_str());
    }
    fuzz::promise(statuses == expected.answers, "one answer for each request, and none for what follows a refused one");
    return 0;
}
