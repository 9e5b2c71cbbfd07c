// What the tests of the embedded cluster share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

#include "core/db/connection.h"
#include "core/db/embedded.h"
#include "core/db/server_process.h"
#include "tests/support/test_database.h"

namespace core::db {

inline constexpr EmbeddedOptions kQuick{.durable = false};

inline std::string ask(const std::string& connection, const std::string& sql) {
    Connection session(connection);
    pqxx::nontransaction question(session.get());
    return question.exec1(sql)[0].as<std::string>();
}

template <typename Condition>
bool holds_within(std::chrono::seconds wait, const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

// Everything written below a folder, one file after the other.
inline std::string read_all(const std::filesystem::path& folder) {
    std::ostringstream text;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
        if (entry.is_regular_file()) {
            text << std::ifstream(entry.path()).rdbuf();
        }
    }
    return text.str();
}

class Embedded : public testing::Test {
protected:
    // What the server has to say about a failure goes with the folder otherwise.
    void TearDown() override {
        if (HasFailure()) {
            std::cerr << std::ifstream(folder() / "embedded.log").rdbuf() << read_all(data() / "log");
        }
    }

    std::filesystem::path data() const { return folder() / "data"; }
    std::filesystem::path folder() const { return root_.path() / "cluster"; }
    bool runs() const { return running_server(data()).has_value(); }
    pid_t server() const { return running_server(data()).value().pid; }

    test_support::TestFolder root_;
};

}  // namespace core::db
