#include "server/canaries/canary_report.h"

#include <algorithm>

#include "core/json/writer.h"
#include "server/console_text.h"
#include "server/version.h"

namespace server {

std::size_t CanaryReport::leaks() const {
    std::size_t count = 0;
    for (const auto& place : places) {
        count += place.leaks.size();
    }
    return count;
}

bool CanaryReport::is_clean() const {
    const bool all_searched =
        std::all_of(places.begin(), places.end(), [](const CanaryPlace& place) { return place.files > 0; });
    const bool all_sent = std::all_of(paths.begin(), paths.end(), [](const CanaryPath& path) { return path.sent > 0; });
    return leaks() == 0 && all_searched && all_sent && control_planted > 0 && control_found == control_planted;
}

std::string canary_json(const CanaryReport& report, const CanarySet& canaries) {
    core::json::Writer json(1);
    json.begin_object()
        .member("program", "duizhang " + std::string(kVersion))
        .member("seed", std::to_string(report.seed))
        .member("started_at", core::format_rfc3339(report.started_at))
        .member("finished_at", core::format_rfc3339(report.finished_at))
        .member("verdict", report.is_clean() ? "clean" : "not clean")
        .key("canaries")
        .begin_array();
    for (const auto& canary : canaries.all()) {
        json.begin_object().member("kind", canary.kind).member("shown", canary.shown).end_object();
    }
    json.end_array().key("paths").begin_array();
    for (const auto& path : report.paths) {
        json.begin_object()
            .member("path", path.name)
            .member("sent", path.sent)
            .member("taken", path.taken)
            .end_object();
    }
    json.end_array().key("places").begin_array();
    for (const auto& place : report.places) {
        json.begin_object()
            .member("place", place.name)
            .member("files", place.files)
            .member("bytes", place.bytes)
            .member("found", place.leaks.size())
            .end_object();
    }
    json.end_array().key("found").begin_array();
    for (const auto& place : report.places) {
        for (const auto& leak : place.leaks) {
            json.begin_object()
                .member("place", place.name)
                .member("file", leak.file)
                .member("at", leak.at)
                .member("kind", canaries.all()[leak.canary].kind)
                .member("shown", canaries.all()[leak.canary].shown)
                .member("way", leak.way)
                .end_object();
        }
    }
    return json.end_array()
               .key("control")
               .begin_object()
               .member("planted", report.control_planted)
               .member("found", report.control_found)
               .end_object()
               .end_object()
               .text() +
           "\n";
}

std::string canary_text(const CanaryReport& report, const CanarySet& canaries) {
    Table paths({"path", "sent>", "taken>"});
    for (const auto& path : report.paths) {
        paths.add({path.name, std::to_string(path.sent), std::to_string(path.taken)});
    }
    Table places({"place", "files>", "bytes>", "found>"});
    for (const auto& place : report.places) {
        places.add(
            {place.name, std::to_string(place.files), std::to_string(place.bytes), std::to_string(place.leaks.size())});
    }
    std::string text = paths.text() + "\n" + places.text() + "\n";
    for (const auto& place : report.places) {
        for (const auto& leak : place.leaks) {
            const auto& canary = canaries.all()[leak.canary];
            text += leak.file + " at byte " + std::to_string(leak.at) + ": " + canary.kind + " " + canary.shown + ", " +
                    leak.way + "\n";
        }
    }
    return text + std::to_string(canaries.all().size()) + " canaries; of " + std::to_string(report.control_planted) +
           " planted for the search itself it found " + std::to_string(report.control_found) + ".\n" +
           (report.is_clean() ? "Clean: none of them is anywhere.\n" : "NOT CLEAN.\n");
}

}  // namespace server
