// What the service's role may do to which table: the one place that says so beside the grants themselves. A grant that
// is not named here is refused at the start, whoever made it.
#pragma once

#include <string_view>

namespace core::db {

// A right that somebody other than the owner was given. `column` is empty for the whole of the object.
struct GivenRight {
    char kind;  // pg_class.relkind; 'n' for a schema, 'f' for a function
    std::string_view object;
    std::string_view column;
    std::string_view privilege;  // in capitals, as PostgreSQL names it
};

// Whether the service needs it. On a table that is not named in the list: select and insert, since what is written
// stays. On views select, on sequences and schemas usage, on functions execute.
bool service_needs(const GivenRight& right);

// A function that runs with its owner's rights, and so past what its caller may; none but those of the list.
bool may_run_as_owner(std::string_view function);

}  // namespace core::db
