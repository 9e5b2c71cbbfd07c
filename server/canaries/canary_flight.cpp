#include "server/canaries/canary_flight.h"

#include <csignal>
#include <initializer_list>
#include <map>
#include <string_view>

#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "core/text/encoding.h"
#include "server/http_post.h"

namespace server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyFileMax = 1U << 16U;
constexpr std::size_t kOneIn = 24;  // of what needs a program of its own

std::string text(std::initializer_list<std::string_view> parts) {
    std::string whole;
    for (const auto part : parts) {
        whole += part;
    }
    return whole;
}

// What the service answers is kept, for an answer is a place as well.
class Sender {
public:
    Sender(const CanaryStage& stage, std::uint16_t port, CanaryPath& path)
        : answers_(stage.folder("kept") / "answers"), client_(port), path_(path) {}

    int send(const std::string& method, const std::string& target, const CallbackSender::Headers& headers,
             const std::string& body) {
        ++path_.sent;
        try {
            const auto answer = client_.send(method, target, headers, body);
            text_ += answer.text + "\n";
            path_.taken += answer.status >= 200 && answer.status < 300 ? 1 : 0;
            return answer.status;
        } catch (const core::OutsideFailure&) {
            return 0;  // closed without an answer: a refusal as well
        }
    }

    void keep(const std::string& name) {
        fs::create_directories(answers_);
        core::write_file(answers_ / (name + ".txt"), text_ + "\n");
    }

private:
    fs::path answers_;
    CallbackSender client_;
    CanaryPath& path_;
    std::string text_;
};

class Flight {
public:
    Flight(CanaryStage& stage, CanarySet& canaries)
        : stage_(stage), canaries_(canaries), remarks_(canaries.remarks()) {}

    std::vector<CanaryPath> all() {
        orders();
        const auto shop = issue_key("shop");
        const auto accountant = issue_key("accountant");
        use_keys({shop, accountant});
        port_ = stage_.start_service();
        callbacks();
        refused_callbacks();
        headers_and_urls();
        api(shop, accountant);
        pages();
        crash();
        files();
        nightly();
        exports();
        return std::move(paths_);
    }

private:
    CanaryPath& path(const std::string& name) { return paths_.emplace_back(CanaryPath{name}); }

    fs::path sent(const std::string& name, const std::string& bytes) {
        auto file = stage_.folder("sent") / name;
        core::write_file(file, bytes);
        return file;
    }

    bool run(CanaryPath& path, const std::string& log, std::vector<std::string> arguments) {
        ++path.sent;
        const bool done = stage_.command(log, std::move(arguments)) == 0;
        path.taken += done ? 1 : 0;
        return done;
    }

    // The world's own orders come in as a file, with canaries for descriptions and, some, for numbers.
    void orders() {
        auto& path = this->path("order import");
        std::map<std::string, std::string> files;
        std::size_t number = 0;
        for (const auto& channel : stage_.world().channels) {
            for (const auto& order : channel.scenario.orders) {
                core::json::Writer json;
                json.begin_object()
                    .member("merchant_order_id", order.merchant_order_id)
                    .member("amount", order.amount.minor())
                    .member("currency", order.amount.currency().code())
                    .member("created_at", core::format_rfc3339(order.created_at))
                    .member("description", remarks_[number++ % remarks_.size()])
                    .end_object();
                files[channel.tenant] += json.text() + "\n";
            }
        }
        for (const auto& card : canaries_.numbers()) {
            core::json::Writer json;
            json.begin_object()
                .member("merchant_order_id", "B" + std::to_string(number++) + "-" + card)
                .member("amount", 100)
                .member("currency", "CNY")
                .member("created_at", "2026-01-01T00:00:00Z")
                .end_object();
            files[stage_.tenant()] += json.text() + "\n";
        }
        for (const auto& [tenant, text] : files) {
            run(path, "orders",
                {"orders", "import", "--tenant", tenant,
                 sent("orders-" + canaries_.numbers().front() + "-" + tenant + ".jsonl", text).string()});
        }
    }

    std::string issue_key(const std::string& role) const {
        const auto file = stage_.folder("keys") / "api.key";
        fs::remove(file);
        if (stage_.command("key",
                           {"--quiet", "key", "issue", "--tenant", stage_.tenant(), "--name", "canary", "--role", role},
                           file) != 0) {
            throw core::OutsideFailure("no API key could be issued: " + core::read_file(file, kKeyFileMax));
        }
        auto text = core::read_file(file, kKeyFileMax);
        text.erase(text.find_last_not_of('\n') + 1);
        return text.substr(text.rfind('\n') + 1);
    }

