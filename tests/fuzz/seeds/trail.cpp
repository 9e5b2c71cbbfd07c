#include "tests/fuzz/seeds/seeds.h"
#include "tests/support/trail_bundle.h"

namespace fuzz::seeds {

void write_trail(Writer& writer) {
    namespace trail = test_support::trail;
    const trail::Key own("fuzzed");
    const auto bundle = trail::bundle_of(3, {2, 3}, own);
    auto reordered = bundle;
    std::swap(reordered.records[0], reordered.records[1]);
    auto fewer = trail::bundle_of(2, {2}, own);
    auto inclusion_alone = bundle.proof_of(2, 2, 3, own);
    inclusion_alone.has_earlier = false;
    writer.add("trail", {bundle.proof_of(3, 2, 3, own).json() + "PUBLISHED\n" + bundle.heads[0].json(),
                         inclusion_alone.json(), bundle.json(), bundle.json() + "PUBLISHED\n" + bundle.heads[1].json(),
                         reordered.json(), fewer.json() + "PUBLISHED\n" + bundle.heads[1].json(),
                         trail::bundle_of(0, {0}, own).json(), trail::bundle_of(3, {}, trail::Key("another")).json()});
}

}  // namespace fuzz::seeds
