#include "plant.h"

#include <array>
#include <cstdio>
#include <memory>
#include <numeric>
#include <stdexcept>

namespace bench {

namespace {

constexpr std::uint64_t kOneIn = 1000;
constexpr std::array<const char*, 7> kKinds{"missing_in_ledger",  "missing_in_channel", "amount_mismatch",
                                            "status_mismatch",    "fee_mismatch",       "duplicate_in_channel",
                                            "duplicate_in_ledger"};

std::uint64_t mixed(std::uint64_t number) {
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// The kind of number i, kKinds.size() for none.
std::size_t kind_of(std::uint64_t i) { return i % kOneIn == 0 ? (i / kOneIn) % kKinds.size() : kKinds.size(); }

struct Line {
    std::uint64_t i;
    std::int64_t amount_change = 0;
    std::int64_t fee_change = 0;
    bool failed = false;
};

void write(std::FILE* file, const Line& line) {
    const std::uint64_t random = mixed(line.i + 1);
    const bool refund = random % 20 == 0;
    const auto amount = static_cast<std::int64_t>(100 + random % 500'000);
    const auto second = line.i % 86'400;
    std::fprintf(file, "4200%08llu%016llu,PAY%017llu,%s,%lld,%lld,CNY,%s,2026-11-18T%02llu:%02llu:%02lluZ\n",
                 static_cast<unsigned long long>(random >> 38U), static_cast<unsigned long long>(line.i),
                 static_cast<unsigned long long>(line.i), refund ? "refund" : "payment",
                 static_cast<long long>(amount + line.amount_change),
                 static_cast<long long>((amount * 60 + 5000) / 10'000 + line.fee_change),
                 line.failed ? "failed" : "captured", static_cast<unsigned long long>(second / 3600),
                 static_cast<unsigned long long>(second / 60 % 60), static_cast<unsigned long long>(second % 60));
}

File open(const std::filesystem::path& path) {
    File file(std::fopen(path.c_str(), "wb"), std::fclose);
    if (!file) {
        throw std::runtime_error("can't write " + path.string());
    }
    std::fputs("channel_txn_id,merchant_order_id,type,amount,fee,currency,status,occurred_at\n", file.get());
    return file;
}

// A step through 0 .. lines - 1 that meets each number once.
std::uint64_t step_for(std::uint64_t lines) {
    std::uint64_t step = lines / 2 + lines / 8 + 7;
    while (std::gcd(step, lines) != 1) {
        ++step;
    }
    return step;
}

}  // namespace

Plant plant(const std::filesystem::path& folder, std::uint64_t lines) {
    Plant plant{folder / ("left-" + std::to_string(lines) + ".csv"),
                folder / ("right-" + std::to_string(lines) + ".csv"),
                0,
                0,
                {}};
    for (std::uint64_t i = 0; i < lines; i += kOneIn) {
        ++plant.kinds[kKinds[kind_of(i)]];
    }
    const auto count = [&](const char* kind) { return plant.kinds.contains(kind) ? plant.kinds.at(kind) : 0; };
    plant.left_lines = lines - count("missing_in_ledger") + count("duplicate_in_ledger");
    plant.right_lines = lines - count("missing_in_channel") + count("duplicate_in_channel");
    if (std::filesystem::exists(plant.left) && std::filesystem::exists(plant.right)) {
        return plant;
    }
    {
        const File left = open(plant.left);
        for (std::uint64_t i = 0; i < lines; ++i) {
            const auto kind = kind_of(i);
            for (int times = kind == 0 ? 0 : kind == 6 ? 2 : 1; times > 0; --times) {
                write(left.get(), {i});
            }
        }
    }
    const std::filesystem::path unfinished = plant.right.string() + ".unfinished";
    {
        const File right = open(unfinished);
        const std::uint64_t step = step_for(lines);
        for (std::uint64_t n = 0, i = 3 % lines; n < lines; ++n, i = (i + step) % lines) {
            const auto kind = kind_of(i);
            Line line{i};
            line.amount_change = kind == 2 ? 1 : 0;
            line.failed = kind == 3;
            line.fee_change = kind == 4 ? 1 : 0;
            for (int times = kind == 1 ? 0 : kind == 5 ? 2 : 1; times > 0; --times) {
                write(right.get(), line);
            }
        }
    }
    std::filesystem::rename(unfinished, plant.right);
    return plant;
}

}  // namespace bench
