#include "tests/fuzz/seeds/seeds.h"
#include "tests/fuzz/shares.h"

namespace fuzz::seeds {
namespace {

constexpr const char* kCalendar = R"(name = "XX"
zone = "Asia/Tokyo"
source = "a seed"
first_year = 2025
last_year = 2027
weekend = ["saturday", "sunday"]
rule = [
  { name = "New Year", date = "01-01", moved = "sunday" },
  { name = "a Monday", month = 1, weekday = "monday", nth = 3 },
]
)";

constexpr const char* kMapping = R"([both]
time_zone = "Asia/Shanghai"
[left]
amount = "a"
fee = ""
separator = ";"
units = "major"
[left.constant]
currency = "CNY"
[right.types]
"x" = "refund"
[right.statuses]
"y" = "revoked"
[[rule]]
name = "fen"
kind = "tolerance"
currency = "CNY"
absolute = 1
basis_points = 5
rounding = "half_even"
[[rule]]
name = "parts"
kind = "many_to_one"
currency = "CNY"
group_by = "own_order_id"
budget = 9
valid_from = "2026-01-01"
valid_until = "2026-12-31"
date_window = 2
)";

}  // namespace

void write_config(Writer& writer) {
    const auto [one, other] = genuine_shares();
    writer.add("shares", {one + "\n" + other + "\n", other + "\n" + one + "\n", one + "\n" + one + "\n",
                          one + "\n" + replaced(other, "6", "7") + "\n"});
    writer.add("token_uri", {"token=hsm;object=master?module-path=/usr/lib/p.so&pin-source=file:/etc/pin",
                             "token=my%20hsm;object=%6Dk?pin-source=file:%2Fpin&module-path=p.so", "token=a;token=b",
                             "token=a%00;object=b?module-path=c&pin-source=file:d"});
    writer.add("chunks", {"0\n1\n2\n3\n", "0\n1\n2\n3\n3\n", "0\n2\n", "0\n1xab\n1\n", "0\n1-\n", "0i\n", "0\n1+a\n",
                          "=short\n0\n", "3\n"});
    writer.add("calendar", {kCalendar, replaced(kCalendar, "2027", "2025"), replaced(kCalendar, "sunday", "friday")});
    writer.add("mapping",
               {kMapping, replaced(kMapping, "many_to_one", "one_to_many"), replaced(kMapping, "CNY", "JPY")});
}

}  // namespace fuzz::seeds
