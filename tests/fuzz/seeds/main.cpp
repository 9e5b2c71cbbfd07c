// fuzz_seeds FOLDER
#include <cstdio>

#include "core/files.h"
#include "tests/fuzz/seeds/seeds.h"

namespace fuzz::seeds {

void Writer::add(const std::string& fuzzer, const std::vector<std::string>& inputs) {
    const auto folder = folder_ / fuzzer;
    std::filesystem::create_directories(folder);
    for (const auto& input : inputs) {
        core::write_file(folder / ("seed-" + std::to_string(++number_)), input);
    }
}

void Writer::add(const std::string& fuzzer, std::string_view variant, const std::vector<std::string>& texts) {
    std::vector<std::string> inputs;
    for (const auto& text : texts) {
        inputs.push_back(std::string(variant) + text);
    }
    add(fuzzer, inputs);
}

std::string replaced(std::string text, std::string_view old, std::string_view with) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + with.size())) {
        text.replace(at, old.size(), with);
    }
    return text;
}

}  // namespace fuzz::seeds

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "fuzz_seeds FOLDER\n");
        return 2;
    }
    fuzz::seeds::Writer writer(arguments[1]);
    fuzz::seeds::write_core(writer);
    fuzz::seeds::write_http(writer);
    fuzz::seeds::write_unionpay(writer);
    fuzz::seeds::write_wechatpay(writer);
    fuzz::seeds::write_stripe(writer);
    fuzz::seeds::write_bank(writer);
    fuzz::seeds::write_trail(writer);
    fuzz::seeds::write_config(writer);
    return 0;
}
