// EntryQueue: the entries that many callers post by hand share one commit. What holds: core/db/group_commit.h, Q1 to
// Q4; answers.h, I1 and I2; ledger/by_hand.h, B1 to B4. One that waits for somebody else's lock leaves the others
// (core/db/patient_commit.h). What a caller posted in a commit is one record of the trail, in that commit: a record an
// entry would cost up to a quarter of what can be posted (tests/bench/README.md).
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/db/patient_commit.h"
#include "ledger/journal.h"
#include "server/application.h"
#include "server/http/message.h"

namespace server::api {

struct EntryAsked {
    core::TenantId tenant;
    std::optional<std::string> key;  // under which it is carried out once
    std::string request_sha256;
    core::Instant now;
    std::optional<ledger::Entry> entry;
    std::exception_ptr complaint;  // what is to be said unless it was answered before, where there is no entry
    bool stands_as_it_is = false;  // whatever stands under the source key is what is asked for
    audit::Actor actor;            // as the trail has it
    std::string act;
    std::optional<core::EntryId> reversed;
};

struct EntryAnswer {
    http::Response response;
    std::exception_ptr refusal;  // instead
};

class EntryQueue {
public:
    explicit EntryQueue(Application& application);

    using Done = core::db::PatientCommit<EntryAsked, EntryAnswer>::Done;
    // Never blocks. Throws core::OutsideFailure when the queue is full or the database stands still.
    void post(EntryAsked asked, Done done) { queue_.add(std::move(asked), std::move(done)); }

private:
    using Asked = std::shared_ptr<const EntryAsked>;
    using Places = std::vector<std::size_t>;
    std::vector<EntryAnswer> post(const std::vector<Asked>& asked);
    EntryAnswer post_alone(const Asked& asked);
    void post_together(const std::vector<Asked>& asked, const Places& places, std::vector<EntryAnswer>& answers);
    void carry_out(core::db::Transaction& transaction, const std::vector<Asked>& asked, const Places& places,
                   std::vector<EntryAnswer>& answers);

    Application& application_;
    ledger::StandingAccounts accounts_;
    core::db::PatientCommit<EntryAsked, EntryAnswer> queue_;
};

}  // namespace server::api
