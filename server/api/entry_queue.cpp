#include "server/api/entry_queue.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "core/crypto/digest.h"
#include "core/failure.h"
#include "server/api/answers.h"
#include "server/api/entry_json.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

// One writer: two with half a batch each cost a quarter more, in the service and in PostgreSQL.
constexpr core::db::GroupCommitOptions kOptions{"entries"};

http::Response response_of(const EntryAsked& asked, const ledger::ByHand& by_hand) {
    const auto& entry = ledger::accepted(by_hand);
    if (by_hand.outcome == ledger::ByHand::Outcome::differs && !asked.stands_as_it_is) {
        throw Refusal(409, "entry-differs",
                      "entry " + std::to_string(entry.id.number()) +
                          " was posted under this key and says something else; give the new entry a key of its own",
                      "Idempotency-Key");
    }
    core::json::Writer json;
    write_entry(json, entry);
    auto response = http::Response::json(by_hand.outcome == ledger::ByHand::Outcome::posted ? 201 : 200, json.text());
    response.headers.emplace_back("Location", "/v1/entries/" + std::to_string(entry.id.number()));
    return response;
}

// What is thrown on the way to a response is the refusal.
template <typename Make>
EntryAnswer answer_by(const Make& make) {
    try {
        return {make(), nullptr};
    } catch (const core::InputError&) {
        return {{}, std::current_exception()};
    }
}

AnswerKey key_of(const EntryAsked& asked) { return {asked.tenant, *asked.key}; }

// What each caller did, for the trail.
class Posted {
public:
    void add(const EntryAsked& asked, core::EntryId entry) {
        auto& group = groups_[{asked.tenant, asked.act, asked.actor.name, asked.actor.origin}];
        group.at = std::max(group.at, asked.now);
        group.entries.push_back(entry);
        if (asked.reversed) {
            group.reversed.push_back(*asked.reversed);
        }
        group.requests += asked.request_sha256;
    }
    std::vector<audit::TenantAct> acts() const {
        std::vector<audit::TenantAct> acts;
        for (const auto& [who, group] : groups_) {
            const auto& [tenant, act, actor, origin] = who;
            acts.push_back({tenant, {actor, origin}, {act, object_of(group), "null", after(group)}, group.at});
        }
        return acts;
    }

private:
    struct Group {
        core::Instant at;
        std::vector<core::EntryId> entries;
        std::vector<core::EntryId> reversed;
        std::string requests;  // their digests, one after the other
    };
    static std::string object_of(const Group& group) {
        const auto& about = group.reversed.empty() ? group.entries : group.reversed;
        return about.size() == 1 ? "entry " + std::to_string(about.front().number())
                                 : std::to_string(about.size()) + " entries";
    }
    static void write(core::json::Writer& json, const char* name, const std::vector<core::EntryId>& entries) {
        json.key(name).begin_array();
        for (const auto entry : entries) {
            json.value(entry.number());
        }
        json.end_array();
    }
    static std::string after(const Group& group) {
        core::json::Writer json;
        json.begin_object();
        if (!group.reversed.empty()) {
            write(json, "reversed", group.reversed);
        }
        write(json, "entries", group.entries);
        json.member("requests_sha256", core::crypto::sha256_hex(group.requests));
        return json.end_object().text();
    }

    std::map<std::tuple<core::TenantId, std::string, std::string, std::string>, Group> groups_;
};

// One transaction's: the questions it begins with, and the answers it ends with.
class Together {
public:
    Together(core::db::Transaction& transaction, const std::vector<std::shared_ptr<const EntryAsked>>& asked,
             const std::vector<std::size_t>& places)
        : transaction_(transaction),
          asked_(asked),
          places_(places),
          trip_(transaction),
          before_(trip_, keys()),
          entries_(trip_, postings(), latest()) {
        trip_.run();
    }

