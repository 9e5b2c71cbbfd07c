#include "reconciliation/impl/day_stream.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "reconciliation/engine/cancel.h"
#include "reconciliation/engine/fingerprint.h"
#include "reconciliation/engine/workers.h"
#include "reconciliation/impl/records.h"
#include "reconciliation/matching/content.h"

namespace reconciliation {
namespace {

using engine::Entry;
using payments::StatementLine;

// Entries that stand for no record: whatever bears their name is kept. Beyond every row and movement.
constexpr std::uint64_t kHeldPlace = std::uint64_t{1} << 62U;
// States. Only `agrees` is the same on both sides: what isn't plain never cancels.
constexpr std::uint64_t kAgrees = 1;
constexpr std::uint64_t kOddLine = 2;
constexpr std::uint64_t kOddMovement = 3;
constexpr std::uint64_t kUsualLineBytes = 250;
constexpr std::uint64_t kProgramBytes = std::uint64_t{48} << 20U;
constexpr std::uint64_t kRecordBytes = 2048;  // a line or movement that is looked at closely, with its row of the list
// Partitions are sized for a file that is about so much smaller packed.
constexpr std::uint64_t kPackedRatio = 8;

// Numbers of currencies, of which a day has few.
class Units {
public:
    explicit Units(const engine::Fingerprints& fingerprints) : fingerprints_(fingerprints) {}
    std::uint64_t of(std::string_view currency) {
        const auto known =
            std::find_if(units_.begin(), units_.end(), [&](const auto& u) { return u.first == currency; });
        // Both sides count the currency's own minor units, so its decimals needn't be told apart.
        return known != units_.end()
                   ? known->second
                   : units_.emplace_back(std::string(currency), fingerprints_.unit_of(currency, 0)).second;
    }

private:
    const engine::Fingerprints& fingerprints_;
    std::vector<std::pair<std::string, std::uint64_t>> units_;
};

// The sum of what cancelled, as a statement's lines have it.
class Settled {
public:
    void add(const StatementLine& line, bool on_funds, int sign) {
        if (!on_funds) {
            add_to(amounts_[std::string(line.amount.currency().code())], sign * line.amount.minor());
        }
        if (line.fee) {
            add_to(fees_[std::string(line.fee->currency().code())], sign * line.fee->minor());
        }
    }

    std::vector<Proved> items() const {
        std::vector<Proved> items;
        for (const auto& [currency, minor] : amounts_) {
            items.push_back(
                {Proved::How::settled, payments::TransactionType::payment, minor, currency, std::nullopt, "", false});
        }
        for (const auto& [currency, minor] : fees_) {
            items.push_back(
                {Proved::How::settled, payments::TransactionType::payment, 0, currency, minor, currency, true});
        }
        return items;
    }

private:
    AmountByCurrency amounts_, fees_;
};

// Adds that keep a side's digest the same in any order.
struct SideSums {
    std::uint64_t names = 0;
    std::uint64_t wholes = 0;
    void add(const engine::Fingerprint& print) {
        names += print.name;
        wholes += print.whole;
    }
};

// Thrown to end the reading of the books when the statement was refused meanwhile.
struct NotNeeded {};

class DayStream {
public:
    DayStream(const JobContext& context, core::db::TenantTransaction& transaction, const Day& day,
              const std::vector<payments::StatementFile>& files)
        : context_(context),
          transaction_(transaction),
          day_(day),
          files_(files),
          spread_(expected_lines(files), room(context), 2, std::filesystem::temp_directory_path()),
          lines_(spread_),
          movements_(spread_) {}

    StreamedDay run(const std::vector<OpenItem>& items) {
        read_both();
        hold(items);
        auto left = engine::cancel_all(movements_, lines_, spread_.count(), 2, {});
        look_closely(left);
        result_.settled_pairs = left.cancelled;
        result_.settled = settled_.items();
        result_.digest = digest();
        return std::move(result_);
    }

private:
    static std::uint64_t room(const JobContext& context) {
        return context.memory_bytes_max - std::min(kProgramBytes, context.memory_bytes_max / 2);
    }

    static std::uint64_t expected_lines(const std::vector<payments::StatementFile>& files) {
        std::uint64_t bytes = 0;
        for (const auto& file : files) {
            const bool packed = file.bytes.starts_with("PK") || file.bytes.starts_with("\x1F\x8B");
            bytes += file.bytes.size() * (packed ? kPackedRatio : 1);
        }
        return bytes / kUsualLineBytes;
    }

    // Side by side: the statement is read here while the server looks for the movements.
    void read_both() {
        std::atomic<bool> refused{false};
        std::optional<payments::StatementRefusal> refusal;
        try {
            engine::run_workers(2, [&](unsigned worker) {
                if (worker == 0) {
                    read_movements(refused);
                    return;
                }
                auto statement = read_statement();
                if (statement) {
                    result_.statement = *std::move(statement);
                } else {
                    refusal = statement.error();
                    refused = true;
                }
            });
        } catch (const NotNeeded&) {
            core::ensure(refusal.has_value(), "the books aren't needed for a statement that is refused");
        }
        if (refusal) {
            throw core::InputError(refusal->message());
        }
    }

    payments::StatementReading read_statement() {
        engine::Partitions::Writer writer(lines_);
        Units units(fingerprints_);
        auto reading = day_.channel.read_lines(files_, day_.business_day, {}, [&](StatementLine&& line) {
            result_.line_totals.add(line);
            const auto& id = line.channel_txn_id.text();
            const bool plain = is_plain(line);
            const auto print = fingerprints_.of(line.type, id,
                                                {line.amount.minor(), std::nullopt,
                                                 units.of(line.amount.currency().code()), plain ? kAgrees : kOddLine});
            line_sums_.add(print);
            if (plain) {
                settled_.add(line, is_on_funds(line), 1);
            }
            if (id.empty()) {
                nameless_.push_back(line.row);
                if (const auto alias = line.attributes.find("balance_transaction"); alias != line.attributes.end()) {
                    aliases_.push_back(alias->second);
                }
                return;
            }
            writer.add({print.name, print.whole, line.row << 1U});
        });
        writer.flush();
        return reading;
    }

