#include "dialects.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/failure.h"
#include "core/money.h"
#include "core/text/encoding.h"

namespace bench {

namespace {

constexpr std::size_t kFields = 7;
using Names = std::array<const char*, kFields>;

constexpr std::array<Names, 3> kHeaders{{
    {"channel_txn_id", "merchant_order_id", "type", "amount", "fee", "currency", "status"},
    {"Transaction ID", "Order No", "Category", "Gross Amount", "Fees", "Currency Code", "State"},
    {"交易号", "商户订单号", "交易类型", "交易金额", "手续费", "币种", "交易状态"},
}};
constexpr std::array<const char*, 3> kHeaderWays{"columns by our names", "columns in English", "columns in Chinese"};

enum class Encoding { utf8, utf8_with_mark, gb18030, utf16_little, utf16_big };
constexpr std::array<const char*, 5> kEncodings{"UTF-8", "UTF-8 with its mark", "GB18030", "UTF-16, little end first",
                                                "UTF-16, big end first"};
constexpr std::array<char, 4> kSeparators{',', ';', '\t', '|'};
constexpr std::array<const char*, 4> kSeparatorWays{"separator comma", "separator semicolon", "separator tab",
                                                    "separator bar"};
enum class Quotes { where_needed, everywhere, backquote, apostrophe };
constexpr std::array<const char*, 4> kQuotes{"quotes where needed", "quotes everywhere", "backquotes", "apostrophes"};
enum class Numbers { minor, major, grouped, with_sign, decimal_comma };
constexpr std::array<const char*, 5> kNumbers{"minor units", "12345.60", "12,345.60", "¥12345.60", "12.345,60"};

struct Dialect {
    std::size_t header, separator;
    Encoding encoding;
    Quotes quotes;
    Numbers numbers;
    bool carriage_returns, has_further_columns;
    std::array<std::size_t, kFields> order{};
};

Dialect some_dialect(std::mt19937_64& random) {
    const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    Dialect dialect{below(kHeaders.size()),
                    below(kSeparators.size()),
                    static_cast<Encoding>(below(kEncodings.size())),
                    static_cast<Quotes>(below(kQuotes.size())),
                    static_cast<Numbers>(below(kNumbers.size())),
                    below(2) == 1,
                    below(2) == 1,
                    {}};
    std::iota(dialect.order.begin(), dialect.order.end(), std::size_t{0});
    std::shuffle(dialect.order.begin(), dialect.order.end(), random);
    return dialect;
}

std::string grouped(const std::string& number, char between, char point) {
    const auto whole = number.find('.');
    std::string text;
    for (std::size_t i = 0; i < whole; ++i) {
        text += number[i];
        if (i + 1 < whole && (whole - i - 1) % 3 == 0) {
            text += between;
        }
    }
    return text + point + number.substr(whole + 1);
}

std::string number_text(std::int64_t minor, const std::string& currency, Numbers numbers) {
    if (numbers == Numbers::minor) {
        return std::to_string(minor);
    }
    auto plain = core::decimal_from_minor(minor, 2);
    switch (numbers) {
        case Numbers::grouped:
            return grouped(plain, ',', '.');
        case Numbers::decimal_comma:
            return grouped(plain, '.', ',');
        case Numbers::with_sign:
            return (currency == "CNY" ? "¥" : "$") + plain;
        default:
            return plain;
    }
}

std::string word_of(const std::string& word, std::size_t header) {
    static const std::array<std::array<const char*, 3>, 4> kWords{{{"payment", "Charge", "支付"},
                                                                   {"refund", "Refund", "退款"},
                                                                   {"captured", "Succeeded", "交易成功"},
                                                                   {"failed", "Failed", "交易失败"}}};
    for (const auto& words : kWords) {
        if (word == words.front()) {
            return words[header];
        }
    }
    throw core::BrokenRule("a word that each dialect has");
}

std::string cell_text(const std::string& text, const Dialect& dialect, bool is_header) {
    if (!is_header && (dialect.quotes == Quotes::backquote || dialect.quotes == Quotes::apostrophe)) {
        const std::string cell = (dialect.quotes == Quotes::backquote ? "`" : "'") + text;
        return text.find(kSeparators[dialect.separator]) == std::string::npos ? cell : "\"" + cell + "\"";
    }
    const bool is_needed =
        text.find_first_of(std::string("\"\r\n") + kSeparators[dialect.separator]) != std::string::npos;
    if (!is_needed && dialect.quotes != Quotes::everywhere) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

void add_line(std::string& out, const std::vector<std::string>& cells, const Dialect& dialect, bool is_header) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out += (i == 0 ? "" : std::string(1, kSeparators[dialect.separator])) + cell_text(cells[i], dialect, is_header);
    }
    out += dialect.carriage_returns ? "\r\n" : "\n";
}

std::vector<std::string> cells_of(const FileRow& row, const Dialect& dialect, std::mt19937_64& random) {
    const std::array<std::string, kFields> fields{row.id,
                                                  row.order,
                                                  word_of(row.type, dialect.header),
                                                  number_text(row.amount, row.currency, dialect.numbers),
                                                  number_text(row.fee, row.currency, dialect.numbers),
                                                  row.currency,
                                                  word_of(row.status, dialect.header)};
    std::vector<std::string> cells;
    for (const auto field : dialect.order) {
        cells.push_back(fields[field]);
    }
    if (dialect.has_further_columns) {
        // Without a line end or a quote where cells begin with a sign of their own: such a file quotes nothing else.
        static const std::array<const char*, 4> kRemarks{"", "订单，已发货", "a,b;c\td|e", "said \"no\"\nand left"};
        const bool is_plain = dialect.quotes == Quotes::backquote || dialect.quotes == Quotes::apostrophe;
        cells.emplace_back(kRemarks[random() % (is_plain ? 2 : kRemarks.size())]);
    }
    return cells;
}

std::string utf16(const std::string& text, bool is_big_endian) {
    std::u16string units = u"\uFEFF";
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : 3;  // what is written here has no more
        char32_t point = size == 1 ? first : first & (0xFFU >> (size + 1));
        for (std::size_t i = 1; i < size; ++i) {
            point = point << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
        }
        units += static_cast<char16_t>(point);
        at += size;
    }
    std::string bytes;
    for (const char16_t unit : units) {
        const char high = static_cast<char>(unit >> 8U);
        const char low = static_cast<char>(unit & 0xFFU);
        bytes += is_big_endian ? std::string{high, low} : std::string{low, high};
    }
    return bytes;
}

