// What was found, as people and as programs read it.
#pragma once

#include <string>

#include "audit/trail_verifier/proof.h"
#include "audit/trail_verifier/verify.h"

namespace trail_verifier {

std::string json_of(const Verified& verified);
std::string text_of(const Verified& verified);
std::string json_of(const Proved& proved);
std::string text_of(const Proved& proved);

}  // namespace trail_verifier
