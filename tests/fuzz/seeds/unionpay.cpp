#include "core/archive.h"
#include "core/crypto/encoding.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/unit/channel_unionpay/settlement.h"

namespace fuzz::seeds {
namespace {

namespace test = payments::unionpay::test;
using payments::unionpay::Fields;

Fields with(Fields fields, const std::string& name, const std::string& value) {
    fields[name] = value;
    return fields;
}

std::vector<std::string> forms() {
    std::vector<std::string> all;
    const auto payment = test::payment_fields();
    for (const auto& fields :
         {payment, test::refund_fields(), with(payment, "txnType", "31"), with(payment, "txnType", "02"),
          with(payment, "respCode", "04"), with(payment, "respCode", "51"), with(payment, "accNo", "6221558812340000"),
          with(payment, "settleDate", ""), with(payment, "currencyCode", "840"), with(payment, "settleDate", "0101")}) {
        all.push_back(test::form(fields));
    }
    return all;
}

std::string response() {
    return "accessType=0&respCode=00&fileName=777290058110097_20261118.zip&customerInfo={a=1&b=[2]}&x=[&]&signature=a="
           "=";
}

}  // namespace

void write_unionpay(Writer& writer) {
    for (const char* variant : {"0", "1", "2", "3", "4", "6"}) {
        writer.add("unionpay_callback", variant, forms());
    }
    const auto signed_form = test::form(test::well_signed(test::payment_fields()));
    writer.add("unionpay_callback", "6", {signed_form});

    const auto zip = core::zip({{payments::unionpay::transactions_name(test::kDay), test::payment_row().row()}});
    writer.add("unionpay_response", "0", {response(), "a=1", "a={", "=", "a=&b="});
    writer.add("unionpay_response", "1", {core::crypto::base64_encode(core::zlib_deflate(zip))});
    writer.add("unionpay_response", "2", {zip});

    const auto rows = test::payment_row().row() + test::refund_row().row();
    const auto summary = test::summary(test::payment_totals());
    const auto dispute = test::payment_row().row().substr(0, 337) + "\r\n";
    writer.add("unionpay_statement",
               {"0" + rows, "1" + rows + "====" + dispute + "====" + summary, "1========" + summary, "0", "3" + zip,
                "3" + core::zip({{payments::unionpay::summary_name(test::kDay), summary}})});
    writer.add(
        "unionpay_statement", "2",
        {"", "&000000005000\n304\n0D0000000004970\n*R1\n\n", "302\n", "332\n0 0000000000000\n", "/C000000000074\n",
         "?\xD6\xD0\xCE\xC4\n", "%6221558812340000\n", "C6221558812340000\n\n&000000000001\n"});
}

}  // namespace fuzz::seeds
