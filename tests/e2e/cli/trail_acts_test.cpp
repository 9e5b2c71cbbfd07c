// Which commands leave a record in the trail: every command there is, with what it is called there or why it leaves
// none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::StartsWith;

// As --help lists them, below `words`.
std::vector<std::string> subcommands_of(const std::vector<std::string>& words) {
    auto asked = words;
    asked.emplace_back("--help");
    std::istringstream help(Desk::get().run(asked).out);
    std::vector<std::string> found;
    bool is_list = false;
    for (std::string line; std::getline(help, line);) {
        if (line == "Subcommands:") {
            is_list = true;
        } else if (line.empty()) {
            is_list = false;
        } else if (is_list && line.starts_with("  ") && line[2] != ' ') {
            found.push_back(line.substr(2, line.find(' ', 2) - 2));
        }
    }
    return found;
}

void add_commands(const std::vector<std::string>& words, std::vector<std::string>& all) {
    const auto below = subcommands_of(words);
    for (const auto& name : below) {
        auto longer = words;
        longer.push_back(name);
        add_commands(longer, all);
    }
    if (below.empty()) {
        std::string name;
        for (const auto& word : words) {
            name += (name.empty() ? "" : " ") + word;
        }
        all.push_back(name);
    }
}

constexpr const char* kReads = "- reads what its tenant's readers may read";
constexpr const char* kConfiguration = "- reads the configuration alone";
constexpr const char* kFiles = "- reads and writes files of its own; no tenant's";
constexpr const char* kIntake = "- taking in, which the inbox, the orders, the runs and the journal keep";
constexpr const char* kShares = "- before there is a master key, and so without a trail's";
// By hand, so that a command that is new has to be thought of.
const std::map<std::string, std::string> kCommands = {
    {"demo", kFiles},
    {"diff", kFiles},
    {"init", "- makes the place that a trail is kept in"},
    {"serve", "service.start"},
    {"login", "- what it is for is in the trail, when it is used: console.login"},
    {"migrate", "- core.migrations keeps what was done when"},
    {"config check", kConfiguration},
    {"tenant list", kConfiguration},
    {"tenant show", kConfiguration},
    {"tenant verify", "- rolled back whole"},
    {"tenant add", "tenant.add"},
    {"tenant templates", kConfiguration},
    {"tenant upgrade", "tenant.upgrade"},
    {"orders import", kIntake},
    {"orders fulfil", kIntake},
    {"orders share-out", "- books what the nightly job books, by the tenant's rules"},
    {"orders list", kReads},
    {"orders show", kReads},
    {"callbacks replay", kIntake},
    {"callbacks quarantine", kReads},
    {"split preview", "- books nothing"},
    {"reconcile", kIntake},
    {"nightly", "seal.make"},
    {"ledger trial-balance", kReads},
    {"ledger balance", kReads},
    {"ledger statement", kReads},
    {"ledger entry", kReads},
    {"ledger export", "books.export"},
    {"ledger verify", kReads},
    {"ledger post", "entry.post"},
    {"ledger reverse", "entry.reverse"},
    {"ledger hold", "hold.place"},
    {"ledger holds", kReads},
    {"ledger commit", "hold.commit"},
    {"ledger void", "hold.void"},
    {"ledger expire", "- marks what holds nothing any more"},
    {"ledger limit", "limit.set"},
    {"ledger limits", kReads},
    {"ledger payout propose", "payout.propose"},
    {"ledger payout approve", "payout.approved"},
    {"ledger payout reject", "payout.rejected"},
    {"ledger payout send", "payout.sent"},
    {"ledger payout confirm", "payout.confirmed"},
    {"ledger payout fail", "payout.failed"},
    {"ledger payout return", "payout.returned"},
    {"ledger payout list", kReads},
    {"ledger payout show", kReads},
    {"ledger payout export", "payout.export"},
    {"ledger seal", "seal.make"},
    {"ledger seal-key", kConfiguration},
    {"ledger connection", kConfiguration},
    {"ledger close", "period.close"},
    {"ledger closes", kReads},
    {"ledger ageing", kReads},
    {"ledger cases", kReads},
    {"ledger entries", kReads},
    {"ledger accounts", kReads},
    {"audit scan", "- needs no configuration, and so has no trail; it reads files"},
    {"audit database", "database.scan"},
    {"audit canaries", kFiles},
    {"audit dependencies", kFiles},
    {"audit settings", kConfiguration},
    {"audit report", "- runs what only reads, or is in the trail by itself, and writes files of its own"},
    {"audit retention", kReads},
    {"audit purge", "- each batch leaves a tombstone in its transaction: by whom, of what, how much"},
    {"audit trail", "trail.read"},
    {"audit acts", "trail.read"},
    {"audit verify", kReads},
    {"audit export", "trail.export"},
    {"audit prove", "trail.prove"},
    {"audit checkpoint", "- its heads are in the trail's own table"},
    {"audit key", kConfiguration},
    {"calendar show", kConfiguration},
    {"calendar check", kConfiguration},
    {"calendar channel", kConfiguration},
    {"bank import", kIntake},
    {"bank list", kReads},
    {"bank show", kReads},
    {"key issue", "key.issue"},
    {"key list", kReads},
    {"key revoke", "key.revoke"},
    {"key rotate", "key.rotate"},
    {"keys list", kReads},
    {"keys rotate", "keys.rotate"},
    {"keys destroy", "keys.destroy"},
    {"keys inventory", kReads},
    {"keys rotate-master", "keys.rotate_master"},
    {"keys split", kShares},
    {"keys hold", kShares},
    {"keys unlock", kShares},
    {"statement show", "statement.show"},
    {"charges import", kIntake},
    {"charges top-up", "top_up.post"},
    {"charges close", "usage.close"},
    {"charges statement", kReads},
};

