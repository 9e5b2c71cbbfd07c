// First inputs for the fuzzers: a word of each kind, from our simulators and by hand.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz::seeds {

// Writes inputs into FOLDER/NAME/, numbered.
class Writer {
public:
    explicit Writer(std::filesystem::path folder) : folder_(std::move(folder)) {}

    void add(const std::string& fuzzer, const std::vector<std::string>& inputs);
    // The same texts, each behind what chooses the variant.
    void add(const std::string& fuzzer, std::string_view variant, const std::vector<std::string>& texts);

private:
    std::filesystem::path folder_;
    std::size_t number_ = 0;
};

std::string replaced(std::string text, std::string_view old, std::string_view with);

void write_core(Writer& writer);
void write_http(Writer& writer);
void write_unionpay(Writer& writer);
void write_wechatpay(Writer& writer);
void write_stripe(Writer& writer);
void write_bank(Writer& writer);
void write_trail(Writer& writer);
void write_config(Writer& writer);

}  // namespace fuzz::seeds
