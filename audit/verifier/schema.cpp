#include "audit/verifier/schema.h"

#include <array>
#include <set>

#include "audit/verifier/digest.h"

namespace verifier {
namespace {

struct Name {
    const char* table;
    const char* name;
};

constexpr std::array<Name, 39> kTriggers = {{
    {"ledger.entries", "entries_immutable"},
    {"ledger.entries", "entries_not_truncated"},
    {"ledger.entries", "entries_to_legs"},
    {"ledger.entries", "entries_hold_days_open"},
    {"ledger.entries", "entries_on_open_days"},
    {"ledger.accounts", "accounts_immutable"},
    {"ledger.accounts", "accounts_not_truncated"},
    {"ledger.pages", "pages_immutable"},
    {"ledger.pages", "pages_not_truncated"},
    {"ledger.pages", "legs_come_with_entries"},
    {"ledger.new_legs", "legs_come_with_entries"},
    {"ledger.new_legs", "new_legs_not_truncated"},
    {"ledger.seals", "seals_immutable"},
    {"ledger.seals", "seals_not_truncated"},
    {"ledger.closes", "closes_immutable"},
    {"ledger.closes", "closes_not_truncated"},
    {"ledger.holds", "holds_end_once"},
    {"ledger.holds", "holds_kept"},
    {"ledger.holds", "holds_not_truncated"},
    {"ledger.limits", "limits_immutable"},
    {"ledger.limits", "limits_not_truncated"},
    {"ledger.payouts", "payouts_immutable"},
    {"ledger.payouts", "payouts_not_truncated"},
    {"ledger.payout_steps", "payout_steps_immutable"},
    {"ledger.payout_steps", "payout_steps_not_truncated"},
    {"ledger.payout_steps", "payout_steps_own_entry"},
    {"ledger.charges", "charges_immutable"},
    {"ledger.charges", "charges_not_truncated"},
    {"payments.movements", "movements_booked_amount"},
    {"reconciliation.agreed_movements", "agreed_once"},
    {"reconciliation.matches", "matched_once"},
    {"reconciliation.matches", "matched_once_more"},
    {"audit.trail", "trail_immutable"},
    {"audit.trail", "trail_not_truncated"},
    {"audit.trail_heads", "trail_heads_immutable"},
    {"audit.trail_heads", "trail_heads_stay"},
    {"audit.trail_heads", "trail_heads_not_truncated"},
    {"audit.tombstones", "tombstones_immutable"},
    {"audit.tombstones", "tombstones_not_truncated"},
}};

constexpr std::array<Name, 47> kConstraints = {{
    {"ledger.entries", "entries_pk"},
    {"ledger.entries", "entries_source_once"},
    {"ledger.entries", "entries_two_legs"},
    {"ledger.entries", "entries_whole_legs"},
    {"ledger.entries", "legs_not_zero"},
    {"ledger.entries", "legs_currency"},
    {"ledger.accounts", "accounts_pk"},
    {"ledger.accounts", "accounts_once"},
    {"ledger.accounts", "accounts_kind"},
    {"ledger.pages", "pages_pk"},
    {"ledger.balances", "balances_pk"},
    {"ledger.balances", "balances_not_negative"},
    {"ledger.seals", "seals_pk"},
    {"ledger.seals", "seals_follow_each_other"},
    {"ledger.closes", "closes_pk"},
    {"ledger.closes", "closes_follow_each_other"},
    {"ledger.turnovers", "turnovers_pk"},
    {"ledger.holds", "holds_source_once"},
    {"ledger.payouts", "payouts_key_once"},
    {"ledger.payout_steps", "payout_steps_pk"},
    {"ledger.payout_steps", "payout_steps_of_a_payout"},
    {"ledger.payout_steps", "payout_steps_follow_each_other"},
    {"ledger.payout_steps", "payout_steps_begin"},
    {"ledger.payout_steps", "payout_steps_allowed"},
    {"ledger.payout_steps", "payout_steps_two_people"},
    {"ledger.payout_steps", "payout_steps_owed"},
    {"ledger.payout_steps", "payout_steps_booked"},
    {"ledger.payout_steps", "payout_steps_entry_once"},
    {"ledger.payout_steps", "payout_steps_request_key_once"},
    {"ledger.payout_steps", "payout_steps_request_key"},
    {"ledger.charges", "charges_pk"},
    {"ledger.charges", "charges_volume_once"},
    {"payments.movements", "movements_once"},
    {"reconciliation.matches", "matches_once"},
    {"reconciliation.agreed_movements", "agreed_movements_pk"},
    {"reconciliation.agreed_movements", "agreed_movements_of_block"},
    {"audit.trail", "trail_pk"},
    {"audit.trail", "trail_numbered"},
    {"audit.trail", "trail_whole"},
    {"audit.trail", "trail_signed"},
    {"audit.trail_heads", "trail_heads_pk"},
    {"audit.trail_heads", "trail_heads_signed"},
    {"audit.tombstones", "tombstones_pk"},
    {"audit.tombstones", "tombstones_kind"},
    {"audit.tombstones", "tombstones_something"},
    {"audit.tombstones", "tombstones_period"},
    {"audit.tombstones", "tombstones_sha256"},
}};

constexpr const char* kStandingTriggers = R"(
select tgrelid::regclass::text || ' ' || tgname from pg_trigger where not tgisinternal and tgenabled in ('O', 'A'))";
constexpr const char* kStandingConstraints = R"(
select conrelid::regclass::text || ' ' || conname from pg_constraint where convalidated and conrelid <> 0)";
// A policy that says anything else than the one there is, of reading or of writing, or stands for some commands only.
constexpr const char* kUnwalled = R"(
select c.oid::regclass::text
from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join (select '(array_position(( SELECT core.tenants() AS tenants), tenant_id) IS NOT NULL)'::text) as w (wall)
where n.nspname in ('ledger', 'payments', 'reconciliation', 'access', 'audit') and c.relkind in ('r', 'p')
  and (not c.relrowsecurity or not c.relforcerowsecurity
       or not exists (select from pg_policy p where p.polrelid = c.oid)
       or exists (select from pg_policy p where p.polrelid = c.oid
                  and (p.polcmd <> '*' or pg_get_expr(p.polqual, p.polrelid) is distinct from w.wall
                       or coalesce(pg_get_expr(p.polwithcheck, p.polrelid), w.wall) <> w.wall)))
