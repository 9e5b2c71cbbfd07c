#include "config/impl/audit.h"

#include <algorithm>

namespace config {
namespace {

constexpr std::size_t kOriginBytesMax = 64;

bool is_origin(const std::string& text) {
    return !text.empty() && text.size() <= kOriginBytesMax &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

void read_audit(Section section, AuditSettings& audit) {
    audit.origin = section.text("origin").value_or(audit.origin);
    if (!is_origin(audit.origin)) {
        section.complain("origin", "must be 1 to 64 visible ASCII characters, this installation's name");
    }
    if (const auto file = section.text("checkpoint_file")) {
        audit.checkpoint_file = section.resolve_path(*file);
    }
    audit.checkpoint_syslog = section.boolean("checkpoint_syslog").value_or(false);
    for (const auto& word : section.list("checkpoint_command")) {
        if (!word.text || word.text->empty()) {
            section.complain("checkpoint_command",
                             "must be a list of texts: the program's full path and its arguments");
            return;
        }
        audit.checkpoint_command.push_back(*word.text);
    }
    if (!audit.checkpoint_command.empty() && audit.checkpoint_command.front().front() != '/') {
        section.complain("checkpoint_command", "must begin with the program's full path");
    }
}

}  // namespace config
