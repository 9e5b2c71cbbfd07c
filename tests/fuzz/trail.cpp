// What duizhang-verify reads: a bundle or a proof; behind a line "PUBLISHED" heads that were published. The key signed
// three records.
#include <algorithm>
#include <sstream>
#include <vector>

#include "audit/trail_verifier/proof.h"
#include "audit/trail_verifier/report.h"
#include "audit/trail_verifier/verify.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/trail_bundle.h"

namespace {

namespace trail = test_support::trail;

const trail::Key& key() {
    static const trail::Key own("fuzzed");
    return own;
}

const std::vector<trail::Record>& genuine() {
    static const auto records = trail::bundle_of(3, {2, 3}, key()).records;
    return records;
}

// What was found sound says, record by record, what was signed.
void check_records(const std::string& bundle, const trail_verifier::Header& header) {
    std::istringstream stream(bundle);
    trail_verifier::Lines lines(stream);
    lines.next();
    std::size_t at = 0;
    while (lines.next() && !trail_verifier::is_head(lines.text())) {
        const auto record = trail_verifier::record_in(lines.text(), lines.number());
        fuzz::promise(at < genuine().size(), "sound are no more records than were signed");
        fuzz::promise(trail_verifier::leaf_of(header.tenant, record) == genuine()[at++].leaf,
                      "sound is only what was signed");
    }
}

void check(const trail_verifier::Verified& verified) {
    fuzz::promise(verified.is_sound() == verified.findings.empty(), "what isn't sound has a finding");
    fuzz::promise(verified.sound_until <= verified.records && verified.heads_hold <= verified.heads,
                  "no more holds than there is");
    for (const auto& finding : verified.findings) {
        fuzz::promise(!finding.what.empty() && finding.record >= verified.findings.front().record,
                      "the first record comes first");
        fuzz::promise(std::none_of(finding.what.begin(), finding.what.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 32; }),
                      "a finding is one line");
    }
}

void check(const trail_verifier::Proved& proved) {
    fuzz::promise(!text_of(proved).empty() && !json_of(proved).empty(), "what was found is told");
    if (proved.is_sound() && proved.record) {
        const auto number = proved.record->number;
        fuzz::promise(number <= static_cast<std::int64_t>(genuine().size()) &&
                          trail_verifier::leaf_of(proved.head.tenant, *proved.record) ==
                              genuine()[static_cast<std::size_t>(number - 1)].leaf,
                      "proved is only what was signed, under its number");
    }
    if (proved.is_sound() && proved.earlier) {
        fuzz::promise(proved.earlier->size <= proved.head.size, "a head goes on from an earlier one");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::string bundle(input.part("PUBLISHED\n"));
    const bool has_published = !input.empty();
    std::istringstream of_bundle(bundle);
    std::istringstream of_published{std::string(input.rest())};
    const trail_verifier::PublicKeys keys{{key().id, key().public_key}};
    auto* published = has_published ? &of_published : nullptr;
    try {
        if (bundle.starts_with("{\"proof\"")) {
            check(trail_verifier::verify_proof(of_bundle, published, keys));
            return 0;
        }
        const auto verified = trail_verifier::verify(of_bundle, published, keys);
        check(verified);
        if (verified.is_sound()) {
            check_records(bundle, verified.header);
        }
    } catch (const trail_verifier::FormError& error) {
        fuzz::promise(error.line > 0 && !error.what.empty(), "what isn't a bundle is named");
    }
    return 0;
}