TEST(TrailOfActs, IsAskedForOfEveryCommandThereIs) {
    std::vector<std::string> all;
    add_commands({}, all);
    std::vector<std::string> listed;
    for (const auto& [name, what] : kCommands) {
        listed.push_back(name);
    }
    EXPECT_THAT(all, testing::UnorderedElementsAreArray(listed));
}

// What was done since the last look, newest last, as "act object outcome".
class Acts {
public:
    explicit Acts(std::string tenant) : tenant_(std::move(tenant)) { (void)news(); }

    std::vector<std::string> news() {
        const auto ran = Desk::get().run(
            {"--json", "audit", "trail", "--tenant", tenant_, "--limit", "10000", "--after", std::to_string(seen_)});
        EXPECT_EQ(ran.status, 0) << ran.err;
        const auto json = core::json::parse(ran.out);
        std::vector<std::string> found;
        for (const auto& record : json->find("records")->items()) {
            seen_ = record.integer_at("number").value_or(seen_);
            const auto act = std::string(record.string_at("act").value_or(""));
            if (act != "trail.read") {
                found.push_back(act + " " + std::string(record.string_at("object").value_or("")) + ": " +
                                std::string(record.string_at("outcome").value_or("")));
            }
        }
        return found;
    }

private:
    std::string tenant_;
    std::int64_t seen_ = 0;
};

void expect_sound() {
    const auto verified = Desk::get().run({"audit", "verify"});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
}

TEST(TrailOfActs, HasOneRecordOfWhatIsDoneWithAKey) {
    const auto& desk = Desk::get();
    Acts acts(desk.tenant());
    const auto issued = desk.run({"--json", "key", "issue", "--tenant", desk.tenant(), "--role", "reader"});
    ASSERT_EQ(issued.status, 0) << issued.err;
    const auto id = std::string(core::json::parse(issued.out)->string_at("id").value_or(""));
    EXPECT_THAT(acts.news(), testing::ElementsAre("key.issue key " + id + ": done"));
    ASSERT_EQ(desk.run({"key", "rotate", id}).status, 0);
    EXPECT_THAT(acts.news(), testing::ElementsAre("key.rotate key " + id + ": done"));
    ASSERT_EQ(desk.run({"key", "revoke", id}).status, 0);
    EXPECT_THAT(acts.news(), testing::ElementsAre("key.revoke key " + id + ": done"));
    ASSERT_EQ(desk.run({"key", "rotate", id}).status, 3);
    EXPECT_THAT(acts.news(), testing::ElementsAre(StartsWith("key.rotate key " + id + ": refused: ID: this key is")));
    expect_sound();
}

TEST(TrailOfActs, HasOneRecordOfWhatIsPostedByHandAndOfWhatIsRefused) {
    const auto& desk = Desk::get();
    Acts acts(desk.tenant());
    test_support::write_text(desk.place() / "trail-entries.jsonl",
                             R"({"source_key":"trail-1","business_date":"2026-11-18","description":"rent","legs":[)"
                             R"({"account":"expense:rent","currency":"CNY","amount":100},)"
                             R"({"account":"bank:main","currency":"CNY","amount":-100}]})"
                             "\n");
    const auto posted = desk.run({"--json", "ledger", "post", "--tenant", desk.tenant(), "trail-entries.jsonl"});
    ASSERT_EQ(posted.status, 0) << posted.err;
    EXPECT_THAT(acts.news(), testing::ElementsAre("entry.post entries of trail-entries.jsonl: done"));
    ASSERT_EQ(
        desk.run({"ledger", "reverse", "--tenant", desk.tenant(), "--description", "mistake", "999999999"}).status, 3);
    EXPECT_THAT(acts.news(), testing::ElementsAre(StartsWith("entry.reverse entry 999999999: refused: ")));
    expect_sound();
}

