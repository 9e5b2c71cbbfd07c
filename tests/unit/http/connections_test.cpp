#include "server/http/connections.h"

#include <gtest/gtest.h>

#include <thread>

namespace {

using server::http::Connections;
using server::http::Tracked;
using Admission = Connections::Admission;
using Waiting = Connections::Waiting;

struct Spy : Tracked {
    void close_soon() override { ++closed; }
    void finish_soon() override { ++finished; }
    int closed = 0;
    int finished = 0;
};

std::shared_ptr<Spy> admitted(Connections& connections) {
    auto spy = std::make_shared<Spy>();
    EXPECT_EQ(connections.add(spy), Admission::admitted);
    return spy;
}

constexpr std::chrono::milliseconds kBeyondGrace{300};

TEST(Connections, TurnAwayWhenAllPlacesWork) {
    Connections connections(2);
    const auto first = admitted(connections);
    const auto second = admitted(connections);
    const auto third = std::make_shared<Spy>();
    EXPECT_EQ(connections.add(third), Admission::turned_away);
    connections.remove(*first);
    admitted(connections);
    EXPECT_EQ(first->closed + second->closed + third->closed, 0);
}

TEST(Connections, TurnAwayOnlySoManyWithAnAnswer) {
    Connections connections(1);
    const auto busy = admitted(connections);
    std::vector<std::shared_ptr<Spy>> others;
    Admission last = Admission::turned_away;
    while (last == Admission::turned_away && others.size() < 1000) {
        others.push_back(std::make_shared<Spy>());
        last = connections.add(others.back());
    }
    EXPECT_EQ(last, Admission::refused);
    EXPECT_EQ(connections.size(), others.size());  // the busy one instead of the one refused
    connections.remove(*others.front());
    EXPECT_EQ(connections.add(std::make_shared<Spy>()), Admission::turned_away);
}

TEST(Connections, CloseTheOneThatHasWaitedLongestForItsNextRequest) {
    Connections connections(2);
    const auto first = admitted(connections);
    const auto second = admitted(connections);
    connections.waits(*second, Waiting::for_next_request);
    connections.waits(*first, Waiting::for_next_request);
    connections.waits(*second, Waiting::for_next_request);  // answered another one meanwhile
    admitted(connections);
    EXPECT_EQ(first->closed, 1);
    EXPECT_EQ(second->closed, 0);
    // What came in just then isn't begun.
    EXPECT_FALSE(connections.works(*first));
    EXPECT_TRUE(connections.works(*second));
}

TEST(Connections, GiveAnIncompleteHeadAMomentOfGrace) {
    Connections connections(1);
    const auto slow = admitted(connections);
    connections.waits(*slow, Waiting::for_rest_of_head);
    EXPECT_EQ(connections.add(std::make_shared<Spy>()), Admission::turned_away);
    EXPECT_FALSE(connections.evict());
    std::this_thread::sleep_for(kBeyondGrace);
    admitted(connections);
    EXPECT_EQ(slow->closed, 1);
}

// Its place is none of those that are to be had.
TEST(Connections, DoNotCloseOneThatWasTurnedAwayToMakeRoom) {
    Connections connections(1);
    const auto busy = admitted(connections);
    const auto turned_away = std::make_shared<Spy>();
    EXPECT_EQ(connections.add(turned_away), Admission::turned_away);
    connections.waits(*turned_away, Waiting::for_rest_of_head);
    std::this_thread::sleep_for(kBeyondGrace);
    EXPECT_FALSE(connections.evict());
    EXPECT_EQ(connections.add(std::make_shared<Spy>()), Admission::turned_away);
    EXPECT_EQ(busy->closed + turned_away->closed, 0);
}

TEST(Connections, DoNotCloseOneThatWorks) {
    Connections connections(1);
    const auto one = admitted(connections);
    connections.waits(*one, Waiting::for_next_request);
    EXPECT_TRUE(connections.works(*one));
    EXPECT_FALSE(connections.evict());
    EXPECT_EQ(connections.add(std::make_shared<Spy>()), Admission::turned_away);
    EXPECT_EQ(one->closed, 0);
}

TEST(Connections, EndTogether) {
    Connections connections(5);
    const auto one = admitted(connections);
    const auto two = admitted(connections);
    connections.finish_all();
    EXPECT_EQ(one->finished + two->finished, 2);
    EXPECT_EQ(connections.add(std::make_shared<Spy>()), Admission::refused);
    connections.remove(*one);
    EXPECT_FALSE(connections.wait_until_empty(std::chrono::milliseconds(10)));
    connections.close_all();
    EXPECT_EQ(one->closed, 0);
    EXPECT_EQ(two->closed, 1);
    connections.remove(*two);
    EXPECT_TRUE(connections.wait_until_empty(std::chrono::milliseconds(10)));
}

}  // namespace
