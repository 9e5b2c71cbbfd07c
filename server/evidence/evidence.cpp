#include "server/evidence/evidence.h"

#include <algorithm>

#include "core/crypto/digest.h"
#include "core/db/process.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "core/json/writer.h"

namespace server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kOutputBytesMax = std::size_t{256} << 20U;

// A command that finds nothing of its kind to look at says so in its JSON.
bool says_not_applicable(const std::string& output) {
    const auto json = core::json::parse(output);
    return json && json->boolean_at("applicable") == false;
}

// `config check` refuses with 2 what others find with 1: it is the one that looks.
Outcome outcome_of(const std::string& id, int status, const std::string& output) {
    if (status == 0) {
        return says_not_applicable(output) ? Outcome::not_applicable : Outcome::holds;
    }
    return status == 1 || (id == "configuration" && status == 2) ? Outcome::broken : Outcome::failed;
}

bool any(const std::vector<Outcome>& outcomes, Outcome one) {
    return std::find(outcomes.begin(), outcomes.end(), one) != outcomes.end();
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::holds:
            return "holds";
        case Outcome::broken:
            return "broken";
        case Outcome::not_applicable:
            return "not_applicable";
        case Outcome::failed:
            return "failed";
        case Outcome::not_run:
            return "not_run";
    }
    return "";
}

VerdictWords words_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::met:
            return {"met", "符合"};
        case Verdict::not_met:
            return {"not met", "不符合"};
        case Verdict::not_applicable:
            return {"not applicable", "不适用"};
        case Verdict::outside:
            return {"outside this software", "本软件之外"};
        case Verdict::not_established:
            return {"not established", "未能确定"};
    }
    return {};
}

Verdict verdict_of(const Requirement& requirement, const std::vector<EvidenceRun>& runs) {
    if (requirement.runs.empty()) {
        return Verdict::outside;
    }
    std::vector<Outcome> outcomes;
    for (const auto& id : requirement.runs) {
        const auto before = outcomes.size();
        for (const auto& run : runs) {
            if (run.id == id) {
                outcomes.push_back(run.outcome);
            }
        }
        if (outcomes.size() == before) {
            outcomes.push_back(Outcome::not_run);
        }
    }
    if (any(outcomes, Outcome::broken)) {
        return Verdict::not_met;
    }
    // What wasn't asked for leaves a requirement to its other runs, where it has any.
    if (any(outcomes, Outcome::failed) || (!any(outcomes, Outcome::holds) && any(outcomes, Outcome::not_run))) {
        return Verdict::not_established;
    }
    return any(outcomes, Outcome::holds) ? Verdict::met : Verdict::not_applicable;
}

EvidenceRun run_for_evidence(const EvidenceCommand& command, const fs::path& configuration, const fs::path& folder,
                             std::size_t number, const core::Clock& clock) {
    EvidenceRun run;
    run.id = command.id;
    run.period = command.period;
    run.started_at = clock.now();
    if (command.words.empty()) {
        run.outcome = Outcome::not_applicable;
        return run;
    }
    run.command = "duizhang";
    for (const auto& word : command.words) {
        run.command += " " + word;
    }
    const auto two = std::to_string(number);
    run.file = std::string(two.size() < 2 ? "0" : "") + two + "-" + command.id + ".txt";
    fs::remove(folder / run.file);
    core::db::Command process{
        {fs::read_symlink("/proc/self/exe").string(), "--config", configuration.string(), "--quiet"},
        folder,
        folder / run.file,
        true};
    process.arguments.insert(process.arguments.end(), command.words.begin(), command.words.end());
    run.status = core::db::run_to_end(process);
    const auto output = core::read_file(folder / run.file, kOutputBytesMax);
    run.bytes = output.size();
    run.sha256 = core::crypto::sha256_hex(output);
    run.outcome = outcome_of(run.id, run.status, output);
    return run;
}

std::string evidence_json(const Evidence& evidence) {
    core::json::Writer json(1);
    json.begin_object()
        .member("standard", "PCI DSS v4.0.1")
        .member("configuration", evidence.configuration)
        .member("from", evidence.from)
        .member("to", evidence.to)
        .member("made_at", core::format_rfc3339(evidence.made_at))
        .key("requirements")
        .begin_array();
    for (const auto& one : requirements()) {
        json.begin_object()
            .member("requirement", one.number)
            .member("title_zh", one.zh)
            .member("title_en", one.en)
            .member("verdict", words_of(verdict_of(one, evidence.runs)).en)
            .key("runs")
            .begin_array();
        for (const auto& id : one.runs) {
            json.value(id);
        }
        json.end_array().member("not_covered_zh", one.beyond_zh).member("not_covered_en", one.beyond_en).end_object();
    }
    json.end_array().key("runs").begin_array();
    for (const auto& run : evidence.runs) {
        json.begin_object()
            .member("id", run.id)
            .member("command", run.command)
            .member("started_at", core::format_rfc3339(run.started_at))
            .member("looks_at", run.period.empty() ? "now" : run.period)
            .member("status", run.status)
            .member("outcome", name_of(run.outcome))
            .member("file", run.file)
            .member("bytes", run.bytes)
            .member("sha256", run.sha256)
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

}  // namespace server
