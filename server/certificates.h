// The certificates that the configuration names, with until when they are valid; and the alarm before one ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/time.h"

namespace server {

struct ConfiguredCertificate {
    std::string setting;  // "tenant.unionpay.root_certificate"
    std::filesystem::path file;
    std::string serial;   // upper-case hex
    std::string subject;  // its common name
    core::Instant not_before;
    core::Instant not_after;
};

// Of every file that a setting names and that is read as it is now, each certificate in it; in the order of the
// settings.
std::vector<ConfiguredCertificate> configured_certificates(const config::Settings& settings);

// Says in the log, at first and then once a day, which of them end within thirty days. One thread at a time.
class CertificateAlarm {
public:
    // Asked as often as one likes; the files are read once an hour. The earliest end of all, for the metrics, after
    // they were read and when there is any.
    std::optional<core::Instant> look(const config::Settings& settings, core::Instant now);

private:
    std::optional<core::Instant> looked_at_;
    std::optional<core::Instant> told_at_;
};

}  // namespace server
