#include "server/http/connections.h"

#include <utility>

namespace server::http {
namespace {

constexpr std::chrono::milliseconds kGrace{250};
constexpr std::size_t kTurnedAwayMax = 128;

}  // namespace

Connections::Admission Connections::add(const std::shared_ptr<Tracked>& connection) {
    std::shared_ptr<Tracked> evicted;
    Entry entry{connection, false, false, {}};
    {
        const std::lock_guard lock(mutex_);
        if (finishing_) {
            return Admission::refused;
        }
        if (entries_.size() - turned_away_ >= max_) {
            evicted = take_longest_waiting();
            entry.turned_away = evicted == nullptr;
        }
        if (entry.turned_away && turned_away_ >= kTurnedAwayMax) {
            return Admission::refused;
        }
        turned_away_ += entry.turned_away ? 1 : 0;
        entries_.emplace(connection.get(), entry);
    }
    if (evicted) {
        evicted->close_soon();
    }
    return entry.turned_away ? Admission::turned_away : Admission::admitted;
}

bool Connections::evict() {
    std::shared_ptr<Tracked> evicted;
    {
        const std::lock_guard lock(mutex_);
        evicted = take_longest_waiting();
    }
    if (evicted) {
        evicted->close_soon();
    }
    return evicted != nullptr;
}

// It leaves the list at once, so its place is free before its socket is.
std::shared_ptr<Tracked> Connections::take_longest_waiting() {
    if (waiting_.empty()) {
        return nullptr;
    }
    const Place longest = waiting_.front();
    const bool in_grace = std::chrono::steady_clock::now() - longest.since < kGrace;
    if (longest.what == Waiting::for_rest_of_head && in_grace) {
        return nullptr;
    }
    auto connection = entries_.at(longest.connection).connection;
    erase(*connection);
    return connection;
}

void Connections::waits(const Tracked& connection, Waiting what) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(&connection);
    if (found == entries_.end() || found->second.turned_away) {
        return;  // closing one that was turned away makes no place
    }
    Entry& entry = found->second;
    if (entry.waiting) {
        waiting_.erase(entry.place);
    }
    entry.place = waiting_.insert(waiting_.end(), Place{&connection, std::chrono::steady_clock::now(), what});
    entry.waiting = true;
}

bool Connections::works(const Tracked& connection) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(&connection);
    if (found == entries_.end()) {
        return false;
    }
    if (found->second.waiting) {
        waiting_.erase(found->second.place);
        found->second.waiting = false;
    }
    return true;
}

void Connections::remove(const Tracked& connection) {
    const std::lock_guard lock(mutex_);
    erase(connection);
}

void Connections::erase(const Tracked& connection) {
    const auto found = entries_.find(&connection);
    if (found == entries_.end()) {
        return;
    }
    if (found->second.waiting) {
        waiting_.erase(found->second.place);
    }
    turned_away_ -= found->second.turned_away ? 1 : 0;
    entries_.erase(found);
    if (entries_.empty()) {
        emptied_.notify_all();
    }
}

void Connections::finish_all() {
    {
        const std::lock_guard lock(mutex_);
        finishing_ = true;
    }
    for (const auto& connection : all()) {
        connection->finish_soon();
    }
}

void Connections::close_all() {
    for (const auto& connection : all()) {
        connection->close_soon();
    }
}

std::vector<std::shared_ptr<Tracked>> Connections::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Tracked>> connections;
    connections.reserve(entries_.size());
    for (const auto& [key, entry] : entries_) {
        connections.push_back(entry.connection);
    }
    return connections;
}

bool Connections::wait_until_empty(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, patience, [this] { return entries_.empty(); });
}

void Connections::forget_all() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    entries_.clear();
    turned_away_ = 0;
}

std::size_t Connections::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace server::http
