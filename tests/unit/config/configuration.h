// A configuration in a folder of its own, for tests.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>  // setenv

#include <filesystem>
#include <string>

#include "config/settings.h"
#include "core/failure.h"
#include "core/files.h"
#include "tests/support/test_database.h"

namespace config {

inline const std::string kMasterKey(64, 'a');

// Sets a variable of the environment for as long as it lives.
class Environment {
public:
    Environment(std::string name, const std::string& value) : name_(std::move(name)) {
        setenv(name_.c_str(), value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
    }
    ~Environment() { unsetenv(name_.c_str()); }  // NOLINT(concurrency-mt-unsafe): one thread
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    std::string name_;
};

inline constexpr const char* kBase = R"([database]
embedded = "var/postgres"
[secrets]
master_key = "file:master.key"
)";

class Configuration : public testing::Test {
protected:
    Configuration() { core::write_file(path("master.key"), kMasterKey + "\n", 0600); }

    std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

    Settings load(const std::string& toml) const {
        core::write_file(path("duizhang.toml"), toml);
        return load_settings(path("duizhang.toml"), {"stripe", "wechatpay"});
    }
    // Everything that is wrong with it; empty when nothing is.
    std::string complaints(const std::string& toml) const {
        try {
            finish(load(toml));
            return "";
        } catch (const core::UsageError& error) {
            return error.what();
        }
    }
    std::string complaints_about(const std::string& more) const { return complaints(kBase + more); }

    test_support::TestFolder folder_;
};

}  // namespace config