    // Keys that are in use are canaries of their own: nothing but their own files may hold them.
    void use_keys(const std::vector<std::string>& api_keys) {
        for (const auto& key : api_keys) {
            canaries_.add_key("an API key's secret", key.substr(key.rfind('_') + 1));
        }
        for (const auto& entry : fs::recursive_directory_iterator(stage_.folder("keys"))) {
            const auto name = entry.path().filename().string();
            const bool is_secret = name.ends_with(".key") || name.ends_with(".secret");
            if (!entry.is_regular_file() || !is_secret || name == "api.key") {
                continue;
            }
            auto text = core::read_file(entry.path(), kKeyFileMax);
            text.erase(text.find_last_not_of(" \r\n") + 1);
            if (const auto bytes = core::crypto::hex_decode(text); bytes && bytes->size() >= 16) {
                canaries_.add_key(name + ", its bytes", *bytes);
            }
            canaries_.add_key(name, std::move(text));
        }
    }

    void callbacks() {
        for (const auto& channel : stage_.world().channels) {
            if (channel.tenant != stage_.tenant()) {
                continue;
            }
            auto& path = this->path("callbacks of " + channel.scenario.channel);
            Sender sender(stage_, port_, path);
            for (const auto& callback : channel.scenario.callbacks) {
                sender.send("POST", "/callbacks/" + channel.tenant + "/" + channel.scenario.channel,
                            callback.callback.headers, callback.callback.body);
            }
            sender.keep("callbacks-" + channel.scenario.channel);
        }
    }

    // What nobody signed, what can't be read, what is no text.
    void refused_callbacks() {
        auto& path = this->path("callbacks that are refused");
        Sender sender(stage_, port_, path);
        for (const auto& channel : stage_.world().channels) {
            const auto target = "/callbacks/" + channel.tenant + "/" + channel.scenario.channel;
            if (channel.tenant != stage_.tenant()) {
                continue;
            }
            auto good = channel.scenario.callbacks.front().callback;
            for (const auto& remark : remarks_) {
                core::json::Writer json;
                json.begin_object().member("id", remark).member("description", remark).end_object();
                sender.send("POST", target, {{"Content-Type", "application/json"}}, json.text());
                sender.send(
                    "POST", target, {{"Content-Type", "application/x-www-form-urlencoded"}},
                    "accNo=" + core::text::form_encode(remark) + "&signature=" + core::crypto::base64_encode(remark));
                sender.send("POST", target, good.headers, good.body + " " + remark + "\xFF");
            }
        }
        sender.keep("refused");
    }

    void headers_and_urls() {
        auto& path = this->path("headers and URLs");
        Sender sender(stage_, port_, path);
        for (const auto& remark : remarks_) {
            if (remark.find('\n') != std::string::npos) {
                continue;  // no header can hold it
            }
            const auto encoded = core::text::form_encode(remark);
            sender.send("GET", "/v1/orders?status=" + encoded, {{"Authorization", "Bearer " + remark}}, "");
            sender.send("GET", text({"/callbacks/", encoded, "/stripe?", encoded}), {{"User-Agent", remark}}, "");
            sender.send("POST", "/callbacks/" + stage_.tenant() + "/stripe",
                        {{"Stripe-Signature", "t=1,v1=" + remark}, {"Cookie", "session=" + remark}}, "{}");
            sender.send("GET", "/no-such-page/" + encoded, {{"X-Request-Id", remark}, {"Referer", remark}}, "");
        }
        sender.keep("headers");
    }

    void api(const std::string& shop, const std::string& accountant) {
        auto& path = this->path("API");
        Sender sender(stage_, port_, path);
        std::size_t number = 0;
        for (const auto& remark : remarks_) {
            const auto with = [&](const std::string& key, const std::string& once) {
                return CallbackSender::Headers{{"Authorization", "Bearer " + key},
                                               {"Content-Type", "application/json"},
                                               {"Idempotency-Key", once}};
            };
            const auto once = "canary-" + std::to_string(++number);
            const auto order = [&](std::int64_t amount, const std::string& id) {
                core::json::Writer json;
                json.begin_object().member("merchant_order_id", id).key("amount").begin_object();
                json.member("amount", amount).member("currency", "CNY").end_object();
                json.member("created_at", "2026-01-01T00:00:00Z").member("description", remark).end_object();
                return json.text();
            };
            const auto id =
                "C" + std::to_string(number) + "-" + canaries_.numbers()[number % canaries_.numbers().size()];
            sender.send("POST", "/v1/orders", with(shop, once), order(1000, id));
            sender.send("POST", "/v1/orders", with(shop, once + "x"), order(2000, id));  // known, and of another amount
            sender.send("POST", "/v1/orders", with(shop, core::text::form_encode(remark)), order(0, remark));
            sender.send("POST", "/v1/entries", with(accountant, once + "e"), entry(remark, "income:sales"));
            sender.send("POST", "/v1/entries", with(accountant, once + "y"),
                        entry("by hand", "income:" + canaries_.numbers()[number % canaries_.numbers().size()]));
            const auto encoded = core::text::form_encode(remark);
            sender.send("GET", "/v1/orders/" + encoded, with(shop, once), "");
            sender.send("GET", "/v1/orders?cursor=" + encoded, with(shop, once), "");
            core::json::Writer unknown;
            unknown.begin_object().member(remark, remark).end_object();
            sender.send("POST", "/v1/entries", with(accountant, once + "z"), unknown.text());
        }
        sender.keep("api");
    }

