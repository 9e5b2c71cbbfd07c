#include "core/db/copy.h"

#include <libpq-fe.h>

#include <memory>
#include <optional>

#include "core/db/connection.h"
#include "core/db/work.h"

namespace core::db {
namespace {

constexpr const char* kConnectionLost = "08006";
constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t kFlagsBytes = 4;

std::uint32_t big_endian(const char* bytes, std::size_t count) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        number = (number << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    return number;
}

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

Result own(PGresult* result) { return {result, PQclear}; }

DatabaseFailure refusal(const PGresult* result) {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* constraint = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    return {state == nullptr ? kConnectionLost : state, constraint == nullptr ? "" : constraint};
}

// Where the first tuple of the stream begins; nothing of it may be missing from its first message.
std::size_t after_header(std::string_view bytes) {
    const std::size_t fixed = kSignature.size() + 2 * kFlagsBytes;
    ensure(bytes.size() >= fixed && bytes.starts_with(kSignature), "COPY answers in its binary form");
    const std::size_t end = fixed + big_endian(bytes.data() + kSignature.size() + kFlagsBytes, 4);
    ensure(bytes.size() >= end, "COPY's header comes whole");
    return end;
}

}  // namespace

CopiedRow::CopiedRow(std::string_view bytes) { read(bytes); }

void CopiedRow::read(std::string_view bytes) {
    constexpr const char* kWhole = "COPY gives whole tuples";
    ensure(bytes.size() >= 2, kWhole);
    const std::size_t count = big_endian(bytes.data(), 2);
    bytes.remove_prefix(2);
    cells_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        ensure(bytes.size() >= 4, kWhole);
        const auto size = static_cast<std::int32_t>(big_endian(bytes.data(), 4));
        bytes.remove_prefix(4);
        const auto taken = static_cast<std::size_t>(std::max(size, 0));
        ensure(size >= -1 && bytes.size() >= taken, kWhole);
        cells_.push_back({bytes.data(), size});
        bytes.remove_prefix(taken);
    }
    ensure(bytes.empty(), kWhole);
}

const CopiedRow::Cell& CopiedRow::cell(std::size_t column) const {
    ensure(column < cells_.size(), "a column that the COPY has");
    return cells_[column];
}

bool CopiedRow::is_null(std::size_t column) const { return cell(column).size < 0; }

std::string_view CopiedRow::text(std::size_t column) const {
    const Cell& at = cell(column);
    return {at.begin, static_cast<std::size_t>(std::max(at.size, 0))};
}

std::int64_t CopiedRow::integer(std::size_t column) const {
    const Cell& at = cell(column);
    switch (at.size) {
        case 2:
            return static_cast<std::int16_t>(big_endian(at.begin, 2));
        case 4:
            return static_cast<std::int32_t>(big_endian(at.begin, 4));
        case 8:
            return static_cast<std::int64_t>((std::uint64_t{big_endian(at.begin, 4)} << 32U) |
                                             big_endian(at.begin + 4, 4));
        default:
            throw BrokenRule("an integer column of a COPY holds one");
    }
}

bool CopiedRow::boolean(std::size_t column) const {
    const Cell& at = cell(column);
    ensure(at.size == 1, "a boolean column of a COPY holds one");
    return *at.begin != 0;
}

void Connection::copy_out(const char* sql, const std::function<void(const CopiedRow&)>& take) {
    PGconn* connection = session_.raw();
    {
        const auto begun = own(PQexec(connection, sql));
        if (begun == nullptr || PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
            throw refusal(begun.get());
        }
    }
    std::optional<CopiedRow> row;
    bool is_first = true;
    while (true) {
        char* buffer = nullptr;
        const int size = PQgetCopyData(connection, &buffer, 0);
        if (size < 0) {
            const auto ended = own(PQgetResult(connection));
            if (size != -1 || ended == nullptr || PQresultStatus(ended.get()) != PGRES_COMMAND_OK) {
                throw refusal(ended.get());
            }
            break;
        }
        const std::unique_ptr<char, decltype(&PQfreemem)> held(buffer, PQfreemem);
        std::string_view bytes(buffer, static_cast<std::size_t>(size));
        if (is_first) {
            bytes.remove_prefix(after_header(bytes));
            is_first = false;
        }
        const bool is_end = bytes.size() == 2 && big_endian(bytes.data(), 2) == 0xFFFF;
        if (bytes.empty() || is_end) {
            continue;
        }
        if (row) {
            row->read(bytes);
        } else {
            row.emplace(bytes);
        }
        take(*row);
    }
    while (own(PQgetResult(connection)) != nullptr) {
    }
}

void copy_out(Transaction& transaction, const char* sql, const std::vector<std::string>& values,
              const std::function<void(const CopiedRow&)>& take) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        run(transaction, "select set_config('duizhang.copy_' || $1, $2, true)", std::to_string(i + 1), values[i]);
    }
    work(transaction);  // with its checks
    try {
        detail::connection(transaction).copy_out(sql, take);
    } catch (const std::exception&) {
        detail::spoil(transaction);
        throw;
    }
}

}  // namespace core::db
