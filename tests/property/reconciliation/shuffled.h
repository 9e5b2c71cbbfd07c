// Statements with their detail lines in another order: the same statement to whoever reads it right.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/archive.h"
#include "core/failure.h"
#include "payments/channel.h"
#include "payments/simulator.h"

namespace reconciliation::test {

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size() - 1);
        lines.push_back(text.substr(at, end + 1 - at));
        at = end + 1;
    }
    return lines;
}

// All lines but the first `head` and the last `tail`.
inline std::string shuffled_lines(const std::string& text, std::size_t head, std::size_t tail,
                                  payments::Random& random) {
    auto lines = lines_of(text);
    core::ensure(lines.size() >= head + tail, "a statement has its head and its totals");
    std::shuffle(lines.begin() + static_cast<std::ptrdiff_t>(head), lines.end() - static_cast<std::ptrdiff_t>(tail),
                 random);
    std::string out;
    for (const auto& line : lines) {
        out += line;
    }
    return out;
}

inline payments::StatementFile shuffled(const std::string& channel, const payments::StatementFile& file,
                                        payments::Random& random) {
    auto members = core::unpack(file.bytes);
    core::ensure(static_cast<bool>(members) && !members->empty(), "a simulated statement can be unpacked");
    if (channel == "stripe") {
        return {file.name, core::gzip(shuffled_lines(members->front().bytes, 1, 0, random))};
    }
    if (channel == "wechatpay") {
        return {file.name, shuffled_lines(members->front().bytes, 1, 2, random)};
    }
    members->front().bytes = shuffled_lines(members->front().bytes, 0, 0, random);
    return {file.name, core::zip(*members)};
}

// The list without what names lines: "FILE:12" becomes "FILE".
inline std::string without_line_numbers(const std::string& csv, const std::string& file_name) {
    std::string out;
    for (std::size_t at = 0; at < csv.size();) {
        const auto found = csv.find(file_name, at);
        if (found == std::string::npos) {
            return out + csv.substr(at);
        }
        auto end = found + file_name.size();
        if (end < csv.size() && csv[end] == '!') {
            end = csv.find(':', end);
        }
        out += csv.substr(at, end - at);
        if (end < csv.size() && csv[end] == ':') {
            end = csv.find_first_not_of("0123456789", end + 1);
        }
        // Nor where its lines begin: " 3045+609".
        if (const auto behind = csv.find_first_not_of("0123456789+", std::min(end, csv.size()) + 1);
            end < csv.size() && csv[end] == ' ' && behind != std::string::npos &&
            csv.substr(end, behind - end).find('+') != std::string::npos) {
            end = behind;
        }
        at = std::min(end, csv.size());
    }
    return out;
}

}  // namespace reconciliation::test
