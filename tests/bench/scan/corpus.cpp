#include "corpus.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <vector>

#include "tests/support/card_corpus.h"

namespace bench {
namespace {

using Random = std::mt19937_64;
using test_support::corpus::digits;
using test_support::corpus::number;
using test_support::corpus::padded;

constexpr std::uint64_t kEveryCard = 5000;  // lines

std::string time_of(std::uint64_t line) {
    const auto second = line / 40 % 86400;
    return "2026-11-18T" + padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2) +
           "." + padded(line * 25 % 1000, 3) + "Z";
}

std::string hex(Random& random, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text += "0123456789abcdef"[random() % 16];
    }
    return text;
}

std::string callback_line(Random& r, std::uint64_t n) {
    return time_of(n) + R"( {"level":"info","event":"callback","channel":"wechatpay","transaction_id":"4200)" +
           padded(r() % 10000, 6) + "20261118" + digits(r, 10) + R"(","out_trade_no":")" + number(r, 16) +
           R"(","amount":{"total":)" + std::to_string(r() % 1000000) + R"(,"currency":"CNY"},"trace":")" + hex(r, 32) +
           "\"}\n";
}
std::string access_line(Random& r, std::uint64_t n) {
    return "10." + std::to_string(r() % 256) + "." + std::to_string(r() % 256) + "." + std::to_string(r() % 256) +
           " - - [" + time_of(n) + "] \"POST /v1/orders/A-" + std::to_string(r() % 100000000) +
           "?page=2&sort=created_at HTTP/1.1\" 200 " + std::to_string(r() % 20000) +
           " \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\" " + std::to_string(r() % 900) + "ms\n";
}
std::string query_line(Random& r, std::uint64_t n) {
    return time_of(n) + " LOG:  duration: " + std::to_string(r() % 90) + "." + digits(r, 3) +
           " ms  statement: select business_date, amount_minor from ledger.legs where posting_id = " +
           std::to_string(r() % 100000000) + " and recorded_at > '2026-11-17 10:12:00'\n";
}
std::string notify_line(Random& r, std::uint64_t n) {
    return time_of(n) + " DEBUG unionpay notify queryId=20261118" + digits(r, 13) +
           "&txnAmt=" + std::to_string(r() % 100000) + "&orderId=DZ" + number(r, 12) +
           "&respMsg=%E6%88%90%E5%8A%9F&settleDate=1118 交易成功\n";
}
std::string exception_line(Random& r, std::uint64_t n) {
    return time_of(n) + " WARN  com.example.pay.RetryingClient - attempt " + std::to_string(r() % 5) +
           " of 5 failed after " + std::to_string(r() % 3000) + " ms: connection to gateway.example.com/203.0.113." +
           std::to_string(r() % 256) + ":443 timed out, will retry; session token " + hex(r, 40) + "\n";
}

}  // namespace

LogCorpus log_corpus(const std::string& folder, std::uint64_t megabytes) {
    std::filesystem::create_directories(folder);
    LogCorpus corpus{folder + "/log-" + std::to_string(megabytes) + "M.txt", 0, 0};
    const bool is_there = std::filesystem::exists(corpus.file);
    const std::string part = corpus.file + ".part";
    std::ofstream out;
    if (!is_there) {
        out.open(part, std::ios::binary);
    }
    const std::array<std::string (*)(Random&, std::uint64_t), 5> kLines = {callback_line, access_line, query_line,
                                                                           notify_line, exception_line};
    Random random(20261118);
    const auto& cards = test_support::corpus_cards();
    for (std::uint64_t n = 0; corpus.bytes < megabytes * 1'000'000; ++n) {
        std::string line = kLines.at(random() % kLines.size())(random, n);
        if (n % kEveryCard == 0) {
            line = time_of(n) + " ERROR paying by card " + cards[corpus.cards++ % cards.size()].digits + " failed\n";
        }
        corpus.bytes += line.size();
        if (!is_there) {
            out << line;
        }
    }
    if (!is_there) {
        out.close();
        std::filesystem::rename(part, corpus.file);
    }
    return corpus;
}

}  // namespace bench
