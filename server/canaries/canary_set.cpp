#include "server/canaries/canary_set.h"

#include <array>
#include <random>
#include <string_view>

#include "audit/redact.h"
#include "core/crypto/encoding.h"

namespace server {
namespace {

// Published for testing by the card networks and by Stripe, WeChat Pay's and UnionPay's documentation.
constexpr std::array<std::string_view, 13> kCards = {
    "4242424242424242", "4000056655665556", "4222222222222",      "5555555555554444", "2223003122003222",
    "378282246310005",  "6011111111111117", "3056930009020004",   "36227206271667",   "3566002020360505",
    "6200000000000005", "6221558812340000", "6205500000000000004"};
constexpr std::size_t kShort = 32;

using Random = std::mt19937_64;

std::string some(Random& random, std::string_view characters, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += characters[random() % characters.size()];
    }
    return text;
}

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

struct Way {
    std::string name;
    std::string text;
};

// A card number as people and programs write it.
std::vector<Way> ways_to_write(const std::string& card) {
    std::vector<Way> ways;
    for (auto& disguise : audit::disguises_of(card)) {
        // With zero bytes a text is none for most fields; base64 is sent whole.
        if (!disguise.way.starts_with("utf-16") && disguise.way != "base64") {
            ways.push_back({disguise.way, std::move(disguise.text)});
        }
    }
    ways.push_back({"base64", core::crypto::base64_encode(card)});
    ways.push_back({"base64+json", core::crypto::base64_encode(R"({"number":")" + card + "\"}")});
    return ways;
}

}  // namespace

CanarySet::CanarySet(std::uint64_t seed) {
    Random random(seed);
    const auto add = [&](std::string kind, std::string shown, std::string value, std::string written) {
        all_.push_back({std::move(kind), std::move(shown), std::move(value)});
        written_.push_back(std::move(written));
    };
    for (const auto card : kCards) {
        add("pan", audit::masked_card(card), std::string(card), "");
    }
    for (const auto card : {kCards[0], kCards[11]}) {
        const auto rest = "3012101" + some(random, kDigits, 13);
        add("track", audit::masked_card(card) + "=...", rest, ";" + std::string(card) + "=" + rest + "?");
    }
    const auto code = some(random, kDigits, 3);
    add("cvv", "cvv2=***", "cvv2=" + code, "cvv2=" + code);
    add("cvv", "\"cvv\":\"***\"", "\"cvv\":\"" + code + "\"", "{\"cvv\":\"" + code + "\"}");
    const auto block = some(random, kHex, 16);
    add("pin", "pinBlock=...", block, "pinBlock=" + block);
    const auto password = some(random, kLetters, 20);
    add("secret", "password=...", password, "password=" + password);
    const auto vendor = "7" + some(random, kLetters, 23);
    add("secret", "sk_live_...", vendor, std::string("sk_") + "live_" + vendor);
    const auto bearer = some(random, kLetters, 40);
    add("secret", "Bearer ...", bearer, "Authorization: Bearer " + bearer);
    const auto token = some(random, kLetters, 32);
    add("secret", "access_token=...", token, "access_token=" + token);
    const auto body = some(random, kLetters, 64);
    add("private_key", "-----BEGIN PRIVATE KEY-----", body,
        std::string("-----BEGIN ") + "PRIVATE KEY-----\n" + body + "\n-----END " + "PRIVATE KEY-----");
}

void CanarySet::add_key(std::string shown, std::string value) {
    all_.push_back({"key_in_use", std::move(shown), std::move(value)});
    written_.emplace_back();
}

std::vector<std::string> CanarySet::remarks() const {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (all_[i].kind == "pan") {
            for (const auto& way : ways_to_write(all_[i].value)) {
                texts.push_back("card " + way.text + " thanks");
            }
        } else if (!written_[i].empty()) {
            texts.push_back("please note " + written_[i] + " thanks");
        }
    }
    return texts;
}

std::vector<std::string> CanarySet::short_ones() const {
    std::vector<std::string> texts;
    for (const auto& number : numbers()) {
        for (const auto& way : ways_to_write(number)) {
            texts.push_back(way.text);
        }
    }
    texts.insert(texts.end(), written_.begin(), written_.end());
    std::erase_if(texts, [](const std::string& text) { return text.empty() || text.size() > kShort; });
    return texts;
}

std::vector<std::string> CanarySet::cards() const {
    std::vector<std::string> numbers;
    for (const auto& canary : all_) {
        if (canary.kind == "pan") {
            numbers.push_back(canary.value);
        }
    }
    return numbers;
}

std::vector<std::string> CanarySet::numbers() const {
    auto numbers = cards();
    std::erase_if(numbers, [](const std::string& number) { return !audit::passes_luhn(number); });
    return numbers;
}

audit::Needles CanarySet::needles() const {
    std::vector<audit::Needle> needles;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        for (auto& disguise : audit::disguises_of(all_[i].value)) {
            needles.push_back({std::move(disguise.text), i});
        }
    }
    return audit::Needles(std::move(needles));
}

std::vector<std::string> CanarySet::ways() const {
    std::vector<std::string> ways;
    for (const auto& canary : all_) {
        for (auto& disguise : audit::disguises_of(canary.value)) {
            ways.push_back(std::move(disguise.way));
        }
    }
    return ways;
}

}  // namespace server
