// The ways in which systems and spreadsheets write one table.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace bench {

struct FileRow {
    std::string id;
    std::string order;
    std::string type = "payment";
    std::int64_t amount = 0;  // minor units of a currency with two decimals
    std::int64_t fee = 0;
    std::string currency = "CNY";
    std::string status = "captured";
};

// A file as it is written, and what `diff` has to be told of it.
struct WrittenFile {
    std::string bytes;
    std::vector<std::string> ways;  // "GB18030", "separator tab" ...
    std::string mapping;            // lines of its table
};

// By chance: encoding, separator, line ends, quotes, names and order of columns, words, numbers, further columns.
WrittenFile written(const std::vector<FileRow>& rows, std::mt19937_64& random);

}  // namespace bench
