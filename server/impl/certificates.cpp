#include "server/certificates.h"

#include <algorithm>

#include "core/crypto/certificate.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"

namespace server {
namespace {

constexpr std::size_t kBytesMax = 1U << 20U;
constexpr std::chrono::days kNotice{30};
constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

void add_certificates(const config::NamedFile& named, std::string_view text, std::vector<ConfiguredCertificate>& all) {
    while (true) {
        const auto begin = text.find(kBegin);
        const auto end = begin == std::string_view::npos ? begin : text.find(kEnd, begin);
        if (end == std::string_view::npos) {
            return;
        }
        const auto certificate = core::crypto::Certificate::from_pem(text.substr(begin, end + kEnd.size() - begin));
        if (certificate) {
            all.push_back({named.setting, named.file, certificate->serial_hex(),
                           certificate->subject_common_name().value_or(""), certificate->not_before(),
                           certificate->not_after()});
        }
        text.remove_prefix(end + kEnd.size());
    }
}

}  // namespace

std::vector<ConfiguredCertificate> configured_certificates(const config::Settings& settings) {
    std::vector<ConfiguredCertificate> all;
    for (const auto& named : config::named_files(settings)) {
        try {
            add_certificates(named, core::read_file(named.file, kBytesMax), all);
        } catch (const core::Failure& failure) {
            core::log_warning("certificate_not_read", {{"setting", named.setting}, {"reason", failure.what()}});
        }
    }
    return all;
}

std::optional<core::Instant> CertificateAlarm::look(const config::Settings& settings, core::Instant now) {
    if (looked_at_ && now >= *looked_at_ && now - *looked_at_ < std::chrono::hours(1)) {
        return std::nullopt;
    }
    looked_at_ = now;
    const bool tells = !told_at_ || now < *told_at_ || now - *told_at_ >= std::chrono::days(1);
    std::optional<core::Instant> earliest;
    for (const auto& one : configured_certificates(settings)) {
        earliest = std::min(earliest.value_or(one.not_after), one.not_after);
        if (tells && one.not_after - now < kNotice) {
            core::log_warning(
                "certificate_ends_soon",
                {{"setting", one.setting}, {"serial", one.serial}, {"until", core::format_rfc3339(one.not_after)}});
        }
    }
    told_at_ = tells ? now : told_at_;
    return earliest;
}

}  // namespace server
