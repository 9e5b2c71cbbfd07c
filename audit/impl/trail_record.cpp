#include "audit/trail_record.h"

#include "core/crypto/said.h"
#include "core/failure.h"

namespace audit {

std::string bytes_of(const TrailRecord& record) {
    core::ensure(record.number >= 1, "the trail's records are numbered from 1");
    core::crypto::Said said("trail record");
    said.text(record.tenant).number(record.number).time(record.at);
    for (const auto* field :
         {&record.actor, &record.act, &record.origin, &record.object, &record.before, &record.after, &record.outcome}) {
        core::ensure(!field->empty(), "a record of the trail has no empty field");
        said.text(*field);
    }
    core::ensure(!record.tenant.empty(), "a record of the trail is some tenant's");
    return said.bytes();
}

TreeHash leaf_of(const TrailRecord& record) { return leaf_hash(bytes_of(record)); }

}  // namespace audit
