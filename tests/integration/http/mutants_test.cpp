// Some 10^5 requests with something done to them, each over a connection of its own. Of none does the server make more
// than there were, and what it does handle stands byte for byte in what was sent. The seeds are fixed.
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <map>

#include "edge.h"
#include "mutants.h"

namespace {

using namespace wire;
using server::http::Request;
using server::http::Response;

// Keeps what it is shown, and tells the client under which number.
class KeepingHandler : public server::http::Handler {
public:
    std::optional<Response> before_body(const server::http::RequestHead&) override { return std::nullopt; }
    Response handle(const Request& request) override {
        const std::lock_guard lock(mutex_);
        kept_.emplace(++last_, request);
        return {200, {{"X-Kept", std::to_string(last_)}}, {}};
    }
    Request take(long number) {
        const std::lock_guard lock(mutex_);
        return std::move(kept_.extract(number).mapped());
    }
    std::size_t left() {
        const std::lock_guard lock(mutex_);
        return kept_.size();
    }

private:
    std::mutex mutex_;
    long last_ = 0;
    std::map<long, Request> kept_;
};

// Reads what was sent as a request once more, and in only one way: takes `expected` off, or says that it isn't there.
class Bytes {
public:
    explicit Bytes(std::string_view sent) : rest_(sent) {}

    bool take(const Request& request) {
        return take_line(request.head) && take_fields(request) && take(request.body) && path_is_right(request.head);
    }

private:
    bool take(std::string_view expected) {
        const bool there = rest_.starts_with(expected);
        rest_.remove_prefix(there ? expected.size() : 0);
        return there;
    }
    void take_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

    bool take_line(const server::http::RequestHead& head) {
        const bool method = take(head.method) || (head.method == "GET" && take("HEAD"));
        return method && take(" ") && take(head.target) && (take(" HTTP/1.1\r\n") || take(" HTTP/1.0\r\n"));
    }
    bool take_fields(const Request& request) {
        std::size_t lengths = 0;
        for (const auto& [name, value] : request.head.headers) {
            if (!take(name) || !take(":")) {
                return false;
            }
            take_blanks();
            if (!take(value)) {
                return false;
            }
            take_blanks();
            if (!take("\r\n") || is(name, "transfer-encoding")) {
                return false;
            }
            if (is(name, "content-length")) {
                ++lengths;
                if (value != std::to_string(request.body.size())) {
                    return false;
                }
            }
        }
        return take("\r\n") && (request.body.empty() ? lengths <= 1 : lengths == 1);
    }
    static bool is(std::string_view name, std::string_view lower) {
        return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), [](char a, char b) {
            return a == b || (a >= 'A' && a <= 'Z' && static_cast<char>(a + ('a' - 'A')) == b);
        });
    }
    // Only escapes of two digits differ between the two.
    static bool path_is_right(const server::http::RequestHead& head) {
        std::string path;
        for (std::size_t at = 0; at < head.target.size() && head.target[at] != '?'; ++at) {
            if (head.target[at] == '%') {
                path += static_cast<char>(std::stoi(head.target.substr(at + 1, 2), nullptr, 16));
                at += 2;
            } else {
                path += head.target[at];
            }
        }
        return path == head.path;
    }

    std::string_view rest_;
};

struct Tally {
    int handled = 0;
    int refused = 0;
    int closed = 0;  // refused, and found closed by the server although the client had not ended
};

class EdgeOfMutants : public testing::TestWithParam<Over> {
protected:
    void SetUp() override {
        core::set_log_sink([](std::string_view) {});
        const bool secured = GetParam() == Over::tls;
        clients_ = secured ? &Secured::one().clients : nullptr;
        server::http::Options options;
        options.io_threads = 1;  // as many as the clients leave room for
        options.workers = 1;
        server_ = std::make_unique<server::http::Server>(
            options, handler_, secured ? always(Secured::one().tls) : server::http::TlsSource());
    }
    void TearDown() override {
        server_.reset();
        core::set_log_sink(nullptr);
    }

