// `duizhang serve` as a process: what payment providers, operators and people get over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "tests/e2e/service/running.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using test_support::Process;
using testing::HasSubstr;
using testing::Not;

struct Provider {
    const char* channel;
    int accepted;
    const char* body;
};

class Callback : public testing::TestWithParam<Provider> {
protected:
    Running& service_ = Running::the();
    std::string channel_ = GetParam().channel;
    std::string path_ = service_.path(channel_);

    void expect_refused(const Answer& answer, int status) const {
        EXPECT_EQ(answer.status, status) << answer.head << answer.body;
        if (channel_ == "wechatpay") {
            EXPECT_THAT(answer.body, HasSubstr("\"FAIL\""));
        } else {
            EXPECT_EQ(answer.header("content-type"), "application/problem+json");
        }
    }
};

TEST_P(Callback, IsAcceptedInTheChannelsWordsAndOnceOnly) {
    const auto& good = service_.callback(channel_);
    const auto first = service_.client().post(path_, good.headers, good.body);
    EXPECT_EQ(first.status, GetParam().accepted) << first.body;
    EXPECT_EQ(first.body, GetParam().body);
    // Committed before the answer: another process sees it.
    const auto books = service_.trial_balance(service_.channel(channel_).tenant);
    EXPECT_THAT(books, HasSubstr("transit:payment:" + channel_));

    const auto again = service_.client().post(path_, good.headers, good.body);
    EXPECT_EQ(again.status, GetParam().accepted);
    EXPECT_EQ(again.body, GetParam().body);
    EXPECT_EQ(service_.trial_balance(service_.channel(channel_).tenant), books);
}

TEST_P(Callback, ForgedIsRefusedAndBooksNothing) {
    const auto books = service_.trial_balance(service_.channel(channel_).tenant);
    auto changed = service_.callback(channel_);
    const auto at = changed.body.find_last_of("0123456789");
    changed.body[at] = changed.body[at] == '7' ? '8' : '7';
    expect_refused(service_.client().post(path_, changed.headers, changed.body), 401);
    if (channel_ != "unionpay") {
        Headers unsigned_headers = {{"Content-Type", "application/json"}};
        expect_refused(service_.client().post(path_, unsigned_headers, service_.callback(channel_).body), 401);
    }
    EXPECT_EQ(service_.trial_balance(service_.channel(channel_).tenant), books);
}

// A customer's card, a complaint, a share that a receiver got: the channel must not send them again and again.
TEST_P(Callback, ThatMovesNoMoneyOfOursIsAcknowledgedAndCounted) {
    const auto& channel = service_.channel(channel_);
    const auto recorded = [&] {
        const auto text = service_.client().get("/metrics").body;
        const std::string line = "duizhang_callbacks_total{channel=\"" + channel_ + "\",result=\"recorded\"} ";
        const auto at = text.find(line);
        return at == std::string::npos ? 0 : std::stoi(text.substr(at + line.size()));
    };
    payments::SimulatedTransaction payment{payments::TransactionType::payment,
                                           "E2E-NOTHING",
                                           {},
                                           {10000, channel.simulator->currency()},
                                           core::SystemClock().now(),
                                           core::day_of(core::SystemClock().now(), channel.simulator->day_cut()),
                                           {0, channel.simulator->currency()},
                                           {},
                                           {},
                                           {},
                                           {}};
    payments::Random random(11);
    channel.simulator->assign_ids(payment, nullptr, random);
    const auto before = recorded();
    const auto books = service_.trial_balance(channel.tenant);
    // The first of them is about no money at all.
    const auto nothing = channel.simulator->further_callbacks(payment, core::SystemClock().now(), random).front();
    const auto answer = service_.client().post(path_, nothing.headers, nothing.body);
    EXPECT_EQ(answer.status, GetParam().accepted) << answer.body;
    EXPECT_EQ(answer.body, GetParam().body);
    EXPECT_EQ(recorded(), before + 1);
    EXPECT_EQ(service_.trial_balance(channel.tenant), books);
}

TEST_P(Callback, OfAnotherTenantIsRefused) {
    const auto& good = service_.callback(channel_);
    std::string other;
    for (const char* name : {"unionpay", "wechatpay", "stripe"}) {
        if (channel_ != name) {
            other = name;
        }
    }
    // A channel's message at another channel's address.
    const auto answer = service_.client().post(service_.path(other), good.headers, good.body);
    EXPECT_TRUE(answer.status == 401 || answer.status == 415) << answer.status;
}