order by 1)";
// A function that refuses nothing any more.
constexpr const char* kToothless = R"(
select p.oid::regproc::text
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname || '.' || p.proname in ('ledger.refuse_change', 'ledger.refuse_closed_day', 'ledger.enter_legs',
                                        'ledger.refuse_account', 'ledger.check_payout_step', 'payments.refuse_booked_amount',
                                        'reconciliation.refuse_agreed_twice', 'reconciliation.refuse_matched_twice',
                                        'audit.refuse_change', 'audit.refuse_tombstone_change')
  and regexp_replace(p.prosrc, '--[^\n]*', '', 'g') !~ 'raise\s+exception'
order by 1)";

constexpr const char* kDigest = R"(
select said from (
    select 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text as said
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and n.nspname = any (o.schemas)
    union all
    select 'constraint ' || r.conrelid::regclass || ' ' || r.conname || ' ' || pg_get_constraintdef(r.oid)
    from pg_constraint r join pg_namespace n on n.oid = r.connamespace where n.nspname = any (o.schemas)
    union all
    select 'policy ' || p.polrelid::regclass || ' ' || p.polname || ' ' || p.polcmd::text || ' '
           || coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' '
           || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (o.schemas)
    union all
    select 'index ' || pg_get_indexdef(i.indexrelid)
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (o.schemas)
    union all
    select 'function ' || pg_get_functiondef(f.oid)
    from pg_proc f join pg_namespace n on n.oid = f.pronamespace
    where n.nspname = any (o.schemas) and f.prokind in ('f', 'p')
    union all
    select 'table ' || c.oid::regclass || ' ' || c.relkind::text || ' ' || c.relrowsecurity::text || ' '
           || c.relforcerowsecurity::text || ' ' || coalesce(c.relacl::text, '') || ' '
           || coalesce((select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
                                          || a.attnotnull::text, ', ' order by a.attnum)
                        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (o.schemas) and c.relkind in ('r', 'p', 'v', 'm')) all_of_it
order by said collate "C")";

template <std::size_t Count>
void require_names(Snapshot& snapshot, const char* sql, const std::array<Name, Count>& names, const char* word,
                   Findings& findings) {
    std::set<std::string> standing;
    snapshot.each(sql, {}, [&](const Row& row) { standing.insert(row.text(0)); });
    for (const auto& [table, name] : names) {
        if (!standing.contains(std::string(table) + " " + name)) {
            findings.add("", std::string(word) + " " + name + " of " + table, "is gone or switched off");
        }
    }
}

}  // namespace

void check_schema(Snapshot& snapshot, Findings& findings) {
    require_names(snapshot, kStandingTriggers, kTriggers, "trigger", findings);
    require_names(snapshot, kStandingConstraints, kConstraints, "constraint", findings);
    snapshot.each(kUnwalled, {},
                  [&](const Row& row) { findings.add("", "table " + row.text(0), "lets rows of other tenants pass"); });
    snapshot.each(kToothless, {},
                  [&](const Row& row) { findings.add("", "function " + row.text(0), "refuses nothing any more"); });
}

std::string schema_digest(Snapshot& snapshot) {
    Sha256 digest;
    const std::string sql =
        "select d.said from (select array['core', 'ledger', 'payments', 'reconciliation', 'access', 'audit']::text[]"
        " as schemas) o cross join lateral (" +
        std::string(kDigest) + ") d";
    snapshot.each(sql, {}, [&](const Row& row) { digest.add(text_bytes(row.text(0))); });
    return to_hex(digest.finish());
}

}  // namespace verifier
