#include "day.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <pqxx/pqxx>
#include <stdexcept>

#include "core/db/migrations.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "core/money.h"
#include "payments/channels/registry.h"

namespace bench {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDay = "2026-11-18";

std::string merchant_of(const std::string& section) {
    const std::string key = "merchant_id = \"";
    const auto at = section.find(key) + key.size();
    return section.substr(at, section.find('"', at) - at);
}

// One line of the plant: its cells by the header's order.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::size_t from = 0;
    for (auto comma = line.find(','); comma != std::string::npos; from = comma + 1, comma = line.find(',', from)) {
        cells.push_back(line.substr(from, comma - from));
    }
    cells.push_back(line.substr(from));
    return cells;
}

struct Sums {
    std::uint64_t count = 0;
    std::int64_t payments = 0;
    std::int64_t refunds = 0;
    std::int64_t fees = 0;
};

std::string yuan(std::int64_t minor) { return core::decimal_from_minor(minor, 2); }

// As WeChat Pay writes it (its 27 columns), in the day's local time.
void write_row(std::ostream& bill, const std::string& line, const std::string& merchant, Sums& sums) {
    const auto cells = cells_of(line);
    const bool refund = cells[2] == "refund";
    const std::int64_t amount = std::stoll(cells[3]);
    const std::int64_t fee = refund ? -std::stoll(cells[4]) : std::stoll(cells[4]);
    const bool failed = cells[6] == "failed";
    const std::string shown = yuan(amount);
    const std::string hour = cells[7].substr(11, 8);
    bill << '`' << kDay << ' ' << hour << ",`wx8888888888888888,`" << merchant << ",`0,`,`"
         << (refund ? "P" + cells[0] : cells[0]) << ",`" << cells[1] << ",`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`"
         << (refund   ? "REFUND"
             : failed ? "REVOKED"
                      : "SUCCESS")
         << ",`OTHERS,`CNY,`" << (refund ? "0.00" : shown) << ",`0.00,`" << (refund ? cells[0] : "0") << ",`"
         << (refund ? "R" + cells[1] : "0") << ",`" << (refund ? shown : "0.00") << ",`0.00,`"
         << (refund ? "ORIGINAL" : "") << ",`"
         << (!refund  ? ""
             : failed ? "FAIL"
                      : "SUCCESS")
         << ",`生鲜套餐,`store-17,`" << yuan(fee) << "000,`0.60%,`" << (refund ? "0.00" : shown) << ",`"
         << (refund ? shown : "0.00") << ",`\r\n";
    ++sums.count;
    (refund ? sums.refunds : sums.payments) += amount;
    sums.fees += fee;
}

}  // namespace

BookedDay::BookedDay(const Plant& plant, const fs::path& folder) : plant_(plant), folder_(folder) {
    plant_.kinds.erase("duplicate_in_ledger");
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "keys");
    core::write_file(folder_ / "keys" / "master.key", std::string(64, 'a') + "\n", 0600);
    const auto simulator = payments::find_channel("wechatpay")->make_simulator("bench", 7);
    const auto section = simulator->write_configuration(folder_, folder_ / "keys");
    merchant_ = merchant_of(section);
    configuration_ = folder_ / "duizhang.toml";
    core::write_file(configuration_,
                     "[database]\nembedded = \"pg\"\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n"
                     "\n[nightly]\nreview_lists = \"review\"\ncarry_window = \"0m\"\n\n"
                     "[[tenant]]\nid = \"bench\"\nname = \"Bench\"\ncurrency = \"CNY\"\n\n" +
                         section + "\n[[tenant.wechatpay.fee]]\ncurrency = \"CNY\"\nbasis_points = 60\n");
    cluster_ = std::make_unique<core::db::EmbeddedCluster>(folder_ / "pg");
    core::db::migrate(cluster_->owner_connection());
    load();
    write_bill();
}

BookedDay::~BookedDay() = default;

void BookedDay::load() {
    pqxx::connection connection(cluster_->connection_as("duizhang_admin", "duizhang"));
    pqxx::work work(connection);
    work.exec("set local work_mem = '1GB'");
    work.exec("set local maintenance_work_mem = '1GB'");
    // Made again when all rows are there, which takes a fraction of the time.
    const auto indexes = work.exec(
        "select schemaname || '.' || indexname, indexdef from pg_indexes"
        " where schemaname = 'payments' and tablename = 'movements' and indexdef not like '%UNIQUE%'");
    for (const auto& index : indexes) {
        work.exec("drop index " + index[0].as<std::string>());
    }
    work.exec(
        "create temp table l (channel_txn_id text, merchant_order_id text, type text, amount bigint, fee bigint,"
        " currency text, status text, occurred_at timestamptz)");
    work.exec("copy l from " + work.quote(fs::absolute(plant_.left).string()) + " (format csv, header)");
    work.exec(
        "insert into payments.orders (tenant_id, merchant_order_id, amount_minor, currency, created_at, split_name,"
        " split_shares, description)"
        " select distinct on (merchant_order_id) 'bench', merchant_order_id, amount, currency, occurred_at, '', '', ''"
        " from l where type = 'payment'");
    work.exec(
        "insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,"
        " merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,"
        " masked_card, entry_id, movement_id, order_agrees) overriding system value"
        " select 'bench', 'wechatpay', type, channel_txn_id, 'captured',"
        " case type when 'refund' then -amount else amount end, once.currency, once.merchant_order_id,"
        " case type when 'refund' then 'R' || once.merchant_order_id else '' end,"
        " case type when 'refund' then 'P' || channel_txn_id else '' end, occurred_at - interval '8 hours', '" +
        std::string(kDay) +
        // A channel's movements have every third number: others come in between.
        "', 1, '{}', '', row_number() over (), 3 * row_number() over (),"
        " case when o.amount_minor = once.amount and o.currency = once.currency and once.type = 'payment' then true end"
        " from (select distinct on (channel_txn_id) * from l) once left join payments.orders o"
        "   on o.tenant_id = 'bench' and o.merchant_order_id = once.merchant_order_id");
    work.exec("drop table l");
    for (const auto& index : indexes) {
        work.exec(index[1].as<std::string>());
    }
    work.commit();
    pqxx::nontransaction plain(connection);
    plain.exec("vacuum analyze payments.orders");
    plain.exec("vacuum analyze payments.movements");
}

