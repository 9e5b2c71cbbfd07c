// A client that sends exactly the bytes it is told to, one connection a request.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace e2e {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Answer {
    int status = 0;
    std::string head;
    std::string body;

    // The header's value, by its name in lower case; empty when it isn't there.
    std::string header(const std::string& name) const {
        std::string lower = head;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        const auto at = lower.find("\r\n" + name + ": ");
        if (at == std::string::npos) {
            return {};
        }
        const auto from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

class Client {
public:
    explicit Client(std::uint16_t port) : port_(port) {}

    // Sends the bytes and reads until the other side closes (ten seconds at most).
    Answer exchange(const std::string& bytes) const {
        const Socket socket(port_);
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const auto n = send(socket.number, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) {
                break;  // an early answer closes the connection
            }
            sent += static_cast<std::size_t>(n);
        }
        std::string text;
        char buffer[16384];
        for (auto n = recv(socket.number, buffer, sizeof(buffer), 0); n > 0;
             n = recv(socket.number, buffer, sizeof(buffer), 0)) {
            text.append(buffer, static_cast<std::size_t>(n));
        }
        return parsed(text);
    }

    Answer request(const std::string& method, const std::string& path, const Headers& headers,
                   const std::string& body) const {
        std::string bytes = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
        for (const auto& [name, value] : headers) {
            bytes += name + ": " + value + "\r\n";
        }
        if (method == "POST") {
            bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        return exchange(bytes + "\r\n" + body);
    }
    Answer get(const std::string& path, const Headers& headers = {}) const { return request("GET", path, headers, ""); }
    Answer post(const std::string& path, const Headers& headers, const std::string& body) const {
        return request("POST", path, headers, body);
    }

private:
    struct Socket {
        explicit Socket(std::uint16_t port) : number(socket(AF_INET, SOCK_STREAM, 0)) {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(port);
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            const timeval patience{10, 0};
            setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
            setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
            const void* generic = &address;
            if (connect(number, static_cast<const sockaddr*>(generic), sizeof(address)) != 0) {
                close(number);
                throw std::runtime_error("the service can't be reached");
            }
        }
        ~Socket() { close(number); }
        Socket(const Socket&) = delete;
        Socket& operator=(const Socket&) = delete;
        int number;
    };

    static Answer parsed(const std::string& text) {
        const auto end = text.find("\r\n\r\n");
        if (end == std::string::npos || text.size() < 12) {
            return {};
        }
        return {std::stoi(text.substr(9, 3)), text.substr(0, end + 2), text.substr(end + 4)};
    }

    std::uint16_t port_;
};

}  // namespace e2e
