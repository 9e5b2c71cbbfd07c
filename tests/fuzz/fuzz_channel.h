// What the channels' fuzzers share: a channel with keys of its own, made once.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "audit/redact.h"
#include "config/document.h"
#include "payments/channels/registry.h"

namespace fuzz {

struct Fixture {
    std::unique_ptr<payments::ChannelSimulator> simulator;
    std::unique_ptr<payments::Channel> channel;
    std::unique_ptr<config::Document> document;
};

inline const audit::Redactor& redactor() {
    static const audit::Redactor instance{core::KeyBytes(std::string(32, 'k'))};
    return instance;
}

inline Fixture& fixture(const char* name) {
    static Fixture made;
    if (made.channel == nullptr) {
        std::string folder = (std::filesystem::temp_directory_path() / "duizhang-fuzz-XXXXXX").string();
        if (mkdtemp(folder.data()) == nullptr) {
            std::abort();
        }
        const auto* registration = payments::find_channel(name);
        made.simulator = registration->make_simulator("fuzz", 7);
        const std::string toml = "[[tenant]]\n" + made.simulator->write_configuration(folder, folder + "/keys");
        made.document = std::make_unique<config::Document>(toml, "fuzz.toml", folder);
        auto section = made.document->root().tables("tenant").at(0).table(name);
        made.channel =
            registration->make(*section, {"fuzz", [](std::string_view card) { return redactor().fingerprint(card); },
                                          [](std::string_view text) { return redactor().redact(text); }});
        std::filesystem::remove_all(folder);
        if (made.channel == nullptr) {
            std::abort();
        }
    }
    return made;
}

inline constexpr core::Instant kNow{std::chrono::seconds(1'795'000'000)};

// Bytes as they are, and as the body of a callback whose signature is right, so that what comes after it is read too.
inline void callback(const char* name, std::string_view bytes) {
    payments::CallbackRequest request;
    request.received_at = kNow;
    while (bytes.size() > 2 && bytes.front() == '#') {  // "#Name: value\n" lines are headers
        const auto end = bytes.find('\n');
        const auto line = bytes.substr(1, end == std::string_view::npos ? end : end - 1);
        const auto colon = line.find(':');
        request.headers.emplace_back(line.substr(0, colon),
                                     colon == std::string_view::npos ? "" : line.substr(colon + 1));
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    }
    request.body = bytes;
    const auto read = fixture(name).channel->read_callback(request);
    if (read) {
        std::abort();  // nobody but the holder of the key makes one that is accepted
    }
}

inline void statement(const char* name, std::string_view bytes) {
    auto& made = fixture(name);
    std::vector<payments::StatementFile> files{{"statement", std::string(bytes)}};
    const auto read = made.channel->read_statement(files, core::BusinessDay{date::year{2026} / 11 / 18});
    if (read && read->files.size() != 1) {
        std::abort();
    }
}

}  // namespace fuzz
