// The forms a statement comes in, and the ways in which one comes wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "payments/channel.h"
#include "payments/simulator.h"

namespace bench {

using Files = std::vector<payments::StatementFile>;

// What lies in the files, each unpacked under its own name.
Files unpacked(const Files& files);

// The one that holds the day's rows, packed or not.
payments::StatementFile& file_of_rows(Files& files);

// By chance with or without a byte-order mark where the channel's reader takes both, with LF or CRLF, and plain, as
// .gz or in a .zip.
class Form {
public:
    Form(std::string channel, payments::Random& random);

    // "wechatpay, mark, CRLF, gz"
    std::string name() const;
    // `files` are unpacked; `archive` is what a .zip of them is called.
    Files apply(Files files, const std::string& archive) const;

private:
    enum class Packing { plain, gz, zip };

    std::string channel_;
    bool mark_;
    bool crlf_;
    Packing packing_;
};

enum class Damage { torn_row, mixed_encodings, rows_twice, files_twice, other_merchant };
constexpr Damage kDamages[] = {Damage::torn_row, Damage::mixed_encodings, Damage::rows_twice, Damage::files_twice,
                               Damage::other_merchant};

std::string name_of(Damage damage);
// Whether a refusal of it has to name a line.
bool is_in_a_row(Damage damage);
// Unpacked files with it; nothing where the channel's files can't have it: UnionPay's rows are in no encoding that
// another would break, and hold no heading that shows where the file begins again; Stripe's name no merchant.
std::optional<Files> damaged(Damage damage, const std::string& channel, Files files);

}  // namespace bench
