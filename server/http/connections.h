// All open connections: how many there may be, which goes first when there are too many, and how they end together.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace server::http {

// What the list needs of a connection. Both calls come from any thread and only ask; they do nothing themselves.
class Tracked {
public:
    virtual ~Tracked() = default;
    // Close at once, whatever is going on.
    virtual void close_soon() = 0;
    // Answer what has been asked and close then; close at once when nothing has.
    virtual void finish_soon() = 0;
};

class Connections {
public:
    enum class Admission {
        admitted,
        turned_away,  // too many: to be told so, on one of a few places kept for that
        refused       // not even that; it isn't in the list
    };
    // Why a connection has nothing to do. One that is kept for a next request may go at any time by the protocol; one
    // whose first request is not complete gets a moment of grace, so that a rush of good clients doesn't eat itself.
    enum class Waiting { for_next_request, for_rest_of_head };

    explicit Connections(std::size_t max) : max_(max) {}

    // When all places are taken, the connection that has waited longest is closed to make room.
    Admission add(const std::shared_ptr<Tracked>& connection);
    // Closes the connection that has waited longest, if any may go.
    bool evict();

    // What a connection is doing; nothing happens for one that is not (any longer) in the list, or was turned away.
    void waits(const Tracked& connection, Waiting what);
    // False when it has been closed to make room: a request that came in just then must not be begun.
    [[nodiscard]] bool works(const Tracked& connection);
    void remove(const Tracked& connection);

    // From now on none is admitted, and those that are there finish.
    void finish_all();
    void close_all();
    // False when some are left after `patience`.
    bool wait_until_empty(std::chrono::milliseconds patience);

    // Lets go of those that are left; for when nothing runs any more that could close them.
    void forget_all();

    std::size_t size() const;

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Place {
        const Tracked* connection;
        Time since;
        Waiting what;
    };
    struct Entry {
        std::shared_ptr<Tracked> connection;
        bool turned_away = false;
        bool waiting = false;
        std::list<Place>::iterator place;  // while waiting
    };

    std::shared_ptr<Tracked> take_longest_waiting();
    void erase(const Tracked& connection);
    std::vector<std::shared_ptr<Tracked>> all() const;

    const std::size_t max_;
    mutable std::mutex mutex_;
    std::condition_variable emptied_;
    std::unordered_map<const Tracked*, Entry> entries_;
    std::list<Place> waiting_;  // the longest first
    std::size_t turned_away_ = 0;
    bool finishing_ = false;
};

}  // namespace server::http