    static std::string entry(const std::string& description, const std::string& account) {
        core::json::Writer json;
        json.begin_object().member("description", description).member("business_date", "2026-01-01");
        json.key("legs").begin_array();
        for (const auto& [name, minor] : {std::pair<std::string, int>("bank:main", 500), {account, -500}}) {
            json.begin_object().member("account", name).key("amount").begin_object();
            json.member("amount", minor).member("currency", "CNY").end_object().end_object();
        }
        return json.end_array().end_object().text();
    }

    void pages() {
        auto& path = this->path("pages");
        Sender sender(stage_, port_, path);
        for (const auto& remark : remarks_) {
            const auto encoded = core::text::form_encode(remark);
            sender.send("GET", "/login?token=" + encoded, {}, "");
            sender.send("GET", text({"/?tenant=", encoded, "&q=", encoded}), {}, "");
            sender.send("POST", "/login", {{"Content-Type", "application/x-www-form-urlencoded"}}, "token=" + encoded);
        }
        sender.keep("pages");
    }

    // Killed as by a fault of its own, with canaries in its memory; then it starts again over what it left.
    void crash() {
        auto& path = this->path("crash");
        ++path.sent;
        stage_.end_service(SIGABRT);
        port_ = stage_.start_service();
        ++path.taken;
        stage_.end_service(SIGTERM);
    }

    void files() {
        auto& path = this->path("files that are refused");
        const auto card = canaries_.numbers().front();
        const auto bad = sent("bad-" + card + ".jsonl",
                              "{\"merchant_order_id\":\"" + card + "\",\"amount\":\"" + remarks_.front() + "\"}\n");
        run(path, "refused", {"orders", "import", "--tenant", stage_.tenant(), bad.string()});
        run(path, "refused", {"ledger", "post", "--tenant", stage_.tenant(), bad.string()});
        for (std::size_t i = 0; i < remarks_.size(); i += kOneIn) {
            const auto& remark = remarks_[i];
            const auto statement = sent("statement-" + card + ".csv", text({remark, ",", remark, "\n`1,`2\n"}));
            for (const char* channel : {"unionpay", "wechatpay", "stripe"}) {
                run(path, "refused",
                    {"reconcile", "--tenant", stage_.tenant(), "--channel", channel, "--date",
                     core::format_day(stage_.world().first_day), "--statement", statement.string(), "--out",
                     (stage_.folder("kept") / "lists-refused").string()});
            }
            run(path, "refused", {"orders", "show", "--tenant", remark, remark});
        }
        run(path, "refused", {"audit", "scan", stage_.folder("sent").string()});
    }

    void nightly() {
        auto& path = this->path("statements");
        for (const auto& channel : stage_.world().channels) {
            for (const auto& day : channel.scenario.statements) {
                path.sent += day.files.size();
            }
        }
        const auto broken = stage_.folder("statements") / stage_.tenant() / "stripe" /
                            core::format_day(core::day_before(stage_.world().first_day));
        fs::create_directories(broken);
        core::write_file(broken / ("report-" + canaries_.numbers().front() + ".csv"), remarks_.front() + "\n");
        (void)stage_.command("nightly", {"nightly"});
        for (const auto& entry : fs::recursive_directory_iterator(stage_.folder("review"))) {
            path.taken += entry.path().filename() == "summary.json" ? 1 : 0;
        }
    }

    void exports() {
        auto& path = this->path("exports and lists");
        for (const char* format : {"hledger", "beancount", "csv"}) {
            run(path, format, {"ledger", "export", "--tenant", stage_.tenant(), "--format", format});
        }
        run(path, "orders-list", {"--json", "orders", "list", "--tenant", stage_.tenant()});
        run(path, "quarantine", {"--json", "callbacks", "quarantine", "--tenant", stage_.tenant()});
        run(path, "verify", {"ledger", "verify", "--tenant", stage_.tenant()});
        run(path, "audit-database", {"--json", "audit", "database"});
    }

    CanaryStage& stage_;
    CanarySet& canaries_;
    std::vector<std::string> remarks_;
    std::vector<CanaryPath> paths_;
    std::uint16_t port_ = 0;
};

}  // namespace

std::vector<CanaryPath> fly(CanaryStage& stage, CanarySet& canaries) { return Flight(stage, canaries).all(); }

}  // namespace server
