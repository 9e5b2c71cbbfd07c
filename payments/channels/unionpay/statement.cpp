#include "payments/channels/unionpay/statement.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "core/text/encoding.h"
#include "payments/channels/unionpay/dates.h"
#include "payments/channels/unionpay/settlement_summary.h"

namespace payments::unionpay {

namespace {

using Refusal = std::optional<StatementRefusal>;  // nothing: go on

constexpr std::string_view kFetchAgain = "fetch the file from UnionPay again";
constexpr std::string_view kCheckFolder = "put the file of this merchant and day here";

bool is_safe_name(std::string_view name) {
    return core::text::is_valid_utf8(name) && std::none_of(name.begin(), name.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20U || c == '\x7f';
           });
}

// Only the last part counts, and only to be recognised: no name is ever used as a path.
std::string_view last_part(std::string_view name) {
    const auto slash = name.find_last_of("/\\");
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

std::string_view without_suffix(std::string_view name, std::string_view suffix) {
    return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

// Reads the files of one day, one after the other; the summary is compared at the end, when all rows are known.
class Reader {
public:
    Reader(const SettlementDay& settlement, const ChannelContext& context, RowPick pick, const LineTaker& take)
        : settlement_(settlement), context_(context), pick_(pick), take_(take) {}

    Refusal read_file(const StatementFile& file) {
        auto sha256 = pick_.all() ? core::crypto::sha256_hex(file.bytes) : std::string();
        for (const auto& earlier : statement_.files) {
            if (pick_.all() && earlier.sha256 == sha256) {
                return refusal(file.name, 0, "", "is the same file as " + earlier.name, "give each file once");
            }
        }
        statement_.files.push_back({file.name, std::move(sha256), 0});
        if (auto refused = check_archive_name(file.name)) {
            return refused;
        }
        if (!core::is_packed(file.bytes)) {
            return read_member(file.name, "", file.bytes);
        }
        const auto members = core::unpack(file.bytes);
        if (!members) {
            return refusal(file.name, 0, "", members.error(), kFetchAgain);
        }
        for (const auto& member : *members) {
            if (auto refused = read_member(file.name, member.name, member.bytes)) {
                return refused;
            }
        }
        return std::nullopt;
    }

    Refusal finish() {
        if (!seen_.contains(MemberName::Kind::transactions)) {
            const auto file = statement_.files.empty() ? std::string("statement") : statement_.files.front().name;
            return refusal(file, 0, "", "there is no file of transactions (INN…ZM_" + settlement_.merchant_id + ")",
                           "keep the name UnionPay gave the file");
        }
        statement_.dialect = "unionpay ZM (42 fields of GBK)";
        return summary_.empty() ? std::nullopt : compare_summary();
    }

    Statement take() { return std::move(statement_); }

private:
    static StatementRefusal refusal(std::string file, std::uint64_t line, std::string field, std::string what,
                                    std::string_view remedy) {
        return {std::move(file), line, std::move(field), std::move(what), std::string(remedy)};
    }

    // MERID_YYYYMMDD.zip; a file by any other name is judged by its members alone.
    Refusal check_archive_name(const std::string& name) const {
        const auto stem = without_suffix(name, ".zip");
        const auto underscore = stem.find('_');
        if (stem.size() == name.size() || underscore == std::string_view::npos) {
            return std::nullopt;
        }
        const auto merchant = stem.substr(0, underscore);
        const auto day = stem.substr(underscore + 1);
        if (!all_digits(merchant) || !all_digits(day) || day.size() != 8) {
            return std::nullopt;
        }
        return check_owner(name, merchant, day);
    }

    Refusal check_owner(const std::string& where, std::string_view merchant, std::string_view day) const {
        if (merchant != settlement_.merchant_id) {
            return refusal(where, 0, "",
                           "is of merchant " + context_.redact(merchant) + ", not of " + settlement_.merchant_id,
                           kCheckFolder);
        }
        if (day_from_text(day) != settlement_.day) {
            return refusal(
                where, 0, "",
                "is of settlement date " + std::string(day) + ", not of " + core::format_day(settlement_.day),
                kCheckFolder);
        }
        return std::nullopt;
    }

    // `member`: empty where the file isn't packed.
    Refusal read_member(const std::string& file, const std::string& member, std::string_view bytes) {
        if (!is_safe_name(member)) {
            return refusal(file, 0, "", "a member's name is no plain text", kFetchAgain);
        }
        const auto where = member.empty() ? file : file + "!" + member;
        const auto name = recognised(without_suffix(last_part(member.empty() ? file : member), ".gz"));
        if (name.kind == MemberName::Kind::unknown) {
            return skip(where, member);
        }
        const auto merchant = without_suffix(name.merchant, ".txt");
        if (auto refused = check_owner(where, merchant, name.day)) {
            return refused;
        }
        if (const auto [seen, first] = seen_.emplace(name.kind, where); !first) {
            return refusal(where, 0, "", "is the second file of its kind beside " + seen->second,
                           "give one day's files once");
        }
        if (name.kind == MemberName::Kind::summary) {
            summary_ = where;
            return decode_summary(bytes);
        }
        return read_rows(where, member, bytes, name.kind);
    }

    // Inside an archive a stranger is UnionPay's business; a stranger given by itself is somebody's mistake.
    Refusal skip(const std::string& where, const std::string& member) {
        if (member.empty()) {
            return refusal(where, 0, "", "is no settlement file that is known",
                           "give MERID_YYYYMMDD.zip or INN…ZM_… under the name UnionPay gave it");
        }
        statement_.warnings.push_back(context_.redact(where) + " is no member that is known; it was left out");
        return std::nullopt;
    }

    Refusal read_rows(const std::string& where, const std::string& member, std::string_view bytes,
                      MemberName::Kind kind) {
        const std::string shown = context_.redact(member);
        std::uint64_t line = 0;
        for (std::size_t from = 0; from < bytes.size();) {
            ++line;
            const auto end = bytes.find('\n', from);
            if (end == std::string_view::npos) {
                return refusal(where, line, "", "the last row has no line end: the file is cut short", kFetchAgain);
            }
            const auto row = without_suffix(bytes.substr(from, end - from), "\r");
            const Place place{where, shown, line, from, end + 1 - from};
            from = end + 1;
            if (row.empty() && from == bytes.size()) {
                break;  // an empty line at the very end
            }
            if (!pick_.wants_next()) {
                continue;
            }
            auto refused =
                kind == MemberName::Kind::transactions ? read_transaction(place, row) : read_dispute(place, row);
            if (refused) {
                return refused;
            }
        }
        return std::nullopt;
    }

    struct Place {
        const std::string& where;
        const std::string& member;
        std::uint64_t line;
        std::uint64_t begin;
        std::uint64_t bytes;
    };

    Refusal read_transaction(const Place& place, std::string_view bytes) {
        auto row = read_zm_row(bytes, settlement_, context_);
        if (!row) {
            return refusal(place.where, place.line, row.error().field, row.error().what, kFetchAgain);
        }
        if (!row->moves_money) {
            warn(place, "a pre-authorisation that was not settled; it was left out");
            return std::nullopt;
        }
        totals_.add(*row);
        add_line(place, std::move(row->line));
        return std::nullopt;
    }

    Refusal read_dispute(const Place& place, std::string_view bytes) {
        auto line = read_zme_row(bytes, settlement_, context_);
        if (line) {
            add_line(place, *std::move(line));
        } else {
            warn(place, "a dispute that does not read (" + line.error().field + " " + line.error().what +
                            "); it was left out");
        }
        return std::nullopt;
    }

    void add_line(const Place& place, StatementLine line) {
        line.file_index = statement_.files.size() - 1;
        line.member = place.member;
        line.line = place.line;
        line.begin = place.begin;
        line.bytes = place.bytes;
        line.row = pick_.row();
        ++statement_.files.back().lines;
        take_(std::move(line));
    }

    void warn(const Place& place, const std::string& what) {
        statement_.warnings.push_back(place.where + ":" + std::to_string(place.line) + ": " + what);
    }

    Refusal decode_summary(std::string_view bytes) {
        const auto text = core::text::utf8_from_gbk(bytes);
        // Labels and figures of it are stored, and the database takes no NUL.
        if (!text || text->find('\0') != std::string::npos) {
            return refusal(summary_, 0, "", "is no GBK text", kFetchAgain);
        }
        parsed_summary_ = read_summary(*text);
        if (parsed_summary_.torn_line > 0) {
            return refusal(summary_, parsed_summary_.torn_line, "总计", "has not the seven figures of its table",
                           kFetchAgain);
        }
        return std::nullopt;
    }

    Refusal compare_summary() {
        const auto& merchant = parsed_summary_.merchant_id;
        const auto& day = parsed_summary_.settlement_date;
        if (!merchant.empty() && !day.empty()) {
            if (auto refused = check_owner(summary_, merchant, day)) {
                return refused;
            }
        }
        statement_.totals = compare(parsed_summary_, totals_);
        if (statement_.totals.empty()) {
            statement_.warnings.push_back(summary_ + " has no 总计 that reads; there are no totals to compare");
        }
        return std::nullopt;
    }

    const SettlementDay& settlement_;
    const ChannelContext& context_;
    RowPick pick_;
    const LineTaker& take_;
    Statement statement_;
    std::map<MemberName::Kind, std::string> seen_;  // and where
    std::string summary_;                           // where; empty when there is none
    Summary parsed_summary_;
    SettlementTotals totals_;
};

}  // namespace

MemberName recognised(std::string_view name) {
    constexpr std::size_t kDayLength = 6;
    constexpr std::size_t kHeadLength = 11;         // INN YYMMDD nn
    constexpr std::size_t kSummaryHeadLength = 14;  // RD2010 YYMMDD 01
    if (name.starts_with("INN") && name.size() > kHeadLength) {
        const auto day = name.substr(3, kDayLength);
        const auto tail = name.substr(kHeadLength);
        if (tail.starts_with("ZM_")) {
            return {MemberName::Kind::transactions, day, tail.substr(3)};
        }
        if (tail.starts_with("ZME_")) {
            return {MemberName::Kind::disputes, day, tail.substr(4)};
        }
    }
    if (name.starts_with("RD2010") && name.size() > kSummaryHeadLength && name[kSummaryHeadLength] == '_') {
        return {MemberName::Kind::summary, name.substr(6, kDayLength), name.substr(kSummaryHeadLength + 1)};
    }
    return {};
}

core::Result<Statement, StatementRefusal> read_settlement(const std::vector<StatementFile>& files,
                                                          const SettlementDay& settlement,
                                                          const ChannelContext& context, RowPick pick,
                                                          const LineTaker& take) {
    Reader reader(settlement, context, pick, take);
    for (const auto& file : files) {
        if (auto refused = reader.read_file(file)) {
            return core::Refused{without_cards(*std::move(refused), context.redact)};
        }
    }
    if (auto refused = reader.finish()) {
        return core::Refused{without_cards(*std::move(refused), context.redact)};
    }
    return without_cards(reader.take(), context.redact);
}

}  // namespace payments::unionpay