TEST(TrailOfActs, HasOneRecordOfALimitWithWhatStoodBefore) {
    const auto& desk = Desk::get();
    Acts acts(desk.tenant());
    for (const auto* overdraft : {"500", "700"}) {
        const auto set = desk.run({"ledger", "limit", "--tenant", desk.tenant(), "--account", "payable:trail",
                                   "--currency", "CNY", "--overdraft", overdraft});
        ASSERT_EQ(set.status, 0) << set.err;
    }
    EXPECT_THAT(acts.news(), testing::ElementsAre("limit.set limit of payable:trail in CNY: done",
                                                  "limit.set limit of payable:trail in CNY: done"));
    const auto shown = desk.run({"--json", "audit", "trail", "--tenant", desk.tenant(), "--act", "limit.set"});
    const auto json = core::json::parse(shown.out);
    const auto& last = json->find("records")->items().back();
    EXPECT_THAT(std::string(last.string_at("before").value_or("")), StartsWith(R"({"overdraft":500,)"));
    EXPECT_THAT(std::string(last.string_at("after").value_or("")), StartsWith(R"({"overdraft":700,)"));
    expect_sound();
}

TEST(TrailOfActs, HasWhatIsTakenOutOfTheBooks) {
    const auto& desk = Desk::get();
    Acts acts(desk.tenant());
    Acts all("_instance");
    ASSERT_EQ(
        desk.run({"ledger", "export", "--tenant", desk.tenant(), "--from", "2026-11-18", "--format", "csv"}).status, 0);
    ASSERT_EQ(desk.run({"ledger", "payout", "export", "--tenant", desk.tenant()}).status, 0);
    EXPECT_THAT(acts.news(), testing::ElementsAre("books.export entries from 2026-11-18 until any as csv: done",
                                                  "payout.export 0 approved payouts: done"));
    ASSERT_EQ(desk.run({"--quiet", "audit", "database", "--confidence", "high"}).status, 0);
    EXPECT_THAT(all.news(), testing::ElementsAre("database.scan every table: done"));
    expect_sound();
}

TEST(TrailOfActs, HasASealOfWhatWasPostedAndNoneOfNothing) {
    const auto& desk = Desk::get();
    ASSERT_EQ(desk.run({"ledger", "seal", "--tenant", desk.tenant()}).status, 0);
    Acts acts(desk.tenant());
    ASSERT_EQ(desk.run({"ledger", "seal", "--tenant", desk.tenant()}).status, 0);
    EXPECT_THAT(acts.news(), testing::IsEmpty());
    test_support::write_text(desk.place() / "trail-sealed.jsonl",
                             R"({"source_key":"trail-2","business_date":"2026-11-18","description":"rent","legs":[)"
                             R"({"account":"expense:rent","currency":"CNY","amount":100},)"
                             R"({"account":"bank:main","currency":"CNY","amount":-100}]})"
                             "\n");
    ASSERT_EQ(desk.run({"ledger", "post", "--tenant", desk.tenant(), "trail-sealed.jsonl"}).status, 0);
    ASSERT_EQ(desk.run({"ledger", "seal", "--tenant", desk.tenant()}).status, 0);
    EXPECT_THAT(acts.news(),
                testing::ElementsAre("entry.post entries of trail-sealed.jsonl: done", "seal.make books: done"));
    expect_sound();
}

TEST(TrailOfActs, HasNothingOfWhatOnlyReads) {
    const auto& desk = Desk::get();
    Acts acts(desk.tenant());
    for (const std::vector<std::string>& words : {std::vector<std::string>{"key", "list"},
                                                  {"ledger", "trial-balance", "--tenant", desk.tenant()},
                                                  {"ledger", "limits", "--tenant", desk.tenant()},
                                                  {"audit", "verify"}}) {
        EXPECT_EQ(desk.run(words).status, 0);
    }
    EXPECT_THAT(acts.news(), testing::IsEmpty());
}

}  // namespace
}  // namespace e2e
