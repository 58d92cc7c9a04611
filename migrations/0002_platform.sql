-- What every feature stands on: the event log and its readers, limits, idempotency, webhooks seen, dead letters.

create table events (
    id uuid primary key,
    org_id uuid not null references organizations on delete cascade,
    type text not null,
    subject_type text not null,
    subject_id uuid not null,
    actor_type text not null,
    actor_id uuid,
    payload jsonb not null,
    version smallint not null default 1,
    occurred_at timestamptz not null,
    -- The order of writing. Transactions that wait for one another write in the order they commit in, so that positions
    -- given in this order keep what happened to one subject in order; ids of two processes would not.
    written bigint not null generated always as identity,
    sequence bigint,                            -- per subject, given with the position
    position bigint unique                      -- null until the sequencer has numbered it
);
create index events_unnumbered on events (written) where position is null;
create index events_of_org on events (org_id, position) where position is not null;
create index events_of_subject on events (org_id, subject_id, sequence);

create table event_positions (only_row boolean primary key default true check (only_row), last bigint not null);
insert into event_positions (last) values (0);

create table event_readers (
    name text primary key,
    position bigint not null default 0,
    updated_at timestamptz not null
);

-- What a reader gave up on, having moved past it.
create table event_failures (
    reader text not null,
    event_id uuid not null references events on delete cascade,
    error text not null,
    attempts int not null,
    failed_at timestamptz not null,
    primary key (reader, event_id)
);

create table rate_counters (
    key text not null,
    window_start timestamptz not null,
    count int not null,
    primary key (key, window_start)
);
alter table rate_counters set (autovacuum_vacuum_scale_factor = 0.02);

create table idempotency_keys (
    org_id uuid not null references organizations on delete cascade,
    scope text not null,                        -- actor, method and path
    key text not null,
    request_hash bytea not null,
    status smallint,                            -- null while the first request is under way
    headers jsonb,
    body bytea,
    created_at timestamptz not null,
    primary key (org_id, scope, key)
);

create table webhooks_seen (
    provider text not null,
    event_id text not null,
    seen_at timestamptz not null,
    primary key (provider, event_id)
);

create table dead_letters (
    id uuid primary key,
    org_id uuid references organizations on delete cascade,
    task text not null,
    payload jsonb not null,
    error text not null,
    attempts int not null,
    failed_at timestamptz not null,
    replayed_at timestamptz
);
create index dead_letters_open on dead_letters (org_id, failed_at desc) where replayed_at is null;

create table periodic_runs (
    task text primary key,
    last_run_at timestamptz not null
);

alter table events enable row level security;
alter table events force row level security;
create policy tenant on events to frontdesk_app using (org_id = app_org());
create policy everything on events to frontdesk_system using (true);

-- Through the policy of events: a tenant sees the failures of its own.
alter table event_failures enable row level security;
alter table event_failures force row level security;
create policy tenant on event_failures to frontdesk_app using (exists (select from events e where e.id = event_id));
create policy everything on event_failures to frontdesk_system using (true);

alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy tenant on idempotency_keys to frontdesk_app using (org_id = app_org());
create policy everything on idempotency_keys to frontdesk_system using (true);

alter table dead_letters enable row level security;
alter table dead_letters force row level security;
create policy tenant on dead_letters to frontdesk_app using (org_id = app_org());
create policy everything on dead_letters to frontdesk_system using (true);

grant select, insert on events to frontdesk_app;
grant select, insert, update, delete on events, event_failures to frontdesk_system;
grant select, update on event_positions to frontdesk_system;
grant select, insert, update on event_readers to frontdesk_system;
grant select, delete on event_failures to frontdesk_app;
grant select, insert, update, delete on rate_counters to frontdesk_app, frontdesk_system;
grant select, insert, update, delete on idempotency_keys to frontdesk_app, frontdesk_system;
grant select, insert on webhooks_seen to frontdesk_app;
grant select, insert, delete on webhooks_seen to frontdesk_system;
grant select, insert, update on dead_letters to frontdesk_app;
grant select, insert, update, delete on dead_letters, periodic_runs to frontdesk_system;

-- Moves a reader's cursor from one event to the next inside the transaction that has the event's effect, which works for
-- the tenant of that event. False when the cursor is elsewhere, or held by another process at this moment.
create function advance_reader(reader text, was bigint, becomes bigint, at timestamptz) returns boolean
language sql security definer set search_path = pg_catalog, public
begin atomic
    with moved as (
        update event_readers set position = becomes, updated_at = at
        where name = (select r.name from event_readers r where r.name = reader and r.position = was for update skip locked)
            and exists (select from events e where e.position = becomes and e.org_id = app_org())
        returning 1)
    select exists (select from moved);
end;
grant create on schema public to frontdesk_system;
alter function advance_reader owner to frontdesk_system;
revoke create on schema public from frontdesk_system;
revoke execute on function advance_reader from public;
grant execute on function advance_reader to frontdesk_app;
