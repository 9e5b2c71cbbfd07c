#include "audit/trail_verifier/report.h"

#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

std::string in_json(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 32) {
            quoted += "\\u00" + verifier::to_hex(std::string(1, c));
            continue;
        }
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "\"";
}

std::string number(std::int64_t value) { return std::to_string(value); }

std::string findings_in_json(const std::vector<Finding>& findings) {
    std::string json = "[";
    const char* between = "";
    for (const auto& finding : findings) {
        json += std::string(between) + "\n  {\"record\": " + number(finding.record) +
                ", \"kind\": " + in_json(name_of(finding.kind)) + ", \"what\": " + in_json(finding.what) + "}";
        between = ",";
    }
    return json + "]";
}

std::string findings_as_text(const std::vector<Finding>& findings) {
    std::string text;
    const char* word = "FIRST ";
    for (const auto& finding : findings) {
        text += word + name_of(finding.kind) + ": " + finding.what + "\n";
        word = "      ";
    }
    return text;
}

std::string size_of(const std::optional<std::int64_t>& size) { return size ? number(*size) : "null"; }
std::string answer_of(const std::optional<bool>& answer) { return !answer ? "null" : *answer ? "true" : "false"; }

}  // namespace

std::string json_of(const Verified& verified) {
    auto json = "{\"tenant\": " + in_json(verified.header.tenant) + ", \"origin\": " + in_json(verified.header.origin) +
                ",\n \"sound\": " + (verified.is_sound() ? "true" : "false") +
                ", \"records\": " + number(verified.records) + ", \"heads\": " + number(verified.heads) +
                ", \"heads_hold\": " + number(verified.heads_hold) +
                ", \"published\": " + (verified.published ? number(*verified.published) : "null") +
                ", \"published_hold\": " + number(verified.published_hold) +
                ",\n \"covered_until\": " + number(verified.covered_until) +
                ", \"sound_until\": " + number(verified.sound_until) + ", \"sound_until_at\": " +
                (verified.sound_until_us < 0 ? "null" : in_json(time_text(verified.sound_until_us))) +
                ",\n \"count\": " + number(static_cast<std::int64_t>(verified.count)) +
                ", \"findings\": " + findings_in_json(verified.findings);
    return json + "}\n";
}

std::string text_of(const Verified& verified) {
    auto text = verified.header.tenant + " of " + verified.header.origin + ": " + number(verified.records) +
                " records, " + number(verified.heads_hold) + " of " + number(verified.heads) + " heads hold, ";
    text += verified.published
                ? number(verified.published_hold) + " of " + number(*verified.published) + " published heads hold\n"
                : "without --published: whether the end was cut off with its heads was not looked at\n";
    if (verified.is_sound()) {
        text += "sound, every record as it was signed";
        return text + (verified.covered_until == verified.records
                           ? "\n"
                           : "; those behind record " + number(verified.covered_until) + " stand under no head yet\n");
    }
    text += findings_as_text(verified.findings);
    text += number(static_cast<std::int64_t>(verified.count)) + " found; ";
    return text + (verified.sound_until == 0 ? "sound is none of it\n"
                                             : "as it was signed is all until record " + number(verified.sound_until) +
                                                   ", of " + time_text(verified.sound_until_us) + "\n");
}

std::string json_of(const Proved& proved) {
    return "{\"tenant\": " + in_json(proved.head.tenant) + ", \"origin\": " + in_json(proved.head.origin) +
           ",\n \"sound\": " + (proved.is_sound() ? "true" : "false") +
           ", \"record\": " + size_of(proved.record ? std::optional(proved.record->number) : std::nullopt) +
           ", \"head\": " + number(proved.head.size) + ", \"head_at\": " + in_json(time_text(proved.head.at_us)) +
           ", \"earlier\": " + size_of(proved.earlier ? std::optional(proved.earlier->size) : std::nullopt) +
           ",\n \"head_published\": " + answer_of(proved.head_published) +
           ", \"earlier_published\": " + answer_of(proved.earlier_published) +
           ",\n \"findings\": " + findings_in_json(proved.findings) + "}\n";
}

std::string text_of(const Proved& proved) {
    const auto published = [](const std::optional<bool>& answer) {
        return std::string(!answer ? "" : *answer ? ", published" : ", not among those published");
    };
    const auto head = "the head of size " + number(proved.head.size) + " of " + proved.head.tenant + " of " +
                      proved.head.origin + " (signed at " + time_text(proved.head.at_us) +
                      published(proved.head_published) + ")";
    if (!proved.is_sound()) {
        return "not proved of " + head + "\n" + findings_as_text(proved.findings);
    }
    std::string text;
    if (proved.record) {
        text += "proved: " + named(*proved.record) + " is in " + head + "\n";
    }
    if (proved.earlier) {
        text += "proved: " + head + " goes on from the one of size " + number(proved.earlier->size) + " (signed at " +
                time_text(proved.earlier->at_us) + published(proved.earlier_published) + ")\n";
    }
    return text;
}

}  // namespace trail_verifier