    // Nothing about it keeps it from being settled, if the books say the same.
    bool is_plain(const StatementLine& line) const {
        const auto expected = expected_fee(line, day_.fees, day_.channel, day_.business_day);
        return line.status == payments::TransactionStatus::captured && !line.channel_txn_id.text().empty() &&
               (!expected || line.fee->minor() == *expected);
    }

    void read_movements(const std::atomic<bool>& refused) {
        engine::Partitions::Writer writer(movements_);
        Units units(fingerprints_);
        stream_movements(transaction_, day_.channel.name(), day_.business_day, [&](const StreamedMovement& movement) {
            if (refused) {
                throw NotNeeded();
            }
            result_.agreed.add(movement.id);
            result_.book_totals.add(movement.type, movement.currency, movement.amount);
            const auto print = fingerprints_.of(movement.type, movement.channel_txn_id,
                                                {movement.amount, std::nullopt, units.of(movement.currency),
                                                 movement.is_plain ? kAgrees : kOddMovement});
            movement_sums_.add(print);
            writer.add({print.name, print.whole, static_cast<std::uint64_t>(movement.id) << 1U});
        });
        writer.flush();
    }

    // Whatever bears the name of an open item, is what a line without id means, or stands in a group of another day, is
    // looked at closely.
    void hold(const std::vector<OpenItem>& items) {
        engine::Partitions::Writer movements(movements_);
        engine::Partitions::Writer lines(lines_);
        const auto add = [&](payments::TransactionType type, std::string_view id) {
            const auto name = fingerprints_.name_of(type, id);
            movements.add({name, 0, kHeldPlace << 1U});
            lines.add({name, 1, kHeldPlace << 1U});
        };
        for (const auto& item : items) {
            add(item.record.type, item.record.channel_txn_id);
        }
        for (const auto& [type, id] :
             movements_called(transaction_, day_.channel.name(), day_.business_day, aliases_)) {
            add(type, id);
        }
        for (const auto& [type, id] : movements_in_rules(transaction_, day_.channel.name(), day_.business_day)) {
            add(type, id);
        }
        movements.flush();
        lines.flush();
    }

    // Places without those that stand for no record.
    static std::vector<std::uint64_t> places(const std::vector<std::uint64_t>& left) {
        std::vector<std::uint64_t> places;
        for (const auto at : left) {
            if (Entry::place_of(at) < kHeldPlace) {
                places.push_back(Entry::place_of(at));
            }
        }
        return places;
    }

    void look_closely(const engine::Leftovers& left) {
        auto rows = places(left.channel);
        rows.insert(rows.end(), nameless_.begin(), nameless_.end());
        std::sort(rows.begin(), rows.end());
        std::vector<std::int64_t> movements;
        for (const auto id : places(left.ledger)) {
            movements.push_back(static_cast<std::int64_t>(id));
            result_.agreed.remove(movements.back());
        }
        require_room(rows.size() + movements.size());
        result_.lines.reserve(rows.size());
        const auto again =
            day_.channel.read_lines(files_, day_.business_day, payments::RowPick(rows), [&](StatementLine&& line) {
                if (is_plain(line)) {
                    settled_.add(line, is_on_funds(line), -1);
                }
                result_.lines.push_back(std::move(line));
            });
        core::ensure(again && result_.lines.size() == rows.size(), "a statement that was read reads the same again");
        core::ensure(result_.agreed.size() == left.cancelled, "what agrees is a movement and a line");
        result_.movements = movements_of(transaction_, day_.channel.name(), day_.business_day, movements);
    }

    void require_room(std::uint64_t records) const {
        if (records * kRecordBytes > context_.memory_bytes_max) {
            throw core::InputError(
                std::to_string(records) +
                " lines and movements differ, more than the memory has room for: see whether this is "
                "the right day's statement, or give more with --memory");
        }
    }

    std::string digest() const {
        std::string text;
        matching::append_text(text, day_.tenant.id.text());
        matching::append_text(text, day_.channel.name());
        for (const auto* sums : {&movement_sums_, &line_sums_}) {
            matching::append_number(text, static_cast<std::int64_t>(sums->names));
            matching::append_number(text, static_cast<std::int64_t>(sums->wholes));
        }
        for (const auto& amounts :
             {result_.book_totals.amounts(), result_.line_totals.amounts(), result_.line_totals.fees()}) {
            for (const auto& [currency, minor] : amounts) {
                matching::append_text(text, currency);
                matching::append_number(text, minor);
            }
        }
        return core::crypto::sha256_hex(text);
    }

    const JobContext& context_;
    core::db::TenantTransaction& transaction_;
    const Day& day_;
    const std::vector<payments::StatementFile>& files_;
    engine::Fingerprints fingerprints_;
    engine::Spread spread_;
    engine::Partitions lines_;
    engine::Partitions movements_;
    SideSums line_sums_;
    SideSums movement_sums_;
    Settled settled_;
    std::vector<std::uint64_t> nameless_;  // rows
    std::vector<std::string> aliases_;     // of nameless ones
    StreamedDay result_;
};

}  // namespace

StreamedDay stream_day(const JobContext& context, core::db::TenantTransaction& transaction, const Day& day,
                       const std::vector<payments::StatementFile>& files, const std::vector<OpenItem>& items) {
    return DayStream(context, transaction, day, files).run(items);
}

}  // namespace reconciliation
