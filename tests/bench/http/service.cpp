#include "tests/bench/http/service.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/bench/http/load.h"

namespace bench {
namespace {

bool answers_ok(std::uint16_t port, const char* path) {
    try {
        return send_all({"GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"}, {port, 1, 0}).accepted ==
               1;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace

std::uint16_t free_port() {
    const int number = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* plain = &address;
    socklen_t size = sizeof(address);
    if (::bind(number, static_cast<sockaddr*>(plain), size) != 0 ||
        ::getsockname(number, static_cast<sockaddr*>(plain), &size) != 0) {
        throw std::runtime_error("no free port");
    }
    ::close(number);
    return ntohs(address.sin_port);
}

void wait_until_ready(const test_support::Process& service, std::uint16_t port, const char* path) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!answers_ok(port, path)) {
        if (std::chrono::steady_clock::now() > until) {
            throw std::runtime_error("the service doesn't come up: " + service.err());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace bench
