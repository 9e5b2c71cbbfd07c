#include "server/callback_path.h"

#include <gtest/gtest.h>

#include <string>

namespace server {
namespace {

std::string parts_of(std::string_view path) {
    const auto parts = parse_callback_path(path);
    return parts ? std::string(parts->tenant) + "|" + std::string(parts->channel) : "none";
}

TEST(CallbackPath, HasATenantAndAChannel) {
    EXPECT_EQ(parts_of("/callbacks/shop/stripe"), "shop|stripe");
    EXPECT_EQ(parts_of("/callbacks/a-b_c.1/x"), "a-b_c.1|x");
    EXPECT_EQ(parts_of("/callbacks//"), "|");
}

TEST(CallbackPath, IsNoOther) {
    for (const char* path : {"", "/", "/callbacks", "/callbacks/", "/callbacks/shop", "/callbacks/shop/stripe/",
                             "/callbacks/shop/stripe/more", "/Callbacks/shop/stripe", " /callbacks/shop/stripe",
                             "/callbacksshop/stripe"}) {
        EXPECT_EQ(parts_of(path), "none") << path;
    }
}

}  // namespace
}  // namespace server