    // All that the server says to it. Ends the client's side first, or waits for the server to end.
    std::string told(const std::string& bytes, std::size_t cut, bool end) const {
        Client client(server_->port(), clients_);
        EXPECT_TRUE(client.connected());
        client.send(std::string_view(bytes).substr(0, cut));
        client.send(std::string_view(bytes).substr(cut));
        if (end) {
            client.end_sending();
        }
        EXPECT_TRUE(client.closed()) << "the server goes on";
        return client.take_received();
    }

    // The answers that are told of, in their order; a refusal is the last.
    void check(const Mutant& mutant, std::string_view told, Tally& tally, bool& refused) {
        Bytes sent(mutant.bytes);
        int handled = 0;
        while (!told.empty()) {
            const std::size_t end = told.find("\r\n\r\n");
            ASSERT_NE(end, std::string_view::npos);
            const std::string head(told.substr(0, end + 4));
            told.remove_prefix(end + 4);
            const int status = std::stoi(head.substr(9, 3));
            if (status == 100) {
                continue;
            }
            if (status != 200) {
                ASSERT_GE(status, 400);
                ASSERT_NE(head.find("Connection: close"), std::string::npos);
                ASSERT_EQ(told.find("HTTP/1.1"), std::string_view::npos) << "something behind a refusal";
                // Why, stands in the body, which the answer to HEAD has not.
                refused = !told.empty() && told.find("ends early") == std::string_view::npos;
                ++tally.refused;
                break;
            }
            ++handled;
            const auto number = head.find("X-Kept: ");
            ASSERT_NE(number, std::string::npos);
            ASSERT_TRUE(sent.take(handler_.take(std::stol(head.substr(number + 8))))) << "not what was sent";
        }
        ASSERT_LE(handled, mutant.requests_max) << "ghosts";
        tally.handled += handled;
    }

    Tally run(unsigned seed, int count) {
        Mutator mutator(seed);
        Tally tally;
        for (int i = 0; i < count && !HasFailure(); ++i) {
            const Mutant mutant = mutator.next();
            SCOPED_TRACE("seed " + std::to_string(seed) + ", mutant " + std::to_string(i) + ":\n" + mutant.bytes);
            const std::size_t cut = mutator.below(4) == 0 ? mutator.below(mutant.bytes.size()) : 0;
            bool refused = false;
            check(mutant, told(mutant.bytes, cut, true), tally, refused);
            if (refused && i % 8 == 0) {
                Tally again;
                check(mutant, told(mutant.bytes, cut, false), again, refused);
                tally.closed += again.refused;
            }
        }
        return tally;
    }

    KeepingHandler handler_;
    const TlsClients* clients_ = nullptr;
    std::unique_ptr<server::http::Server> server_;
};

TEST_P(EdgeOfMutants, SeesNoMoreRequestsThanThereWereAndNoOthers) {
    const int each = GetParam() == Over::tls ? 500 : 50'000;
    std::array<std::future<Tally>, 2> running = {std::async(std::launch::async, [&] { return run(20261122, each); }),
                                                 std::async(std::launch::async, [&] { return run(7, each); })};
    Tally all;
    for (auto& one : running) {
        const Tally tally = one.get();
        all.handled += tally.handled;
        all.refused += tally.refused;
        all.closed += tally.closed;
    }
    std::cout << 2 * each << " mutants: " << all.handled << " requests handled, " << all.refused
              << " refused, of which " << all.closed << " were sent again and found closed\n";
    EXPECT_EQ(handler_.left(), 0U) << "handled, and nobody was told";
    // A test that refuses everything, or nothing, says nothing.
    EXPECT_GT(all.handled, each / 4);
    EXPECT_GT(all.refused, each / 2);
    EXPECT_GT(all.closed, each / 20);
}

INSTANTIATE_TEST_SUITE_P(, EdgeOfMutants, testing::Values(Over::plain, Over::tls), over_name);

}  // namespace
