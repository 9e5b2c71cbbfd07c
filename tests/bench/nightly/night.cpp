#include "tests/bench/nightly/night.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <pqxx/pqxx>
#include <sstream>
#include <stdexcept>

#include "core/db/migrations.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "core/money.h"
#include "core/time.h"
#include "payments/channels/registry.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kOneIn = 1000;

// The business day that a night works on: yesterday, in Shanghai.
std::string yesterday() {
    const auto there = std::chrono::system_clock::now() + std::chrono::hours(8);
    return core::format_day(date::floor<date::days>(there) - date::days(1));
}

std::string yuan(std::int64_t minor) { return core::decimal_from_minor(minor, 2); }
std::string tenant_of(std::uint64_t number) { return "t" + std::to_string(number); }

// The same in SQL and here.
std::int64_t amount_of(std::uint64_t number) { return static_cast<std::int64_t>(100 + number * 7919 % 500'000); }

std::string padded(std::uint64_t number, std::size_t digits) {
    const std::string text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

// As WeChat Pay writes a payment in its 27 columns.
void write_payment(std::ostream& bill, const std::string& day, std::uint64_t number, std::int64_t amount,
                   const std::string& merchant) {
    const auto fee = (amount * 60 + 5000) / 10'000;
    bill << '`' << day << " 12:" << padded(number / 60 % 60, 2) << ':' << padded(number % 60, 2)
         << ",`wx8888888888888888,`" << merchant << ",`0,`,`4200" << padded(number, 24) << ",`PAY" << padded(number, 17)
         << ",`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`SUCCESS,`OTHERS,`CNY,`" << yuan(amount)
         << ",`0.00,`0,`0,`0.00,`0.00,`,`,`tea,`store-17,`" << yuan(fee) << "000,`0.60%,`" << yuan(amount)
         << ",`0.00,`\r\n";
}

void write_bill(const fs::path& path, const std::string& day, std::uint64_t begin, std::uint64_t end,
                const std::string& merchant) {
    fs::create_directories(path.parent_path());
    std::ofstream bill(path, std::ios::binary);
    bill << "\xEF\xBB\xBF交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
            "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
            "退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n";
    std::int64_t sum = 0;
    std::int64_t fees = 0;
    for (std::uint64_t number = begin; number < end; ++number) {
        const std::int64_t amount = amount_of(number) + (number % kOneIn == 0 ? 1 : 0);
        write_payment(bill, day, number, amount, merchant);
        sum += amount;
        fees += (amount * 60 + 5000) / 10'000;
    }
    bill << "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`"
         << end - begin << ",`" << yuan(sum) << ",`0.00,`0.00,`" << yuan(fees) << "000,`" << yuan(sum) << ",`0.00\r\n";
    bill.close();
    if (!bill) {
        throw std::runtime_error("can't write " + path.string());
    }
}

struct Ended {
    int status = 0;
    rusage usage{};
};

Ended run_command(const std::vector<std::string>& words, const fs::path& out) {
    std::vector<char*> arguments;
    for (const auto& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));  // exec takes them so and changes nothing
    }
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        if (std::freopen(out.c_str(), "w", stdout) != nullptr) {
            ::execv(arguments.front(), arguments.data());
        }
        ::_exit(127);
    }
    Ended ended;
    if (child < 0 || ::wait4(child, &ended.status, 0, &ended.usage) != child) {
        throw std::runtime_error("can't run " + words.front());
    }
    return ended;
}

// Of PostgreSQL's processes that have ended: those that served a command are among them when it is over.
std::int64_t ended_milliseconds(const fs::path& data) {
    std::ifstream pid_file(data / "postmaster.pid");
    std::string pid;
    std::getline(pid_file, pid);
    std::ifstream file("/proc/" + pid + "/stat");
    std::string stat;
    std::getline(file, stat);
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    constexpr int kBefore = 13;  // from the state to stime
    std::string skipped;
    for (int i = 0; i < kBefore; ++i) {
        fields >> skipped;
    }
    std::int64_t user = 0;
    std::int64_t system = 0;
    fields >> user >> system;
    return (user + system) * 1000 / ::sysconf(_SC_CLK_TCK);
}

std::int64_t milliseconds(const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; }

}  // namespace

Night::Night(const fs::path& folder, std::uint64_t tenants, std::uint64_t payments)
    : folder_(folder), day_(yesterday()), tenants_(tenants), payments_(payments) {
    fs::remove_all(folder_);
    configure();
    cluster_ = std::make_unique<core::db::EmbeddedCluster>(folder_ / "pg");
    core::db::migrate(cluster_->owner_connection());
    book();
    write_bills();
}

Night::~Night() = default;

