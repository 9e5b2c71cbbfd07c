#include "payments/channels/unionpay/settings.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "payments/channels/unionpay/authenticity.h"
#include "payments/channels/unionpay/signer_trust.h"

namespace payments::unionpay {

namespace {

using Certificates = std::vector<core::crypto::Certificate>;

void add_certificate(config::Section& section, std::string_view key, const std::string& path, Certificates& out) {
    const auto pem = section.file_contents(key, path);
    if (pem.empty()) {
        return;  // complained already
    }
    if (auto certificate = core::crypto::Certificate::from_pem(pem)) {
        out.push_back(*std::move(certificate));
    } else {
        section.complain(key, "'" + path + "' must hold one certificate in PEM form");
    }
}

void add_listed(config::Section& section, std::string_view key, Certificates& out) {
    for (const auto& item : section.list(key)) {
        if (item.text) {
            add_certificate(section, key, *item.text, out);
        } else {
            section.complain(key, "must be a list of paths");
        }
    }
}

std::vector<std::string> serial_numbers(config::Section& section, std::string_view key) {
    std::vector<std::string> found;
    for (const auto& item : section.list(key)) {
        const bool is_number =
            item.text && !item.text->empty() && item.text->front() != '0' &&
            std::all_of(item.text->begin(), item.text->end(), [](char c) { return c >= '0' && c <= '9'; });
        if (is_number) {
            found.push_back(*item.text);
        } else {
            section.complain(key, "must be a list of serial numbers in decimal, as certId has them: [\"69026276696\"]");
        }
    }
    return found;
}

// One file under `key`, several under `list_key`, or both.
Certificates certificates(config::Section& section, std::string_view key, std::string_view list_key) {
    Certificates found;
    if (const auto path = section.text(key)) {
        add_certificate(section, key, *path, found);
    }
    add_listed(section, list_key, found);
    return found;
}

// Editors end a file with a line end, and a key never does.
core::KeyBytes without_line_end(const core::KeyBytes& key) {
    const auto bytes = key.reveal();
    return core::KeyBytes(std::string(bytes.substr(0, bytes.find_last_not_of("\r\n") + 1)));
}

SignMethod read_sign_method(config::Section& section) {
    const auto code = section.text("sign_method").value_or("01");
    for (const auto method : {SignMethod::certificate, SignMethod::sha256_key, SignMethod::sm3_key}) {
        if (code == code_of(method)) {
            return method;
        }
    }
    section.complain("sign_method",
                     R"(must be "01" (certificate), "11" (SHA-256 with a key) or "12" (SM3 with a key))");
    return SignMethod::certificate;
}

Version read_version(config::Section& section) {
    const auto text = section.text("version").value_or("5.1.0");
    if (text != "5.1.0" && text != "5.0.0") {
        section.complain("version", R"(must be "5.1.0", or "5.0.0" for a merchant who still has SHA-1 signatures)");
    }
    return text == "5.0.0" ? Version::v5_0_0 : Version::v5_1_0;
}

bool is_merchant_id(std::string_view text) {
    constexpr std::size_t kLengthMax = 15;
    return !text.empty() && text.size() <= kLengthMax && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

void check_certificate_options(const Options& options, std::vector<OptionsComplaint>& complaints) {
    if (options.version == Version::v5_0_0) {
        if (options.verify_certificates.empty()) {
            complaints.push_back({"verify_certificates", "version 5.0.0 needs UnionPay's certificates here"});
        }
        if (!options.retired_certificates.empty()) {
            complaints.push_back({"retired_certificates", "in version 5.0.0 take them out of verify_certificates"});
        }
        return;
    }
    if (options.roots.empty()) {
        complaints.push_back({"root_certificate", "is missing: without it no signature can be trusted"});
    }
    if (options.signer_common_name.empty() || options.signer_common_name.find('@') != std::string::npos) {
        complaints.push_back({"signer_common_name", "must be the third '@' part of the signer's common name"});
    }
}

void check_key_options(const Options& options, std::vector<OptionsComplaint>& complaints) {
    if (options.secure_key.empty()) {
        complaints.push_back({"secure_key", "is missing: sign_method 11 and 12 need a shared key"});
    }
    if (options.version != Version::v5_1_0) {
        complaints.push_back({"version", "sign_method 11 and 12 exist in version 5.1.0 only"});
    }
}

// The merchants of UnionPay's public test environment.
bool is_test_merchant(std::string_view id) { return id.starts_with("777290058") || id == "700000000000001"; }

constexpr std::string_view kTestSigner = "00040000:SIGN";

// CFCA's test authorities have the word in their names: "CFCA TEST CS CA".
bool is_of_the_test_environment(const core::crypto::Certificate& certificate) {
    const auto name = certificate.subject_common_name();
    return name && ((" " + *name + " ").find(" TEST ") != std::string::npos || names_signer(*name, kTestSigner));
}

void complain_about_test_certificates(config::Section& section, std::string_view key, const Certificates& found) {
    if (std::any_of(found.begin(), found.end(), is_of_the_test_environment)) {
        section.complain(key, "holds a certificate of the test environment, and merchant_id is no test merchant");
    }
}

// What the test environment signs with is public: anyone could sign for a live merchant with it.
void complain_about_test_keys(config::Section& section, const Options& options) {
    constexpr std::string_view kPublishedTestKey = "88888888";
    complain_about_test_certificates(section, "root_certificate", options.roots);
    complain_about_test_certificates(section, "intermediate_certificate", options.intermediates);
    complain_about_test_certificates(section, "verify_certificates", options.verify_certificates);
    if (options.secure_key.reveal() == kPublishedTestKey) {
        section.complain("secure_key", "names the published test key, and merchant_id is no test merchant");
    }
    if (options.signer_common_name == kTestSigner) {
        section.complain("signer_common_name", "is the test environment's, and merchant_id is no test merchant");
    }
}

}  // namespace

std::vector<OptionsComplaint> check_options(const Options& options) {
    std::vector<OptionsComplaint> complaints;
    if (!is_merchant_id(options.merchant_id)) {
        complaints.push_back({"merchant_id", "must be UnionPay's merchant number, 1 to 15 letters and digits"});
    }
    if (options.sign_method == SignMethod::certificate) {
        check_certificate_options(options, complaints);
    } else {
        check_key_options(options, complaints);
    }
    return complaints;
}

std::optional<Options> read_options(config::Section& section) {
    Options options;
    options.merchant_id = section.required_text("merchant_id");
    options.version = read_version(section);
    options.sign_method = read_sign_method(section);
    options.roots = certificates(section, "root_certificate", "root_certificates");
    options.intermediates = certificates(section, "intermediate_certificate", "intermediate_certificates");
    if (auto name = section.text("signer_common_name")) {
        options.signer_common_name = *std::move(name);
    }
    add_listed(section, "verify_certificates", options.verify_certificates);
    options.retired_certificates = serial_numbers(section, "retired_certificates");
    if (options.sign_method != SignMethod::certificate) {
        options.secure_key = without_line_end(section.secret("secure_key"));
    }
    const bool test = section.boolean("test_environment").value_or(is_test_merchant(options.merchant_id));
    if (!test) {
        complain_about_test_keys(section, options);
    }
    if (!section.complained()) {
        for (const auto& complaint : check_options(options)) {
            section.complain(complaint.key, complaint.what);
        }
    }
    return section.complained() ? std::nullopt : std::optional<Options>(std::move(options));
}

}  // namespace payments::unionpay
