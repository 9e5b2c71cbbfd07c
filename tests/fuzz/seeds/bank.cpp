#include "payments/bank/simulator.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/unit/bank/statements.h"

namespace fuzz::seeds {

namespace bank = payments::bank::test;

void write_bank(Writer& writer) {
    for (const char* variant : {"0", "1", "2"}) {
        const auto account = bank::account(static_cast<config::BankFormat>(variant[0] - '0'));
        const auto first = payments::bank::write_statement(account, bank::a_day()).bytes;
        const auto second = payments::bank::write_statement(account, bank::a_day("2026-11-20", 8, 131461)).bytes;
        writer.add("bank_statement", variant, {first, first + "\n====\n" + second});
    }
    writer.add("bank_statement", "1",
               {":20:A\n:25:6222000012345678\n:28C:9/1\n:60F:C261119CNY1,00\n:61:2611191119RD2,00NTRFX//B\nmore\n"
                ":86:/NAME/T/REMI/x\n:62M:C261119CNY3,00\n-\n:20:A\n:25:6222000012345678\n:28C:9/2\n"
                ":60M:C261119CNY3,00\n:62F:C261119CNY3,00\n-\n"});
}

}  // namespace fuzz::seeds