void Night::configure() {
    fs::create_directories(folder_ / "keys");
    core::write_file(folder_ / "keys" / "master.key", std::string(64, 'a') + "\n", 0600);
    const auto simulator = payments::find_channel("wechatpay")->make_simulator("bench", 7);
    const auto section = simulator->write_configuration(folder_, folder_ / "keys");
    const std::string key = "merchant_id = \"";
    const auto at = section.find(key) + key.size();
    merchant_ = section.substr(at, section.find('"', at) - at);
    std::string toml =
        "[database]\nembedded = \"pg\"\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n\n[nightly]\n"
        "statements = \"statements\"\nreview_lists = \"review\"\ncarry_window = \"0m\"\n";
    for (std::uint64_t i = 0; i < tenants_; ++i) {
        toml += "\n[[tenant]]\nid = \"" + tenant_of(i) + "\"\nname = \"" + tenant_of(i) + "\"\ncurrency = \"CNY\"\n" +
                section + "\n[[tenant.wechatpay.fee]]\ncurrency = \"CNY\"\nbasis_points = 60\n";
    }
    core::write_file(folder_ / "duizhang.toml", toml);
}

void Night::book() const {
    pqxx::connection connection(cluster_->connection_as("duizhang_admin", "duizhang"));
    pqxx::work work(connection);
    const std::string all = "generate_series(0::bigint, " + std::to_string(tenants_ * payments_ - 1) + ") n";
    const std::string columns = "'t' || n / " + std::to_string(payments_) + " as tenant";
    const std::string when = "timestamptz '" + day_ + " 12:00:00+08' + make_interval(secs => n % 3600)";
    work.exec(
        "insert into payments.orders (tenant_id, merchant_order_id, amount_minor, currency, created_at, split_name,"
        " split_shares, description)"
        " select " +
        columns + ", 'PAY' || lpad(n::text, 17, '0'), 100 + n * 7919 % 500000, 'CNY', " + when + ", '', '', '' from " +
        all);
    work.exec(
        "insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,"
        " merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,"
        " masked_card, entry_id)"
        " select " +
        columns +
        ", 'wechatpay', 'payment', '4200' || lpad(n::text, 24, '0'), 'captured', 100 + n * 7919 % 500000, 'CNY',"
        " 'PAY' || lpad(n::text, 17, '0'), '', '', " +
        when + ", '" + day_ + "', 1, '{}', '', n + 1 from " + all);
    work.commit();
    pqxx::nontransaction plain(connection);
    plain.exec("vacuum analyze payments.orders");
    plain.exec("vacuum analyze payments.movements");
    plain.exec("checkpoint");
}

void Night::write_bills() const {
    for (std::uint64_t i = 0; i < tenants_; ++i) {
        const std::string name = merchant_ + "ALL_" + day_ + ".csv";
        write_bill(folder_ / "statements" / tenant_of(i) / "wechatpay" / day_ / name, day_, i * payments_,
                   (i + 1) * payments_, merchant_);
    }
}

NightRun Night::run(unsigned workers, bool again) const {
    const fs::path out = folder_ / "night.json";
    const auto database = ended_milliseconds(folder_ / "pg" / "data");
    const auto begun = std::chrono::steady_clock::now();
    const Ended ended = run_command({std::string(DUIZHANG_BINARY_DIR) + "/duizhang", "--json", "--quiet", "--config",
                                     folder_ / "duizhang.toml", "nightly", "--workers", std::to_string(workers)},
                                    out);
    NightRun run;
    run.milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
    run.cpu_milliseconds = milliseconds(ended.usage.ru_utime) + milliseconds(ended.usage.ru_stime);
    run.database_cpu_milliseconds = ended_milliseconds(folder_ / "pg" / "data") - database;
    run.peak_kib = ended.usage.ru_maxrss;
    if (ended.status != 0) {
        throw std::runtime_error("duizhang nightly failed");
    }
    check(core::read_file(out, std::size_t{1} << 30U), again);
    return run;
}

void Night::check(const std::string& answer, bool again) const {
    const auto told = core::json::parse(answer, {.bytes_max = std::size_t{1} << 30U});
    if (!told) {
        throw std::runtime_error("what duizhang nightly says is no JSON");
    }
    std::uint64_t days = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t matched = 0;
    std::uint64_t rows = 0;
    for (const auto& day : told->find("days")->items()) {
        ++days;
        unchanged += day.string_at("outcome") == "unchanged" ? 1 : 0;
        matched += static_cast<std::uint64_t>(day.integer_at("matched").value_or(0));
        rows += static_cast<std::uint64_t>(day.integer_at("discrepancies").value_or(0));
    }
    const std::uint64_t planted = again ? 0 : (tenants_ * payments_ + kOneIn - 1) / kOneIn;
    const std::uint64_t pairs = again ? 0 : tenants_ * payments_ - planted;
    if (days != tenants_ || unchanged != (again ? tenants_ : 0) || rows != planted || matched != pairs) {
        throw std::runtime_error("the night found " + std::to_string(days) + " days, " + std::to_string(unchanged) +
                                 " of them unchanged, " + std::to_string(matched) + " pairs and " +
                                 std::to_string(rows) + " rows");
    }
}

}  // namespace bench
