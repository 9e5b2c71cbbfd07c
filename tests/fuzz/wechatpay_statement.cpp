// WeChat Pay's bills: trade bills of every layout, alone, two together, packed; and the fund-flow bill.
#include "core/archive.h"
#include "payments/channels/wechatpay/fund_flow.h"
#include "payments/channels/wechatpay/statement.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace wechatpay = payments::wechatpay;

const wechatpay::Merchant kMerchant{"1900000109", {}};
constexpr std::string_view kNextBill = "\n====\n";

payments::StatementReading read(const std::vector<payments::StatementFile>& files, core::BusinessDay day = fuzz::kDay) {
    return payments::with_lines([&](const payments::LineTaker& take) {
        return wechatpay::read_wechatpay_statement(files, day, kMerchant, fuzz::context(), {}, take);
    });
}

bool is_packed(std::string_view text) { return text.starts_with("\x1F\x8B") || text.starts_with("PK"); }

void check_bill(const std::string& text) {
    const auto plain = fuzz::checked(read({{"bill.csv", text}}), 1);
    if (is_packed(text)) {
        return;
    }
    const auto packed = fuzz::checked(read({{"bill.csv.gz", core::gzip(text)}}), 1);
    fuzz::promise(
        static_cast<bool>(packed) == static_cast<bool>(plain) && (!plain || fuzz::same_lines(*plain, *packed)),
        "packed, a bill says the same");
    if (plain) {
        fuzz::promise(plain->lines.empty() || !read({{"bill.csv", text}}, core::day_before(fuzz::kDay)),
                      "a bill is of one day");
        fuzz::promise(!read({{"a", text}, {"b", text}}), "no bill counts twice");
        fuzz::promise(!wechatpay::is_fund_flow(text), "a trade bill is no fund-flow bill");
    }
}

void check_two(fuzz::Input input) {
    const std::string first(input.part(kNextBill));
    const std::string second(input.rest());
    const auto two = fuzz::checked(read({{"one.csv", first}, {"two.csv", second}}), 2);
    const auto other_way = fuzz::checked(read({{"two.csv", second}, {"one.csv", first}}), 2);
    fuzz::promise(static_cast<bool>(two) == static_cast<bool>(other_way) &&
                      (!two || two->lines.size() == other_way->lines.size()),
                  "the order of the files decides nothing");
    static_cast<void>(fuzz::checked(read({{"both.zip", core::zip({{"one.csv", first}, {"two.csv", second}})}}), 1));
}

void check_fund_flow(const std::string& text) {
    const auto flow = wechatpay::read_fund_flow({"flow.csv", text}, fuzz::kDay, fuzz::context());
    if (!flow) {
        fuzz::check_statement_refusal(flow.error());
        return;
    }
    for (const auto& movement : flow->movements) {
        fuzz::promise(movement.line > 1, "a movement has a line");
        for (const auto& stored :
             {movement.business_id, movement.movement_id, movement.business_name, movement.business_type,
              movement.applicant, movement.remark, movement.merchant_reference}) {
            fuzz::check_stored(stored);
        }
    }
    fuzz::promise(is_packed(text) || !read({{"flow.csv", text}}), "a fund-flow bill is no statement");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.choice(3)) {
        case 0:
            check_bill(std::string(input.rest()));
            break;
        case 1:
            check_two(input);
            break;
        default:
            check_fund_flow(std::string(input.rest()));
    }
    return 0;
}