TEST_P(Callback, ToNobodyIsNotFound) {
    const auto& good = service_.callback(channel_);
    expect_refused(service_.client().post("/callbacks/nobody/" + channel_, good.headers, good.body), 404);
    EXPECT_EQ(service_.client().post("/callbacks/nobody/alipay", good.headers, good.body).status, 404);
    // The content type is looked at first, whoever the tenant is.
    expect_refused(service_.client().post("/callbacks/nobody/" + channel_, {{"Content-Type", "text/plain"}}, ""), 415);
}

TEST_P(Callback, OfAnotherContentTypeIsRefused) {
    auto headers = service_.callback(channel_).headers;
    std::erase_if(headers, [](const auto& header) { return header.first == "Content-Type"; });
    headers.emplace_back("Content-Type", "text/plain");
    expect_refused(service_.client().post(path_, headers, service_.callback(channel_).body), 415);
}

TEST_P(Callback, AboveOneMebibyteIsRefused) {
    const auto& good = service_.callback(channel_);
    EXPECT_EQ(service_.client().post(path_, good.headers, std::string((1U << 20U) + 1, 'x')).status, 413);
}

TEST_P(Callback, WithoutALengthIsRefused) {
    std::string head = "POST " + path_ + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
    for (const auto& [name, value] : service_.callback(channel_).headers) {
        head += name + ": " + value + "\r\n";
    }
    EXPECT_EQ(service_.client().exchange(head + "\r\n").status, 411);
    EXPECT_EQ(service_.client().exchange(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n").status,
              411);
}

TEST_P(Callback, WithHugeHeadersIsRefused) {
    auto headers = service_.callback(channel_).headers;
    headers.emplace_back("X-Filler", std::string(40'000, 'x'));
    EXPECT_EQ(service_.client().post(path_, headers, "{}").status, 431);
}

TEST_P(Callback, WithEmptyBodyIsRefused) {
    const auto answer = service_.client().post(path_, service_.callback(channel_).headers, "");
    EXPECT_TRUE(answer.status == 400 || answer.status == 401) << answer.status;
}

INSTANTIATE_TEST_SUITE_P(, Callback,
                         testing::Values(Provider{"wechatpay", 204, ""}, Provider{"unionpay", 200, "ok"},
                                         Provider{"stripe", 200, "{\"received\":true}"}),
                         [](const auto& row) { return std::string(row.param.channel); });

TEST(CallbackRate, IsLimitedForEachTenantAlone) {
    Running service({{"DUIZHANG_SERVICE_CALLBACKS_PER_SECOND", "1"}, {"DUIZHANG_SERVICE_CALLBACKS_BURST", "3"}});
    const auto& good = service.callback("stripe");
    Answer refused;
    for (int i = 0; i < 20 && refused.status != 429; ++i) {
        refused = service.client().post(service.path("stripe"), good.headers, good.body);
    }
    EXPECT_EQ(refused.status, 429);
    EXPECT_GE(std::atoi(refused.header("retry-after").c_str()), 1);
    const auto& other = service.callback("unionpay");
    EXPECT_EQ(service.client().post(service.path("unionpay"), other.headers, other.body).status, 200);
    // Another tenant's callbacks of the same channel: this one is not theirs, and that is all that is wrong with it.
    const auto others = "/callbacks/" + service.other_tenant("stripe") + "/stripe";
    EXPECT_EQ(service.client().post(others, good.headers, good.body).status, 401);
}

TEST(KeyRate, IsLimitedForEachKeyAlone) {
    Running service({{"DUIZHANG_SERVICE_API_PER_SECOND", "1"}, {"DUIZHANG_SERVICE_API_BURST", "3"}});
    const auto ask = [&](const std::string& key) {
        return service.client().get("/v1/accounts", {{"Authorization", "Bearer " + key}});
    };
    const auto issued = [&] {
        const auto text = test_support::duizhang(
            service.place(), {"key", "issue", "--tenant", service.channel("stripe").tenant, "--role", "reader"});
        return text.out.substr(0, text.out.find('\n'));
    };
    const auto greedy = issued();
    Answer refused;
    for (int i = 0; i < 20 && refused.status != 429; ++i) {
        refused = ask(greedy);
    }
    EXPECT_EQ(refused.status, 429);
    EXPECT_GE(std::atoi(refused.header("retry-after").c_str()), 1);
    EXPECT_EQ(ask(issued()).status, 200);
}

TEST(Operators, SeeThatItLivesAndIsReady) {
    const auto& client = Running::the().client();
    EXPECT_EQ(client.get("/livez").status, 200);
    EXPECT_EQ(client.get("/readyz").status, 200);
    const auto version = client.get("/version");
    EXPECT_EQ(version.status, 200);
    EXPECT_THAT(version.body, HasSubstr("\"version\""));
    const auto openapi = client.get("/openapi.json");
    EXPECT_EQ(openapi.status, 200);
    EXPECT_THAT(openapi.body, HasSubstr("3.1"));
    EXPECT_EQ(client.get("/nowhere").status, 404);
    EXPECT_EQ(client.request("DELETE", "/livez/../", {}, "").status / 100, 4);
}

TEST(Operators, CountCallbacksInPrometheusText) {
    const auto& service = Running::the();
    const auto& good = service.callback("stripe");
    service.client().post(service.path("stripe"), good.headers, good.body);
    const auto metrics = service.client().get("/metrics");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_THAT(metrics.header("content-type"), HasSubstr("text/plain"));
    EXPECT_THAT(metrics.body, HasSubstr("duizhang_callbacks_total{channel=\"stripe\""));
}

TEST(Console, IsClosedWithoutALogin) {
    const auto& client = Running::the().client();
    EXPECT_EQ(client.get("/").status, 401);
    EXPECT_EQ(client.get("/", {{"Cookie", "duizhang_session=guessed"}}).status, 401);
    EXPECT_EQ(client.get("/login?token=1.2.3").status, 403);
}

TEST(Console, LetsAOneTimeLoginInOnce) {
    const auto& service = Running::the();
    const auto link = service.wait_for("one-time login: ");
    const auto path = link.substr(link.find("/login"));
    const auto in = service.client().get(path);
    ASSERT_EQ(in.status, 303) << in.head;
    const auto cookie = in.header("set-cookie");
    EXPECT_THAT(cookie, HasSubstr("HttpOnly"));
    EXPECT_THAT(cookie, HasSubstr("SameSite="));
    const auto page = service.client().get("/", {{"Cookie", cookie.substr(0, cookie.find(';'))}});
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.header("content-security-policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(service.client().get(path).status, 403) << "the second time it is nobody's";
}

TEST(Console, GivesNoFileOutsideItsFolder) {
    const auto& service = Running::the();
    const auto login = test_support::duizhang(service.place(), {"login"}).out;
    const auto in = service.client().get(login.substr(login.find("/login"), login.find('\n') - login.find("/login")));
    ASSERT_EQ(in.status, 303);
    const Headers cookie = {{"Cookie", in.header("set-cookie").substr(0, in.header("set-cookie").find(';'))}};
    for (const char* path : {"/review/../../keys/master.key", "/review/%2e%2e/%2e%2e/keys/master.key",
                             "/review/acme/stripe/..%2f..%2f..%2fduizhang.toml", "/../duizhang.toml"}) {
        const auto answer = service.client().get(path, cookie);
        EXPECT_EQ(answer.status / 100, 4) << path;
        EXPECT_THAT(answer.body, Not(HasSubstr("master_key"))) << path;
    }
}

TEST(Service, ReloadsOnHupEndsOnTermAndRecordsThatAndWhoCameIn) {
    Running service;
    const auto link = service.wait_for("one-time login: ");
    ASSERT_EQ(service.client().get(link.substr(link.find("/login"))).status, 303);
    ASSERT_EQ(service.client().get("/login?token=1.2.3").status, 403);
    const auto config = service.place() / "duizhang.toml";
    const auto good = test_support::text_of(config);
    test_support::write_text(config, good + "\n[nonsense\n");
    service.process().signal(SIGHUP);
    service.wait_for("reload_refused");
    EXPECT_EQ(service.client().get("/readyz").status, 200) << "the old configuration stays in force";
    test_support::write_text(config, good);
    service.process().signal(SIGHUP);
    service.wait_for("configuration_reloaded");
    const auto& callback = service.callback("unionpay");
    EXPECT_EQ(service.client().post(service.path("unionpay"), callback.headers, callback.body).status, 200);
    service.process().signal(SIGTERM);
    const auto ran = service.process().finish(std::chrono::seconds(40));
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.err, Not(HasSubstr("panic")));
    const auto told = test_support::duizhang(service.place(), {"--json", "audit", "trail", "--tenant", "_instance"});
    ASSERT_EQ(told.status, 0) << told.err;
    std::vector<std::string> acts;
    const auto trail = core::json::parse(told.out);
    for (const auto& record : trail->find("records")->items()) {
        acts.push_back(std::string(*record.string_at("act")) + ": " + std::string(*record.string_at("outcome")));
    }
    EXPECT_THAT(acts, testing::ElementsAre("service.start: done", "console.login: done",
                                           "console.login: refused: this login is wrong, stale or used",
                                           testing::StartsWith("configuration.reload: refused: "),
                                           "configuration.reload: done", "service.stop: done"));
    EXPECT_EQ(test_support::duizhang(service.place(), {"audit", "verify"}).status, 0);
}

}  // namespace
}  // namespace e2e
