// Work in lanes: of one lane one item is worked on at a time, in order; lanes are independent.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace server {

class ChannelQueue {
public:
    void add(const std::string& lane, std::size_t item) { lanes_[lane].push_back(item); }

private:
    friend void work_off(ChannelQueue& queue, unsigned workers, const std::function<bool(std::size_t)>& work);

    std::map<std::string, std::deque<std::size_t>> lanes_;
};

// Calls `work` for every item, on up to that many threads, until all are done. False: not now (somebody else has it),
// so its lane is looked at again a moment later. Lanes are begun in an order of chance, so that several machines with
// the same work meet rarely. What `work` throws ends all of it and is thrown here.
void work_off(ChannelQueue& queue, unsigned workers, const std::function<bool(std::size_t)>& work);

}  // namespace server
