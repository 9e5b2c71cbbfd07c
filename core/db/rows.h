// What a statement answered: text as the server sent it, read on demand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct pg_result;  // libpq's

namespace core::db {

class Rows {
public:
    class Row {
    public:
        // Valid as long as the Rows; empty for null.
        std::string_view text(int column) const;
        // Throws BrokenRule for what is no integer of 64 bits.
        std::int64_t integer(int column) const;
        bool boolean(int column) const { return text(column) == "t"; }
        bool is_null(int column) const;

    private:
        friend class Rows;
        Row(const pg_result* result, int row) : result_(result), row_(row) {}
        const pg_result* result_;
        int row_;
    };
    class Iterator {
    public:
        Iterator(const Rows& rows, int at) : rows_(&rows), at_(at) {}
        Row operator*() const { return (*rows_)[static_cast<std::size_t>(at_)]; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return at_ != other.at_; }

    private:
        const Rows* rows_;
        int at_;
    };

    // Without any.
    Rows() = default;
    // Frees the result at the end.
    explicit Rows(pg_result* result);

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    // By a statement that writes.
    std::size_t affected_rows() const;
    Row operator[](std::size_t row) const { return {result_.get(), static_cast<int>(row)}; }
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, static_cast<int>(size())}; }

private:
    std::shared_ptr<pg_result> result_;
};

}  // namespace core::db
