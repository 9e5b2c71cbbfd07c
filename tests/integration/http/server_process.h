// A server in a process of its own, so that what runs out there runs out for nobody else.
#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <sstream>

#include "edge.h"

namespace wire {

class ServerProcess {
public:
    // `limit` is run there once the server listens. To be made while this process has no other threads.
    ServerProcess(const server::http::Options& options, const server::http::TlsSource& tls,
                  const std::function<void()>& limit) {
        int ends[2];
        certificates::require(::pipe(ends) == 0);
        pid_ = ::fork();
        certificates::require(pid_ >= 0);
        if (pid_ == 0) {
            ::close(ends[0]);
            serve(options, tls, limit, ends[1]);
        }
        ::close(ends[1]);
        const auto count = ::read(ends[0], &port_, sizeof(port_));
        ::close(ends[0]);
        certificates::require(count == sizeof(port_));
    }
    ~ServerProcess() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    std::uint16_t port() const { return port_; }
    bool lives() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

    std::chrono::milliseconds processor_time() const {
        std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
        std::string text;
        std::getline(file, text);
        std::istringstream fields(text.substr(text.rfind(')') + 2));
        long ticks = 0;
        for (int field = 3; field <= 15; ++field) {  // the 14th and 15th, of which the state is the third
            std::string value;
            fields >> value;
            ticks += field >= 14 ? std::stol(value) : 0;
        }
        return std::chrono::milliseconds(1000 * ticks / ::sysconf(_SC_CLK_TCK));
    }

private:
    [[noreturn]] static void serve(const server::http::Options& options, const server::http::TlsSource& tls,
                                   const std::function<void()>& limit, int out) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        core::set_log_sink([](std::string_view) {});
        CountingHandler handler;
        const server::http::Server server(options, handler, tls);
        const std::uint16_t port = server.port();
        limit();
        if (::write(out, &port, sizeof(port)) != sizeof(port)) {
            ::_exit(1);
        }
        ::close(out);
        while (true) {
            ::pause();
        }
    }

    pid_t pid_ = 0;
    std::uint16_t port_ = 0;
};

inline void limit_to(int resource, rlim_t most) {
    const rlimit limit{most, most};
    certificates::require(::setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0);
}

// What this process has mapped now.
inline rlim_t address_space() {
    std::ifstream file("/proc/self/statm");
    rlim_t pages = 0;
    file >> pages;
    return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace wire
