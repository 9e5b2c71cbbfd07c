// UnionPay's settlement files: transactions (ZM), disputes (ZME) and the summary (RD2010), alone, together and packed;
// and rows that differ from a good one in a few fields, since bytes that are put in or left out break all fixed widths.
#include <array>

#include "core/archive.h"
#include "payments/channels/unionpay/settlement_writer.h"
#include "payments/channels/unionpay/statement.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace unionpay = payments::unionpay;
using payments::StatementFile;

const unionpay::SettlementDay kSettlement{"777290058110097", fuzz::kDay};
constexpr std::string_view kNextFile = "====";

payments::StatementReading read(const std::vector<StatementFile>& files) {
    return fuzz::checked(payments::with_lines([&](const payments::LineTaker& take) {
                             return unionpay::read_settlement(files, kSettlement, fuzz::context(), {}, take);
                         }),
                         files.size());
}

bool is_packed(std::string_view text) { return text.starts_with("\x1F\x8B") || text.starts_with("PK"); }

// One after the other, and all of them in the archive as UnionPay packs it: the same lines.
void check_files(const std::vector<StatementFile>& files) {
    const auto apart = read(files);
    std::vector<core::ArchiveMember> members;
    for (const auto& [name, bytes] : files) {
        if (is_packed(bytes)) {
            return;
        }
        members.push_back({name, bytes});
    }
    const auto together = read({{unionpay::archive_name(kSettlement), core::zip(members)}});
    if (apart) {
        fuzz::promise(together && fuzz::same_lines(*apart, *together), "packed, the files say the same");
    }
}

std::vector<StatementFile> files_from(fuzz::Input input) {
    std::vector<StatementFile> files;
    for (const auto& name : {unionpay::transactions_name(kSettlement), unionpay::disputes_name(kSettlement),
                             unionpay::summary_name(kSettlement)}) {
        if (const std::string bytes(input.part(kNextFile)); !bytes.empty() || files.empty()) {
            files.push_back({name, bytes});
        }
    }
    return files;
}

unionpay::RowWriter good_row() {
    namespace zm = unionpay::zm;
    unionpay::RowWriter row(unionpay::zm_layout());
    row.text(zm::kCode, "S56").text(zm::kTraceNo, "449221").text(zm::kTraceTime, "1118112144");
    row.text(zm::kAccount, "622155******0000").fen(zm::kAmount, 12345).directed(zm::kFee, -74);
    row.directed(zm::kSettled, 12271).directed(zm::kNet, 12271).text(zm::kTxnType, "01");
    row.text(zm::kQueryId, "432611181121443244922").text(zm::kOrderId, "U26111800000GEz9J");
    row.text(zm::kMerchantId, kSettlement.merchant_id);
    return row;
}

unionpay::RowWriter good_dispute() {
    namespace zme = unionpay::zme;
    unionpay::RowWriter row(unionpay::zme_layout());
    row.text(zme::kCode, "E73").text(zme::kTraceNo, "449221").text(zme::kTraceTime, "1118112144");
    row.text(zme::kAccount, "622155******0000").fen(zme::kAmount, 5000).text(zme::kOrigTraceNo, "449001");
    row.text(zme::kOrigTraceTime, "1101101010").text(zme::kOrigSettleDate, "1101").fen(zme::kOrigAmount, 5000);
    row.directed(zme::kFee, 0).directed(zme::kSettled, -5000).text(zme::kMerchantId, kSettlement.merchant_id);
    return row;
}

// Lines "FIELD VALUE": the field by a character, the value's bytes as they are, cut or padded to the field's width.
std::string patched(const unionpay::Layout& layout, std::string row, fuzz::Input& input) {
    while (!input.empty()) {
        const auto line = input.line();
        if (line.empty()) {
            break;
        }
        const auto field = (static_cast<unsigned char>(line.front()) - 32U) % layout.widths.size();
        std::size_t at = 0;
        for (std::size_t i = 0; i < field; ++i) {
            at += layout.widths[i] + 1U;
        }
        std::string value(line.substr(1));
        value.resize(layout.widths[field], ' ');
        row.replace(at, value.size(), value);
    }
    return row;
}

void check_patched(fuzz::Input input) {
    std::string rows;
    std::string disputes;
    while (!input.empty()) {
        rows += patched(unionpay::zm_layout(), good_row().row(), input);
        disputes += patched(unionpay::zme_layout(), good_dispute().row(), input);
    }
    check_files({{unionpay::transactions_name(kSettlement), rows}, {unionpay::disputes_name(kSettlement), disputes}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.choice(4)) {
        case 0:
            check_files({{unionpay::transactions_name(kSettlement), std::string(input.rest())}});
            break;
        case 1:
            check_files(files_from(input));
            break;
        case 2:
            check_patched(input);
            break;
        default:
            static_cast<void>(read({{unionpay::archive_name(kSettlement), std::string(input.rest())}}));
    }
    return 0;
}
