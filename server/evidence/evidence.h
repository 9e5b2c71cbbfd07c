// Evidence for an assessor: commands run against the installation, and what follows from how they ended.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "server/evidence/requirements.h"

namespace server {

enum class Outcome { holds, broken, not_applicable, failed, not_run };
std::string_view name_of(Outcome outcome);

// One command, as it was run.
struct EvidenceRun {
    std::string id;       // what requirements call it; several runs may share it (one for each tenant)
    std::string command;  // as a person would type it
    std::string period;   // that it was asked about, "2026-10-01 – 2026-10-31"; empty: it looks at what is there now
    core::Instant started_at;
    int status = -1;
    Outcome outcome = Outcome::not_run;
    std::string file;  // its output, both streams; in the report's folder
    std::string sha256;
    std::size_t bytes = 0;
};

enum class Verdict { met, not_met, not_applicable, outside, not_established };
struct VerdictWords {
    std::string_view en;
    std::string_view zh;
};
VerdictWords words_of(Verdict verdict);

// From the runs alone: one that is broken outweighs all; then one that failed, or wasn't run.
Verdict verdict_of(const Requirement& requirement, const std::vector<EvidenceRun>& runs);

struct Evidence {
    std::string configuration;
    std::string from;  // the period that is assessed; empty: not said
    std::string to;
    core::Instant made_at;
    std::vector<EvidenceRun> runs;
};

std::string evidence_json(const Evidence& evidence);
std::string evidence_html(const Evidence& evidence);
std::string evidence_text(const Evidence& evidence);

// What is to be run: its id and its words behind `duizhang --config FILE`.
struct EvidenceCommand {
    std::string id;
    std::vector<std::string> words;  // empty: there is nothing yet that it could look at
    std::string period{};            // as in EvidenceRun
};
// In `folder`, with this program; outputs go there, too.
EvidenceRun run_for_evidence(const EvidenceCommand& command, const std::filesystem::path& configuration,
                             const std::filesystem::path& folder, std::size_t number, const core::Clock& clock);

}  // namespace server