    void carry_out(ledger::AccountsToOpen& accounts, const audit::Trail& trail, std::vector<EntryAnswer>& answers) {
        answer_again(answers);
        const auto outcomes = entries_.post(transaction_, trip_, accounts);
        std::vector<NewAnswer> news;
        Posted posted;
        std::size_t posting = 0;
        for (const auto place : places_) {
            const auto& asked = *asked_[place];
            auto& answer = answers[place];
            if (asked.entry) {
                if (const auto& outcome = outcomes[posting++]) {
                    answer = answer_by([&] { return response_of(asked, *outcome); });
                    if (outcome->outcome == ledger::ByHand::Outcome::posted) {
                        posted.add(asked, outcome->entry->id);
                    }
                    if (asked.key && answer.refusal == nullptr) {
                        news.push_back({key_of(asked), given(answer.response, asked.request_sha256), asked.now});
                    }
                }
            }
        }
        core::db::Trip last(transaction_);
        trail.record(transaction_, last, posted.acts());
        if (!news.empty()) {
            remember_answers(last, news);
        }
        last.run();
    }

private:
    // Those answered before, and those of which there is no entry to post.
    void answer_again(std::vector<EntryAnswer>& answers) {
        const auto given = before_.given(trip_);
        std::size_t posting = 0;
        for (const auto place : places_) {
            const auto& asked = *asked_[place];
            const auto found = asked.key ? given.find(key_of(asked)) : given.end();
            if (found != given.end()) {
                answers[place] = answer_by([&] { return again(found->second, asked.request_sha256); });
            } else if (!asked.entry) {
                answers[place] = {{}, asked.complaint};
            }
            if (asked.entry) {
                if (found != given.end()) {
                    entries_.leave_out(posting);
                }
                ++posting;
            }
        }
    }

    std::set<AnswerKey> keys() const {
        std::set<AnswerKey> keys;
        for (const auto place : places_) {
            if (asked_[place]->key) {
                keys.insert(key_of(*asked_[place]));
            }
        }
        return keys;
    }
    std::vector<ledger::Posting> postings() const {
        std::vector<ledger::Posting> postings;
        for (const auto place : places_) {
            if (asked_[place]->entry) {
                postings.push_back({asked_[place]->tenant, *asked_[place]->entry});
            }
        }
        return postings;
    }
    core::Instant latest() const {
        core::Instant latest;
        for (const auto place : places_) {
            latest = std::max(latest, asked_[place]->now);
        }
        return latest;
    }

    core::db::Transaction& transaction_;
    const std::vector<std::shared_ptr<const EntryAsked>>& asked_;
    const std::vector<std::size_t>& places_;
    core::db::Trip trip_;
    AnswersQuestion before_;
    ledger::EntriesByHand entries_;
};

}  // namespace

EntryQueue::EntryQueue(Application& application)
    : application_(application),
      queue_(
          kOptions, [this](const std::vector<Asked>& asked) { return post(asked); },
          [this](const Asked& asked) { return post_alone(asked); }) {}

// Of twins, under one key or about one thing, one at a time: what the first comes to is the others' answer.
std::vector<EntryAnswer> EntryQueue::post(const std::vector<Asked>& asked) {
    std::vector<EntryAnswer> answers(asked.size());
    Places left(asked.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    while (!left.empty()) {
        std::map<AnswerKey, std::size_t> keys;
        std::set<std::pair<core::TenantId, std::string>> sources;
        Places together, later;
        for (const auto place : left) {
            const auto& one = *asked[place];
            const bool is_first = (!one.key || keys.emplace(key_of(one), place).second) &&
                                  (!one.entry || sources.insert({one.tenant, one.entry->head().source_key}).second);
            (is_first ? together : later).push_back(place);
        }
        post_together(asked, together, answers);
        left.clear();
        for (const auto place : later) {
            const auto& one = *asked[place];
            const auto first = one.key ? keys.find(key_of(one)) : keys.end();
            if (first == keys.end() || first->second == place || answers[first->second].refusal != nullptr) {
                left.push_back(place);
                continue;
            }
            const auto& given_first = answers[first->second].response;
            answers[place] = answer_by(
                [&] { return again(given(given_first, asked[first->second]->request_sha256), one.request_sha256); });
        }
    }
    return answers;
}

void EntryQueue::post_together(const std::vector<Asked>& asked, const Places& places,
                               std::vector<EntryAnswer>& answers) {
    std::vector<core::TenantId> tenants;
    for (const auto place : places) {
        tenants.push_back(asked[place]->tenant);
    }
    core::db::TenantsTransaction transaction(application_.database(), tenants);
    carry_out(transaction, asked, places, answers);
}

EntryAnswer EntryQueue::post_alone(const Asked& asked) {
    std::vector<EntryAnswer> answers(1);
    core::db::TenantTransaction transaction(application_.database(), asked->tenant);
    carry_out(transaction, {asked}, {0}, answers);
    return std::move(answers.front());
}

void EntryQueue::carry_out(core::db::Transaction& transaction, const std::vector<Asked>& asked, const Places& places,
                           std::vector<EntryAnswer>& answers) {
    const auto tenants = application_.tenants();
    ledger::with_standing(accounts_, [&](ledger::AccountsToOpen& accounts) {
        Together together(transaction, asked, places);
        together.carry_out(accounts, tenants->trail(), answers);
        transaction.commit();
        return true;
    });
}

}  // namespace server::api