std::string encoded(const std::string& text, Encoding encoding) {
    switch (encoding) {
        case Encoding::utf8:
            return text;
        case Encoding::utf8_with_mark:
            return "\xEF\xBB\xBF" + text;
        case Encoding::gb18030:
            return core::text::gbk_from_utf8(text).value();
        case Encoding::utf16_little:
        case Encoding::utf16_big:
            return utf16(text, encoding == Encoding::utf16_big);
    }
    throw core::BrokenRule("an encoding that there is");
}

}  // namespace

WrittenFile written(const std::vector<FileRow>& rows, std::mt19937_64& random) {
    const auto dialect = some_dialect(random);
    std::string text;
    std::vector<std::string> header;
    for (const auto field : dialect.order) {
        header.emplace_back(kHeaders[dialect.header][field]);
    }
    if (dialect.has_further_columns) {
        header.emplace_back(dialect.header == 2 ? "备注" : "Remark");
    }
    add_line(text, header, dialect, true);
    for (const auto& row : rows) {
        add_line(text, cells_of(row, dialect, random), dialect, false);
    }
    WrittenFile file{encoded(text, dialect.encoding),
                     {kHeaderWays[dialect.header], kEncodings[static_cast<std::size_t>(dialect.encoding)],
                      kSeparatorWays[dialect.separator], kQuotes[static_cast<std::size_t>(dialect.quotes)],
                      std::string("amounts as ") + kNumbers[static_cast<std::size_t>(dialect.numbers)],
                      dialect.carriage_returns ? "lines end in CR LF" : "lines end in LF"},
                     dialect.numbers == Numbers::minor ? "units = \"minor\"\n" : "units = \"major\"\n"};
    if (dialect.has_further_columns) {
        file.ways.emplace_back("further columns");
    }
    if (dialect.numbers == Numbers::decimal_comma) {
        file.mapping += "decimal = \",\"\n";
    }
    return file;
}

}  // namespace bench
