// A bank's statement in each of its formats, "====" between two files.
#include "payments/bank/simulator.h"
#include "payments/bank/statement.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace bank = payments::bank;

config::Bank account(unsigned format) {
    config::Bank made{"main", *core::Currency::from_code("CNY")};
    made.number = "6222000012345678";
    made.format = static_cast<config::BankFormat>(format);
    made.csv = bank::simulated_csv();
    return made;
}

void expect_whole(const bank::Statement& statement, const std::function<std::string(std::string_view)>& redact) {
    std::int64_t sum = statement.opening ? statement.opening->minor : 0;
    for (const auto& entry : statement.entries) {
        fuzz::promise(entry.amount_minor != 0 && entry.booked.ok() && entry.line > 0, "an entry moves money on a day");
        fuzz::promise(entry.amount_minor <= core::kMinorMax && entry.amount_minor >= -core::kMinorMax, "in bounds");
        fuzz::promise(redact(entry.description) == entry.description && redact(entry.reference) == entry.reference &&
                          redact(entry.counterparty) == entry.counterparty,
                      "no card number in an entry");
        sum += entry.amount_minor;
    }
    fuzz::promise(!statement.closing || statement.closing->minor == sum, "entries give the closing balance");
    fuzz::promise(statement.day.ok() && statement.sha256.size() == 64, "a statement has a day and a hash");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const config::Bank kAccounts[] = {account(0), account(1), account(2)};
    const auto redact = fuzz::context().redact;
    fuzz::Input input(data, size);
    const auto& of = kAccounts[input.choice(3)];
    std::vector<payments::StatementFile> files;
    while (!input.empty() && files.size() < 4) {
        files.push_back({"bank", std::string(input.part("\n====\n"))});
    }
    const auto read = bank::read_statements(files, {of, redact});
    if (!read) {
        fuzz::promise(read.error().message().starts_with("bank"), "a refusal names the file");
        fuzz::promise(redact(read.error().message()) == read.error().message(), "no card number in a refusal");
        return 0;
    }
    for (const auto& statement : *read) {
        expect_whole(statement, redact);
    }
    return 0;
}
