// FieldError: bad input of which one field is to blame, for who answers with the field beside the complaint.
#pragma once

#include <string>
#include <utility>

#include "core/failure.h"

namespace core {

// The field's name and the complaint quote no data that the message doesn't.
class FieldError : public InputError {
public:
    FieldError(const std::string& message, std::string field, std::string complaint)
        : InputError(message), field_(std::move(field)), complaint_(std::move(complaint)) {}

    const std::string& field() const noexcept { return field_; }  // empty: the whole
    const std::string& complaint() const noexcept { return complaint_; }

private:
    std::string field_;
    std::string complaint_;
};

}  // namespace core
