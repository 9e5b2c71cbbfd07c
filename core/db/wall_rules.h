// The rules of walls.h that the catalogue answers by itself, and what it is asked for the others.
#pragma once

#include <span>

namespace core::db {

// The words that all of these are written in, to stand before each: our schemas, their relations and functions, whose
// most of it is, and what a policy says.
extern const char* const kWords;

// Each answers a row for each breach: object, problem, remedy. In the order in which they matter.
std::span<const char* const> wall_rules();

// kind, object, column, who, privilege: every right on our objects that somebody other than the owner has.
extern const char* const kGivenRights;
// Each function of ours: name, name with the types of its parameters, body, body where it is an expression, whether it
// runs as its owner.
extern const char* const kFunctions;
// Each trigger of ours: table, name, definition.
extern const char* const kTriggers;

}  // namespace core::db
