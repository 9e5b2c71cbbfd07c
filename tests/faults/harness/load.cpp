#include "tests/faults/harness/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <numeric>
#include <string_view>

namespace faults {

namespace {

// WeChat Pay and Stripe take five minutes.
constexpr std::chrono::seconds kFresh{240};
constexpr Milliseconds kBetweenTries{15};

}  // namespace

// One connection, made when it is needed.
class Load::Line {
public:
    Line(std::uint16_t port, Milliseconds patience) : port_(port), patience_(patience) {}
    ~Line() { hang_up(); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    enum class End { answered, not_sent, broken, hung };

    bool connect() {
        if (number_ >= 0) {
            return true;
        }
        number_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience_).count();
        const timeval most{seconds, 0};
        const int on = 1;
        setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
        setsockopt(number_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
        setsockopt(number_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        const void* generic = &address;
        if (::connect(number_, static_cast<const sockaddr*>(generic), sizeof(address)) != 0) {
            hang_up();
            return false;
        }
        return true;
    }

    End exchange(const std::string& bytes, int& status) {
        for (std::size_t sent = 0; sent < bytes.size();) {
            const auto n = send(number_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) {
                hang_up();
                return End::not_sent;
            }
            sent += static_cast<std::size_t>(n);
        }
        std::string text;
        char buffer[4096];
        while (true) {
            const auto n = recv(number_, buffer, sizeof(buffer), 0);
            if (n <= 0) {
                const bool late = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
                hang_up();
                return late ? End::hung : End::broken;
            }
            text.append(buffer, static_cast<std::size_t>(n));
            if (whole(text, status)) {
                return End::answered;
            }
        }
    }

    void hang_up() {
        if (number_ >= 0) {
            close(number_);
            number_ = -1;
        }
    }

private:
    bool whole(std::string& text, int& status) {
        const auto end = text.find("\r\n\r\n");
        if (end == std::string::npos) {
            return false;
        }
        std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        const std::string_view head(text.data(), end);
        std::size_t length = 0;
        const std::string_view name = "\r\ncontent-length: ";
        if (const auto at = head.find(name); at != std::string_view::npos) {
            std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
        }
        if (text.size() < end + 4 + length || head.size() < 12) {
            return false;
        }
        std::from_chars(head.data() + 9, head.data() + 12, status);
        if (head.find("\r\nconnection: close") != std::string_view::npos) {
            hang_up();
        }
        return true;
    }

    std::uint16_t port_;
    Milliseconds patience_;
    int number_ = -1;
};

std::size_t Traffic::refused_all() const {
    return std::accumulate(refused.begin(), refused.end(), std::size_t{0},
                           [](std::size_t sum, const auto& item) { return sum + item.second; });
}

std::size_t Traffic::refused_5xx() const {
    std::size_t sum = 0;
    for (const auto& [status, count] : refused) {
        sum += status >= 500 ? count : 0;
    }
    return sum;
}

void Traffic::add(const Traffic& other) {
    sent += other.sent;
    acknowledged += other.acknowledged;
    repeats += other.repeats;
    broken += other.broken;
    hung += other.hung;
    for (const auto& [status, count] : other.refused) {
        refused[status] += count;
    }
    slowest_ms = std::max(slowest_ms, other.slowest_ms);
}

void Load::add(const std::vector<std::size_t>& callbacks) {
    const std::lock_guard lock(mutex_);
    for (const auto number : callbacks) {
        queue_.push_back({number, false});
    }
}

std::size_t Load::waiting() {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void Load::start() {
    stopping_ = false;
    for (std::size_t i = 0; i < options_.connections; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

void Load::stop() {
    stopping_ = true;
    for (auto& thread : threads_) {
        thread.join();
    }
    threads_.clear();
    // Repetitions of what was acknowledged before a fault would mend a loss before it is looked for.
    const std::lock_guard lock(mutex_);
    std::erase_if(queue_, [](const Job& job) { return job.is_repeat; });
}

Traffic Load::traffic() {
    const std::lock_guard lock(mutex_);
    return traffic_;
}

Traffic Load::take_traffic() {
    const std::lock_guard lock(mutex_);
    return std::exchange(traffic_, {});
}

std::vector<std::size_t> Load::take_acknowledged() {
    const std::lock_guard lock(mutex_);
    return std::exchange(acknowledged_, {});
}

bool Load::wait_for_acknowledgement(Milliseconds most) {
    std::unique_lock lock(mutex_);
    const auto since = Steady::now();
    return news_.wait_for(lock, most, [&] { return last_sent_of_acknowledged_ > since; });
}

bool Load::wait_for_acknowledged(std::size_t more, Milliseconds most) {
    std::unique_lock lock(mutex_);
    const auto wanted = traffic_.acknowledged + more;
    return news_.wait_for(lock, most, [&] { return traffic_.acknowledged >= wanted; });
}

bool Load::wait_for_all(Milliseconds most) {
    return wait_until(most, [this] {
        const std::lock_guard lock(mutex_);
        return queue_.empty() && taken_ == 0;
    });
}

bool Load::next(Job& job) {
    const std::lock_guard lock(mutex_);
    while (!queue_.empty()) {
        job = queue_.front();
        queue_.pop_front();
        if (Steady::now() - world_.callback(job.callback).signed_at < kFresh) {
            ++taken_;
            return true;
        }
    }
    return false;
}

void Load::work() {
    Line line(world_.port(), options_.patience);
    while (!stopping_) {
        Job job{};
        if (!next(job)) {
            sleep(kBetweenTries);
            continue;
        }
        deliver(line, job);
        {
            const std::lock_guard lock(mutex_);
            --taken_;
        }
        sleep(options_.pause);
        if (options_.connect_anew) {
            line.hang_up();
        }
    }
}

void Load::deliver(Line& line, const Job& job) {
    if (!line.connect()) {
        {
            const std::lock_guard lock(mutex_);
            queue_.push_front(job);
        }
        sleep(kBetweenTries);
        return;
    }
    const auto& bytes = world_.callback(job.callback).bytes;
    const auto sent_at = Steady::now();
    int status = 0;
    ++in_flight_;
    const auto end = line.exchange(bytes, status);
    --in_flight_;
    if (end == Line::End::answered) {
        answered(job, status, sent_at);
    } else if (end == Line::End::not_sent) {
        const std::lock_guard lock(mutex_);
        queue_.push_front(job);
    } else {
        unanswered(job, end == Line::End::hung);
    }
    if (status >= 500) {
        sleep(kBetweenTries);
    }
}

// What has to be sent again goes first: it may have been committed, and then comes while that is news.
void Load::answered(const Job& job, int status, Steady::time_point sent_at) {
    const std::lock_guard lock(mutex_);
    auto& callback = world_.callback(job.callback);
    ++traffic_.sent;
    traffic_.slowest_ms = std::max(traffic_.slowest_ms, milliseconds_since(sent_at));
    if (status < 200 || status > 299) {
        ++traffic_.refused[status];
        if (options_.resend && status >= 500) {
            queue_.push_front(job);
        }
        return;
    }
    if (callback.acknowledged) {
        ++traffic_.repeats;
    } else {
        callback.acknowledged = true;
        acknowledged_.push_back(job.callback);
        ++traffic_.acknowledged;
        last_sent_of_acknowledged_ = std::max(last_sent_of_acknowledged_, sent_at);
        news_.notify_all();
    }
    if (static_cast<int>(random_() % 100) < options_.repeats_percent) {
        queue_.push_front({job.callback, true});
    }
}

void Load::unanswered(const Job& job, bool hung) {
    const std::lock_guard lock(mutex_);
    ++traffic_.sent;
    ++(hung ? traffic_.hung : traffic_.broken);
    if (options_.resend) {
        queue_.push_front(job);
    }
}

}  // namespace faults
