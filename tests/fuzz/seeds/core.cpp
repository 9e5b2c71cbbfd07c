#include "core/archive.h"
#include "core/crypto/encoding.h"
#include "core/text/encoding.h"
#include "tests/fuzz/certificates.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/support/card_corpus.h"

namespace fuzz::seeds {
namespace {

const std::string kOrders =
    "merchant_order_id,amount,currency,created_at,split,description\n"
    "W1,12345,CNY,2026-11-17T08:52:12Z,,茶\n\"S-2\",500,JPY,2026-11-17T23:59:59+08:00,,\"a \"\"b\"\"\"\n";
const std::string kOrderLines =
    R"({"merchant_order_id":"W1","amount":12345,"currency":"CNY","created_at":"2026-11-17T08:52:12Z"})"
    "\n"
    R"({"merchant_order_id":"4242424242424242","amount":1,"currency":"KWD","created_at":"2026-11-17T08:52:12.5-05:00",)"
    R"("description":"4242 4242 4242 4242"})"
    "\n";
const std::string kEntry =
    R"({"source_key":"rent","business_date":"2026-11-30","occurred_at":"2026-11-30T09:00:00Z","description":"office",)"
    R"("legs":[{"account":"expense:rent","currency":"CNY","amount":5},)"
    R"({"account":"bank:main","currency":"CNY","amount":-5}]})";
const std::string kCharge =
    R"({"source_key":"call-1","customer":"c-17","plan":"api","event":"report","quantity":3,"at":"2026-11-30T09:00:00Z"})";
const std::string kBooks =
    "channel_txn_id,merchant_order_id,type,amount,fee,currency,status,occurred_at\n"
    "ch_1,W1,payment,12345,74,CNY,captured,2026-11-18T07:01:04Z\nre_1,W1,refund,-500,-3,CNY,captured,\n";
const std::string kOther =
    "\xEF\xBB\xBF微信订单号;商户订单号;交易类型;订单金额;手续费;货币种类;交易状态;交易时间\r\n"
    "`ch_1;`W1;`支付;`12346;`74;`CNY;`SUCCESS;`2026-11-18 15:01:04\r\n`ch_2;`W2;`退款;`5;`0;`USD;`;`\r\n";

std::string der_of(std::string_view pem) {
    auto text = replaced(std::string(pem), "-----BEGIN CERTIFICATE-----", "");
    text = replaced(replaced(text, "-----END CERTIFICATE-----", ""), "\n", "");
    return *core::crypto::base64_decode(text);
}

void write_texts(Writer& writer) {
    writer.add("json", "0",
               {R"({"a":[1,-2.5e+10,true,false,null,"\u00e9\ud83d\ude00\n"],"b":{"c":{}}})", "[[[[]]]]", R"("text")",
                "0", "-0", "1e5", R"({"a":1,"a":2})", "  [ ] "});
    writer.add("published", "0",
               {R"({"version":1,"tenant":"shop","seal":1,"after_entry":0,"until_entry":9,"entries":2,)"
                R"("sealed_at":"2026-11-22T23:11:50.123Z","previous":"","digest":"8efc","signature":"00ff",)"
                R"("entry_ids":"{1,7}","leaves":"0102"})"});
    writer.add(
        "published", "1",
        {R"({"version":1,"tenant":"shop","closed_until":"2026-11-18","after_day":"","until_entry":9,"entries":2,)"
         R"("entries_digest":"01","trial_balance_digest":"02","accepted":"","closed_at":"2026-11-22T23:11:50Z",)"
         R"("previous":"","digest":"03","signature":"04"})"});
    writer.add("published", "2", {"{1,2,-5}", "{}", "00ff", "9223372036854775808"});
    // An amount is '0' on the left or '1' on the right, and a byte.
    writer.add("subset", "00", {"0d1<1(", "0d1<1<1(", "0P0P1P1P1P", "0a1b"});
    writer.add("subset", "12", {"0d1<1'", "0!0\"0#0$1%1&1'1(1)"});
    writer.add("json", "1", {R"({"a":{"b":[1]}})", "[[[[1]]]]"});
    writer.add("csv", {"00a,b,c\r\n1,\"two \"\"2\"\"\",\"3\n4\"\r\n", "10x;y\n=1+1;@a\n", "20a\tb\n-5\t+5\n",
                       "31\xEF\xBB\xBF"
                       "a|b|c|d|e\n",
                       "00\"not closed", "00\"closed\"text\n",
                       "01=a,\xEF\xBC\x9D"
                       "b\n"});
    writer.add("form", "0", {"a=1&b=%E4%B8%AD+x&c=", "a=1&a=2", "a=%zz", "=1", "a=%00", "a"});
    writer.add("form", "1",
               {"\xD6\xD0\xCE\xC4", "\x80", "\x81\x30\x81\x30", "中文 text", "\xF0\x9F\x98\x80", "\x95\x32\x82\x36"});
    writer.add("form", "2", {"aGVsbG8=", "aGVsbG9=", "00ff7F", "a", "YQ=="});
    std::vector<std::string> written;
    for (const auto& one : test_support::card_corpus()) {
        const bool is_short = one.text.size() < 1000;
        if (is_short && one.card == "UnionPay 19") {
            written.push_back(one.text);
        }
    }
    writer.add("scan", "7", written);
    writer.add("scan", "7",
               {"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN", "sk_live_51AbCdEfGhIjKl", R"("cvv":"123")",
                R"({"out_trade_no":"4242424242424242"})", "a,order_id\n1,4242424242424242\n",
                "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", "3.78282246310005E+14", "card 42424242=\r\n42424242"});
    writer.add("redact", "",
               {"4242424242424242", "card 4242 4242 4242 4242 12/30", "4242-4242-4242-4242.00", "378282246310005",
                "6221558812340000", "424242******4242~abcdefghijklmnop", "5555555555554444 4000056655665556",
                "4200000925202611184997714292", "30569309025904.3566002020360505_6011111111111117"});
}

void write_values(Writer& writer) {
    writer.add("amount", {"20123.45", "24-0.05", "205", "30+1.500", "200.15000", "20999999999999.99", "00-7", "20.5",
                          "205.", "219223372036854775807", "20-92233720368547758.08", "B0000000476800", "2:1e5",
                          "240123456789012", "20CNY", "20156", "251000", "2600", "2742"});
    writer.add("time",
               {"2026-11-18T07:01:04Z", "2026-11-18T15:01:04.123+08:00", "2026-11-18", "2026-11-18 15:01:04",
                "20261118150104", "1118150104", "1118", "0229", "261118", "2024-02-29", "2026-11-18 15：01：04",
                "2026-03-08 02:30:00", "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00Z", "1986-05-04 00:30:00"});
    writer.add("fulfilments", {"merchant_order_id,fulfilled_at\nW1,2026-11-18T08:00:00Z\n",
                               R"({"merchant_order_id":"W1","fulfilled_at":"2026-11-18T16:00:00+08:00"})",
                               "W1,2026-11-18T08:00:00Z\n"});
    writer.add("orders", {kOrders, kOrderLines, "\xEF\xBB\xBF" + kOrders, "{}", "W1,12345\n"});
    writer.add("orders",
               {R"({"merchant_order_id":"W1","amount":{"amount":12345,"currency":"CNY"},"description":"a"})"});
    writer.add("entries", {replaced(replaced(kEntry, R"("source_key":"rent",)", ""), R"("currency":"CNY","amount":5)",
                                    R"("amount":{"amount":5,"currency":"CNY"})")});
    writer.add(
        "api",
        {"0from=2026-11-18&channel=stripe&limit=7", "0id=a%20b&cursor=00", "0cursor=" + std::string(64, '0'),
         "1from=2026-11-18\n2026-11-18\x1Fstripe\x1F"
         "ch_1",
         "1\na\nb", "2Bearer dz_acme_123456789012_" + std::string(43, 's'), "2bearer x", "2Basic eDp5",
         R"(3{"account":"payable:seller","amount":{"amount":5,"currency":"CNY"},"text":"a","day":"2026-11-30","number":3,"flag":true,"time":"2026-11-30T09:00:00Z"})",
         R"(3{"account":"bank:main","amount":5,"currency":"CNY","text":"","colour":1})"});
    writer.add("entries", {kEntry, kEntry + "\r\n\n" + replaced(kEntry, "rent", "more"), "\xEF\xBB\xBF" + kEntry, "{}",
                           replaced(kEntry, "office", "card 4242424242424242"), replaced(kEntry, "-5", "-4")});
    writer.add("charges",
               {kCharge, kCharge + "\n" + replaced(kCharge, "call-1", "card 4242424242424242"),
                replaced(kCharge, "c-17", "4242424242424242"), replaced(kCharge, "3", "1000000000000"),
                R"({"source_key":"k","customer":"c","plan":"api"})", R"({"customer":"c","plan":"api"})", "{}"});
    // Where in two bytes, and what stands there then; two bytes alone: where it ends.
    writer.add("kept", {"0", std::string("0\0\x30x", 4), std::string("0\1\0", 3), std::string("0\0\x50\0\2\0\1", 7),
                        "1", std::string("1\0\0z", 4), std::string("1\x10\0", 3), "20", std::string("20\0\x10\xff", 5),
                        std::string("20\0\x08", 4), std::string("21\0\0\xff", 5), std::string("21\0\1\xff", 5),
                        std::string("22\0\0", 4), std::string("23\0\4\x7f", 5)});
    writer.add("diff", {"0" + kBooks + "\n====\n" + kBooks, "0" + kBooks + "\n====\n" + kOther,
                        "1" + replaced(kBooks, "12345", "123.45") + "\n====\n" + kOther});
}

}  // namespace

void write_core(Writer& writer) {
    write_texts(writer);
    write_values(writer);
    const std::string text = "some text that is packed, that is packed, that is packed";
    const auto zipped = core::zip({{"a.csv", text}, {"b/c.txt", "second"}});
    writer.add("scan_archive", "1",
               {core::gzip(text), core::zip({{"a", text}, {"b.gz", core::gzip("card 4242424242424242")}}),
                std::string("PGDMP\x01\x0e\x00\x04\x08\x01\x00\x00", 13) + std::string(60, '\0'), "070701",
                std::string("Rar!\x1A\x07\x01")});
    writer.add("archive", "0",
               {core::gzip(text), zipped, core::gzip(text) + core::gzip("more"), text, core::zip({}), core::gzip("")});
    writer.add("archive", "1", {text, ""});
    writer.add("archive", "2", {std::string("\x10\x01", 2)});
    writer.add("archive", "3", {std::string("\x03\x01", 2)});
    writer.add("archive", "4", {core::zlib_deflate(text), core::zlib_deflate(text).substr(2)});
    writer.add("certificate", "0", {std::string(kSignerPem), std::string(kRootPem)});
    writer.add("certificate", "1", {der_of(kSignerPem), der_of(kRootPem)});
    writer.add("certificate", "2", {"", std::string("\x00\x10\x02", 3)});
    writer.add(
        "certificate", "3",
        {*core::crypto::base64_decode("MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEm67Xl7E8mVwCeQHqi5q6PTVFAGWyUUNGnGDkQlJ"
                                      "op7i8elDAFF24/DOuXv8t0BdwnTyGGGnZUbgmajc5jeIX1g==")});
}

}  // namespace fuzz::seeds
