-- Outbound webhooks: where organisations want to be told, what they are told, and how each telling went.

create table webhook_endpoints (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    url text not null,
    events text[] not null,                     -- by the names of the dialect
    dialect text not null check (dialect in ('hekax')),
    description text not null default '',
    enabled boolean not null default true,
    secret text not null,                       -- sealed
    previous_secret text,                       -- sealed; signs beside the other until then
    previous_until timestamptz,
    failing_since timestamptz,                  -- the first failure since something was taken
    disabled_at timestamptz,
    disabled_reason text check (disabled_reason in ('by_hand', 'failing', 'gone')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, id)
);

create table webhook_deliveries (
    org_id uuid not null,
    id uuid not null,
    endpoint_id uuid not null,
    event_id uuid not null,                     -- what the receiver knows a repetition by
    event text not null,                        -- by its name in the dialect
    sequence int not null,                      -- of the event among those of its subject; 0: a test
    payload text not null,
    status text not null check (status in ('pending', 'delivered', 'failed', 'skipped')),
    test boolean not null default false,
    attempts int not null default 0,
    tries int not null default 0,               -- attempts since it was made or replayed
    next_attempt_at timestamptz,                -- while it is pending
    leased_until timestamptz,                   -- while somebody posts it
    created_at timestamptz not null,
    delivered_at timestamptz,
    primary key (org_id, id),
    unique (endpoint_id, event_id),
    foreign key (org_id, endpoint_id) references webhook_endpoints on delete cascade,
    check ((status = 'pending') = (next_attempt_at is not null))
);
create index webhook_deliveries_newest on webhook_deliveries (org_id, endpoint_id, created_at desc, id desc);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at) where status = 'pending';
create index webhook_deliveries_age on webhook_deliveries (created_at);

create table webhook_attempts (
    org_id uuid not null,
    delivery_id uuid not null,
    number int not null,
    started_at timestamptz not null,
    status_code int,                            -- null: no answer
    latency_ms int,                             -- null: it is under way, or whoever made it is gone
    error text not null default '',
    primary key (org_id, delivery_id, number),
    foreign key (org_id, delivery_id) references webhook_deliveries on delete cascade
);

do $$
declare t text;
begin
    foreach t in array array['webhook_endpoints', 'webhook_deliveries', 'webhook_attempts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;
grant select on webhook_endpoints to frontdesk_system;
grant select, delete on webhook_deliveries to frontdesk_system;
