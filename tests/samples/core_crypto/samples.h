// Published test data of the channels, read from beside the repository. It is other people's and not part of it, so
// each test that wants it says so and is left out where it isn't there.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "core/crypto/certificate.h"
#include "core/json/reader.h"

namespace core::crypto {

class Samples : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::is_directory(folder())) {
            const auto* test = testing::UnitTest::GetInstance()->current_test_info();
            std::cout << "left out: " << test->test_suite_name() << '.' << test->name()
                      << ", because the channels' published samples are not at " << folder().string() << '\n';
            GTEST_SKIP();
        }
    }

    static std::filesystem::path folder() {
        return std::filesystem::path(DUIZHANG_SOURCE_DIR) / ".." / "shared" / "specs" / "samples";
    }

    static std::string text(const std::string& name) {
        std::ifstream file(folder() / name, std::ios::binary);
        EXPECT_TRUE(file.is_open()) << name;
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    static json::Value json_of(const std::string& name) { return *json::parse(text(name)); }

    static Certificate certificate(const std::string& name) { return Certificate::from_pem(text(name)).value(); }
};

// The text of a member that the samples are known to have.
inline std::string member(const json::Value& object, std::string_view key) {
    return std::string(object.string_at(key).value());
}

}  // namespace core::crypto
