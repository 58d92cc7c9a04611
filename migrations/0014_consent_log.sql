-- The consent log: what people told us about being contacted, and where their numbers came from, as a chain that shows
-- every later change. How often a number may be written to, and how long decisions of the gate are kept.

create table consent_log (
    org_id uuid not null references organizations,
    seq bigint not null,                        -- 1, 2, 3 … without a gap
    kind text not null check (kind in ('imported', 'suppressed', 'lifted', 'wrong_number')),
    how text not null,                          -- keyword, plain_language, carrier, by_hand; file for imports
    subject bytea not null,                     -- the number under a key; for imports a digest of `numbers`
    evidence bytea not null,                    -- what was said, under a key; the words stand with the suppression
    count bigint not null,                      -- leads of an import; else 1
    reference uuid,                             -- the import
    numbers bytea not null default '',          -- of an import: 16 bytes a number, under a key, sorted
    actor_type text not null,
    actor_id uuid,
    recorded_at timestamptz not null,
    mac bytea not null,                         -- over all of this and the entry before
    primary key (org_id, seq)
);
alter table consent_log alter column numbers set storage external;  -- digests do not compress
create index consent_log_subject on consent_log (org_id, subject, seq);

-- Where each chain ends, so that a cut tail shows. Locked by whoever adds to it, last of all locks.
create table consent_heads (
    org_id uuid primary key references organizations,
    count bigint not null,
    mac bytea not null,
    seal bytea not null
);

create function refuse_to_forget() returns trigger language plpgsql as $$
begin
    raise exception 'The consent log is only ever added to.' using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete or truncate on consent_log
    for each statement execute function refuse_to_forget();
create trigger kept before delete or truncate on consent_heads
    for each statement execute function refuse_to_forget();
create trigger forward before update on consent_heads for each row when (new.count <= old.count)
    execute function refuse_to_forget();

do $$
declare t text;
begin
    foreach t in array array['consent_log', 'consent_heads'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
    end loop;
end $$;
grant select, insert on consent_log to frontdesk_app;
grant select, insert, update on consent_heads to frontdesk_app;
grant select on consent_log, consent_heads to frontdesk_system;

-- Suppressions are lifted, never deleted. Those from before the log have no entry in it.
alter table suppressions add column before_log boolean not null default false;
update suppressions set before_log = true;
revoke delete on suppressions from frontdesk_app;
create index suppressions_newest on suppressions (org_id, created_at desc, phone) where lifted_at is null;

alter table organizations
    add column weekly_cap int not null default 5 check (weekly_cap between 1 and 500),
    add column decisions_kept_days int not null default 400 check (decisions_kept_days between 30 and 3650);

-- Old decisions are found by their age; those that allowed go before those that refused.
create index gate_decisions_age on gate_decisions (org_id, allowed, decided_at);
grant delete on gate_decisions to frontdesk_system;
