#include <algorithm>
#include <string_view>
#include <vector>

#include "core/failure.h"
#include "core/money.h"

namespace core {
namespace {

// ISO 4217 list one: code and number side by side, grouped by the decimals of the minor unit. Left out is what has no
// minor unit and so can be no amount (metals, XDR, XTS, XXX ...) and what has been withdrawn (HRK, SLL, ZWL).
constexpr std::string_view kNoDecimals =
    "BIF108 CLP152 DJF262 GNF324 ISK352 JPY392 KMF174 KRW410 PYG600 RWF646 UGX800 UYI940 "
    "VND704 VUV548 XAF950 XOF952 XPF953 ";

constexpr std::string_view kTwoDecimals =
    "AED784 AFN971 ALL008 AMD051 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 "
    "BGN975 BMD060 BND096 BOB068 BOV984 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 "
    "CDF976 CHE947 CHF756 CHW948 CNY156 COP170 COU970 CRC188 CUC931 CUP192 CVE132 CZK203 "
    "DKK208 DOP214 DZD012 EGP818 ERN232 ETB230 EUR978 FJD242 FKP238 GBP826 GEL981 GHS936 "
    "GIP292 GMD270 GTQ320 GYD328 HKD344 HNL340 HTG332 HUF348 IDR360 ILS376 INR356 IRR364 "
    "JMD388 KES404 KGS417 KHR116 KPW408 KYD136 KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 "
    "MAD504 MDL498 MGA969 MKD807 MMK104 MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484 "
    "MXV979 MYR458 MZN943 NAD516 NGN566 NIO558 NOK578 NPR524 NZD554 PAB590 PEN604 PGK598 "
    "PHP608 PKR586 PLN985 QAR634 RON946 RSD941 RUB643 SAR682 SBD090 SCR690 SDG938 SEK752 "
    "SGD702 SHP654 SLE925 SOS706 SRD968 SSP728 STN930 SVC222 SYP760 SZL748 THB764 TJS972 "
    "TMT934 TOP776 TRY949 TTD780 TWD901 TZS834 UAH980 USD840 USN997 UYU858 UZS860 VED926 "
    "VES928 WST882 XCD951 XCG532 YER886 ZAR710 ZMW967 ZWG924 ";

constexpr std::string_view kThreeDecimals = "BHD048 IQD368 JOD400 KWD414 LYD434 OMR512 TND788 ";

constexpr std::string_view kFourDecimals = "CLF990 UYW927 ";

// ANG handed its number on to XCG in 2025; statements of the time before still carry the letters.
constexpr std::string_view kTwoDecimalsWithoutNumber = "ANG000 ";

struct Row {
    std::string_view code;
    std::string_view number;
    int exponent;
};

constexpr std::size_t kCellWidth = 7;

void add_rows(std::vector<Row>& rows, std::string_view cells, int exponent) {
    for (std::size_t at = 0; at < cells.size(); at += kCellWidth) {
        rows.push_back({cells.substr(at, 3), cells.substr(at + 3, 3), exponent});
    }
}

// Sorted by code. Built once; a table out of step with its cell width would show as a broken rule at the first use.
const std::vector<Row>& table() {
    static const std::vector<Row> rows = [] {
        std::vector<Row> made;
        add_rows(made, kNoDecimals, 0);
        add_rows(made, kTwoDecimals, 2);
        add_rows(made, kTwoDecimalsWithoutNumber, 2);
        add_rows(made, kThreeDecimals, 3);
        add_rows(made, kFourDecimals, 4);
        std::sort(made.begin(), made.end(), [](const Row& a, const Row& b) { return a.code < b.code; });
        const auto twice =
            std::adjacent_find(made.begin(), made.end(), [](const Row& a, const Row& b) { return a.code == b.code; });
        ensure(twice == made.end(), "a currency stands in the table once");
        return made;
    }();
    return rows;
}

std::array<char, 3> letters_of(std::string_view code) { return {code[0], code[1], code[2]}; }

}  // namespace

std::optional<Currency> Currency::from_code(std::string_view code) {
    if (code.size() != 3) {
        return std::nullopt;
    }
    std::array<char, 3> upper = letters_of(code);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') {
            c = static_cast<char>(c - 'a' + 'A');
        }
    }
    const std::string_view wanted(upper.data(), upper.size());
    const auto row = std::lower_bound(table().begin(), table().end(), wanted,
                                      [](const Row& r, std::string_view w) { return r.code < w; });
    if (row == table().end() || row->code != wanted) {
        return std::nullopt;
    }
    return Currency(upper, row->exponent);
}

std::optional<Currency> Currency::from_number(std::string_view digits) {
    if (digits == "000") {
        return std::nullopt;  // the table's word for "has no number"
    }
    const auto row = std::find_if(table().begin(), table().end(), [&](const Row& r) { return r.number == digits; });
    if (row == table().end()) {
        return std::nullopt;
    }
    return Currency(letters_of(row->code), row->exponent);
}

}  // namespace core
