// What libpqxx throws, turned into what the product throws. Never what(): it can quote the row that was refused.
#include <algorithm>
#include <new>

#include "core/db/work.h"

namespace core::db {

namespace {

constexpr const char* kConnectionLost = "08006";
constexpr const char* kOutcomeUnknown = "08007";

std::string describe(const std::string& sqlstate, const std::string& constraint, Failure::Outcome outcome) {
    std::string text = "the database refused: SQLSTATE " + (sqlstate.empty() ? "unknown" : sqlstate);
    if (!constraint.empty()) {
        text += ", constraint " + constraint;
    }
    if (outcome == Failure::Outcome::unknown) {
        text += " (whether it was committed is unknown)";
    }
    return text;
}

bool is_identifier(std::string_view text) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), allowed);
}

// In a verbose message the constraint's name has a line of its own, followed by one last line with the place in the
// server's source. Only that very shape counts: the lines before can quote data, which might imitate it.
std::string constraint_in(std::string_view message) {
    constexpr std::string_view kLabel = "\nCONSTRAINT NAME:  ";
    constexpr std::string_view kPlace = "\nLOCATION:  ";
    while (message.ends_with('\n')) {
        message.remove_suffix(1);
    }
    const auto label = message.rfind(kLabel);
    if (label == std::string_view::npos) {
        return "";
    }
    message.remove_prefix(label + kLabel.size());
    const auto place = message.find('\n');
    const auto name = message.substr(0, place);
    const bool one_line_follows =
        place == std::string_view::npos ||
        (message.substr(place).starts_with(kPlace) && message.find('\n', place + 1) == std::string_view::npos);
    return one_line_follows && is_identifier(name) ? std::string(name) : "";
}

}  // namespace

DatabaseFailure::DatabaseFailure(std::string sqlstate, std::string constraint, Outcome outcome)
    : OutsideFailure(describe(sqlstate, constraint, outcome), outcome),
      sqlstate_(std::move(sqlstate)),
      constraint_(std::move(constraint)) {}

void require_no_nul(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw InputError("a text holds a NUL character, which the database can't store: remove it at the source");
    }
}

std::string sqlstate_of(const pqxx::sql_error& refused) {
    constexpr std::string_view kBeforeCode = ":  ";
    constexpr std::size_t kCodeSize = 5;
    const std::string_view message = refused.what();
    const auto before = message.find(kBeforeCode);
    if (!refused.sqlstate().empty() || before == std::string_view::npos) {
        return refused.sqlstate();
    }
    const auto code = message.substr(before + kBeforeCode.size(), kCodeSize);
    const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    const auto after = before + kBeforeCode.size() + kCodeSize;
    const bool is_code = code.size() == kCodeSize && std::all_of(code.begin(), code.end(), allowed) &&
                         after < message.size() && message[after] == ':';
    return is_code ? std::string(code) : "";
}

void rethrow_as_failure() {
    try {
        throw;
    } catch (const Failure&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const pqxx::in_doubt_error&) {
        throw DatabaseFailure(kOutcomeUnknown, "", Failure::Outcome::unknown);
    } catch (const pqxx::broken_connection&) {
        throw DatabaseFailure(kConnectionLost, "");
    } catch (const pqxx::sql_error& refused) {
        throw DatabaseFailure(sqlstate_of(refused), constraint_in(refused.what()));
    } catch (const std::exception&) {
        throw DatabaseFailure("", "");
    }
}

}  // namespace core::db
