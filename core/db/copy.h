// Many rows at the pace the server gives them: COPY in its binary form, a row at a time, nothing kept.
//
//     core::db::copy_out(transaction, kMovements, {channel, day}, [&](const core::db::CopiedRow& row) {
//         sum += row.integer(0);
//     });
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/db/database.h"

namespace core::db {

// One row; valid until the next one is given.
class CopiedRow {
public:
    // The server's bytes of one tuple, from its count of columns on. Throws BrokenRule when they are no tuple.
    explicit CopiedRow(std::string_view bytes);
    // Goes over to another row.
    void read(std::string_view bytes);

    bool is_null(std::size_t column) const;
    // Empty for null.
    std::string_view text(std::size_t column) const;
    // smallint, integer or bigint. Throws BrokenRule for what is none of them.
    std::int64_t integer(std::size_t column) const;
    bool boolean(std::size_t column) const;

private:
    struct Cell {
        const char* begin;
        std::int32_t size;  // -1: null
    };
    const Cell& cell(std::size_t column) const;

    std::vector<Cell> cells_;
};

// `sql` is a COPY (SELECT ...) TO STDOUT (FORMAT binary), which takes no parameters: the select reads these values as
// current_setting('duizhang.copy_1') and so on, which hold for the transaction. Throws DatabaseFailure.
void copy_out(Transaction& transaction, const char* sql, const std::vector<std::string>& values,
              const std::function<void(const CopiedRow&)>& take);

}  // namespace core::db
