#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "config/document.h"
#include "core/files.h"
#include "world.h"

namespace payments::unionpay::test {
namespace {

struct Configured {
    const char* name;
    const char* toml;
    std::vector<std::string> complaints;  // a piece of each
};

class SectionIsRead : public testing::TestWithParam<Configured> {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("unionpay-settings-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        core::write_file(folder_ / "root.pem", World::the().root.certificate.to_pem());
        core::write_file(folder_ / "middle.pem", World::the().middle.certificate.to_pem());
        core::write_file(folder_ / "test.pem", self_signed("CFCA TEST CS CA"));
        core::write_file(folder_ / "test_signer.pem", self_signed("041@Z12@00040000:SIGN@00000062"));
        core::write_file(folder_ / "text.pem", "no certificate");
        core::write_file(folder_ / "secure.key", "88888888\n", 0600);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static std::string self_signed(const std::string& name) {
        static const auto key = core::crypto::PrivateKey::generate_rsa();
        const auto now = core::SystemClock().now();
        return core::crypto::issue_certificate({name, "CFCA", now, now + std::chrono::hours(1), true}, key, nullptr)
            .to_pem();
    }

    std::filesystem::path folder_;
};

TEST_P(SectionIsRead, WithEveryComplaint) {
    config::Document document(std::string("[tenant.unionpay]\n") + GetParam().toml, "test.toml", folder_);
    auto section = document.root().table("tenant")->table("unionpay");
    const auto channel = make_channel(*section, context());
    EXPECT_EQ(channel == nullptr, section->complained());
    const auto complaints = document.finish();
    ASSERT_EQ(complaints.size(), GetParam().complaints.size()) << testing::PrintToString(complaints);
    EXPECT_TRUE(channel || !complaints.empty());
    for (std::size_t i = 0; i < complaints.size(); ++i) {
        EXPECT_NE(complaints[i].find(GetParam().complaints[i]), std::string::npos) << complaints[i];
    }
}

INSTANTIATE_TEST_SUITE_P(
    , SectionIsRead,
    testing::Values(
        Configured{"Usual",
                   "merchant_id = '777290058110097'\nroot_certificate = 'root.pem'\n"
                   "intermediate_certificate = 'middle.pem'\nsigner_common_name = '中国银联股份有限公司'",
                   {}},
        Configured{"Lists",
                   "merchant_id = '777290058110097'\nroot_certificates = ['root.pem', 'root.pem']\n"
                   "intermediate_certificates = ['middle.pem']",
                   {}},
        Configured{"Retired",
                   "merchant_id = '777290058110097'\nroot_certificate = 'root.pem'\n"
                   "retired_certificates = ['69026276696', '4']",
                   {}},
        Configured{"RetiredOfLegacy",
                   "merchant_id = '777290058110097'\nversion = '5.0.0'\nverify_certificates = ['middle.pem']\n"
                   "retired_certificates = ['4']",
                   {"retired_certificates: in version 5.0.0"}},
        Configured{"RetiredByHexadecimal",
                   "merchant_id = '777290058110097'\nroot_certificate = 'root.pem'\n"
                   "retired_certificates = ['4095BD02']",
                   {"retired_certificates: must be a list of serial numbers in decimal"}},
        Configured{"RetiredByPath",
                   "merchant_id = '777290058110097'\nroot_certificate = 'root.pem'\n"
                   "retired_certificates = ['old.pem', '']",
                   {"retired_certificates: must be", "retired_certificates: must be"}},
        Configured{"RetiredByNumber",
                   "merchant_id = '777290058110097'\nroot_certificate = 'root.pem'\nretired_certificates = [4]",
                   {"retired_certificates: its items must be texts"}},
        Configured{
            "SharedKey", "merchant_id = '777290058110097'\nsign_method = '11'\nsecure_key = 'file:secure.key'", {}},
        Configured{
            "Legacy", "merchant_id = '777290058110097'\nversion = '5.0.0'\nverify_certificates = ['middle.pem']", {}},
        Configured{"NoMerchant", "root_certificate = 'root.pem'", {"merchant_id"}},
        Configured{"NoRoot", "merchant_id = '777290058110097'", {"root_certificate"}},
        Configured{"BadMerchant", "merchant_id = '7772/0'\nroot_certificate = 'root.pem'", {"merchant_id"}},
        Configured{"NoCertificate", "merchant_id = '1'\nroot_certificate = 'text.pem'", {"root_certificate"}},
        Configured{"NoFile", "merchant_id = '1'\nroot_certificate = 'nowhere.pem'", {"root_certificate"}},
        Configured{"WholeName",
                   "merchant_id = '1'\nroot_certificate = 'root.pem'\nsigner_common_name = '041@Z@中国银联@1'",
                   {"signer_common_name"}},
        Configured{
            "UnknownMethod", "merchant_id = '1'\nroot_certificate = 'root.pem'\nsign_method = '02'", {"sign_method"}},
        Configured{
            "UnknownVersion", "merchant_id = '1'\nroot_certificate = 'root.pem'\nversion = '6.0.0'", {"version"}},
        Configured{"NoKey", "merchant_id = '1'\nsign_method = '12'", {"secure_key"}},
        Configured{
            "LegacyWithKey",
            "merchant_id = '777290058110097'\nsign_method = '12'\nsecure_key = 'file:secure.key'\nversion = '5.0.0'",
            {"version"}},
        Configured{"LegacyWithoutCertificates", "merchant_id = '1'\nversion = '5.0.0'", {"verify_certificates"}},
        Configured{"TestRootOfALiveMerchant",
                   "merchant_id = '802310048993424'\nroot_certificates = ['root.pem', 'test.pem']",
                   {"root_certificate: holds a certificate of the test environment"}},
        Configured{"TestIntermediateOfALiveMerchant",
                   "merchant_id = '802310048993424'\nroot_certificate = 'root.pem'\n"
                   "intermediate_certificate = 'test.pem'",
                   {"intermediate_certificate: holds a certificate of the test environment"}},
        Configured{"TestCertificateOfALegacyLiveMerchant",
                   "merchant_id = '802310048993424'\nversion = '5.0.0'\nverify_certificates = ['test.pem']",
                   {"verify_certificates: holds a certificate of the test environment"}},
        Configured{"TestSignersCertificateOfALegacyLiveMerchant",
                   "merchant_id = '802310048993424'\nversion = '5.0.0'\nverify_certificates = ['test_signer.pem']",
                   {"verify_certificates: holds a certificate of the test environment"}},
        Configured{"TestSignerOfALiveMerchant",
                   "merchant_id = '802310048993424'\nroot_certificate = 'root.pem'\n"
                   "signer_common_name = '00040000:SIGN'",
                   {"signer_common_name"}},
        Configured{"PublishedKeyOfALiveMerchant",
                   "merchant_id = '802310048993424'\nsign_method = '11'\nsecure_key = 'file:secure.key'",
                   {"secure_key: names the published test key"}},
        Configured{"TestRootOfATestMerchant",
                   "merchant_id = '777290058110097'\nroot_certificate = 'test.pem'\n"
                   "signer_common_name = '00040000:SIGN'",
                   {}},
        Configured{"TestRootOfAnotherTestMerchant",
                   "merchant_id = '802310048993424'\nroot_certificate = 'test.pem'\ntest_environment = true",
                   {}},
        Configured{"TestRootOfATestMerchantWhoIsNone",
                   "merchant_id = '777290058110097'\nroot_certificate = 'test.pem'\ntest_environment = false",
                   {"root_certificate"}},
        Configured{"KeyNobodyUses",
                   "merchant_id = '1'\nroot_certificate = 'root.pem'\nsecure_key = 'file:secure.key'",
                   {"secure_key"}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(AChannelWithoutOptions, IsNotMade) { EXPECT_THROW((void)make_channel(Options{}, context()), core::BrokenRule); }

}  // namespace
}  // namespace payments::unionpay::test
