// Where secrets were read from, so that the files can be looked at again.
#include <gtest/gtest.h>

#include "configuration.h"

namespace config {
namespace {

class SecretFiles : public Configuration {};

TEST_F(SecretFiles, AreAllThatSecretsWereReadFrom) {
    core::write_file(path("tls.pem"), "certificate\n");
    core::write_file(path("tls.key"), "key\n", 0600);
    core::write_file(path("stripe.secret"), "whsec_unit0tests0only", 0600);
    std::filesystem::create_directories(path("tenants.d"));
    core::write_file(path("tenants.d") / "acme.toml",
                     "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n[tenant.stripe]\n");
    const Environment in_memory("UNIT_SECRET", "from the environment");
    auto settings = load(std::string(kBase) + "[service]\ntls_certificate = \"tls.pem\"\ntls_key = \"file:tls.key\"\n");
    auto& channel = settings.tenants.front().channels.front().section;
    (void)channel.resolve_secret("webhook_secrets", "file:../stripe.secret");
    (void)channel.resolve_secret("webhook_secrets", "env:UNIT_SECRET");
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [setting, file, may_be_custodians] : secret_files(settings)) {
        EXPECT_EQ(may_be_custodians, setting == "secrets.master_key");
        found.emplace_back(setting, std::filesystem::weakly_canonical(file).filename().string());
    }
    EXPECT_EQ(found,
              (std::vector<std::pair<std::string, std::string>>{{"service.tls_key", "tls.key"},
                                                                {"secrets.master_key", "master.key"},
                                                                {"tenant.stripe.webhook_secrets", "stripe.secret"}}));
}

}  // namespace
}  // namespace config