void BookedDay::write_bill() {
    bill_ = folder_ / (merchant_ + "ALL_" + kDay + ".csv");
    std::ofstream bill(bill_, std::ios::binary);
    bill << "\xEF\xBB\xBF交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
            "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
            "退款状态,"
            "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n";
    std::ifstream right(plant_.right, std::ios::binary);
    std::string line;
    std::getline(right, line);
    Sums sums;
    while (std::getline(right, line)) {
        write_row(bill, line, merchant_, sums);
    }
    bill << "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`"
         << sums.count << ",`" << yuan(sums.payments) << ",`" << yuan(sums.refunds) << ",`0.00,`" << yuan(sums.fees)
         << "000,`" << yuan(sums.payments) << ",`" << yuan(sums.refunds) << "\r\n";
    bill.close();
    if (!bill) {
        throw std::runtime_error("can't write " + bill_.string());
    }
}

void BookedDay::forget_run() {
    pqxx::connection connection(cluster_->connection_as("duizhang_admin", "duizhang"));
    pqxx::nontransaction work(connection);
    work.exec("set session_replication_role = replica");  // posted entries refuse to go otherwise
    const auto tables = work.exec(
        "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables"
        " where schemaname in ('reconciliation', 'ledger') and tablename not like 'template%'");
    work.exec("truncate " + tables[0][0].as<std::string>() + " cascade");
    work.exec("checkpoint");
}

Run BookedDay::reconcile(const std::string& memory) {
    forget_run();
    std::string answer;
    std::vector<std::string> command{std::string(DUIZHANG_BINARY_DIR) + "/duizhang", "--json", "--quiet"};
    command.insert(command.end(), {"--config", configuration_, "reconcile", "--tenant", "bench", "--channel",
                                   "wechatpay", "--date", kDay, "--statement", bill_});
    if (!memory.empty()) {
        command.insert(command.end(), {"--memory", memory});
    }
    Run run = run_program(command, answer);
    const auto document = core::json::parse(answer, {.bytes_max = std::size_t{1} << 30U});
    if (!document) {
        throw std::runtime_error("duizhang's summary is no JSON");
    }
    for (const auto& [kind, count] : document->find("discrepancies")->members()) {
        run.kinds[kind] = static_cast<std::uint64_t>(count.integer().value_or(0));
    }
    return run;
}

Run BookedDay::join_in_postgresql() {
    pqxx::connection connection(cluster_->connection_as("duizhang_admin", "duizhang"));
    const auto begun = std::chrono::steady_clock::now();
    pqxx::work work(connection);
    work.exec(
        "create temp table r (channel_txn_id text, merchant_order_id text, type text, amount bigint, fee bigint,"
        " currency text, status text, occurred_at timestamptz)");
    work.exec("copy r from " + work.quote(fs::absolute(plant_.right).string()) + " (format csv, header)");
    work.exec("set local work_mem = '2GB'");
    Run run;
    for (const auto& row : work.exec(
             "select case when r.times > 1 then 'duplicate_in_channel' when l.amount_minor is null then"
             " 'missing_in_ledger' when r.amount is null then 'missing_in_channel' when l.currency <> r.currency then"
             " 'currency_mismatch' when abs(l.amount_minor) <> r.amount then 'amount_mismatch'"
             " when l.status <> r.status then 'status_mismatch' when r.fee <> (r.amount * 60 + 5000) / 10000 then"
             " 'fee_mismatch' when l.type = 'payment' and o.amount_minor is distinct from l.amount_minor then"
             " 'order_mismatch' else 'matched' end, count(*)"
             " from (select m.type, m.channel_txn_id, m.currency, m.amount_minor, m.status, m.merchant_order_id"
             "       from payments.movements m where m.tenant_id = 'bench' and m.channel = 'wechatpay'"
             "         and m.business_date = '" +
             std::string(kDay) +
             "' and m.entry_id is not null) l"
             " left join payments.orders o on o.tenant_id = 'bench' and o.merchant_order_id = l.merchant_order_id"
             " full join (select channel_txn_id, type, count(*) as times, min(amount) as amount, min(fee) as fee,"
             "            min(currency) as currency, min(status) as status from r group by 1, 2) r"
             " using (channel_txn_id, type) group by 1")) {
        run.kinds[row[0].as<std::string>()] = row[1].as<std::uint64_t>();
    }
    run.milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
    return run;
}

}  // namespace bench
