-- Who pays for what: the subscription, minutes bought beside it, minutes set aside for calls under way.

alter table usage drop constraint usage_kind_check;
alter table usage add constraint usage_kind_check check (kind in ('call_seconds', 'ai_seconds', 'leads')) not valid;
alter table usage validate constraint usage_kind_check;

create table subscriptions (                    -- an organisation without a row has paid for nothing yet
    org_id uuid primary key references organizations on delete cascade,
    provider text not null,
    customer text,                              -- the provider's id of who pays
    reference text not null,                    -- the provider's id of the subscription
    plan text not null,
    status text not null check (status in ('active', 'past_due', 'canceled')),
    period_start timestamptz not null,
    period_end timestamptz not null,
    amount bigint not null check (amount >= 0), -- minor units, for a period
    currency text not null,                     -- ISO 4217, capitals
    ends_at_period_end boolean not null default false,
    as_of timestamptz not null,                 -- what is told of an instant before it is old news
    updated_at timestamptz not null,
    check (period_end > period_start)
);

-- Minutes beside the plan's: packs bought, and what was used of them. The balance is the sum; rows never change.
create table minute_ledger (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    kind text not null check (kind in ('call_seconds', 'ai_seconds')),
    seconds bigint not null check (seconds <> 0),
    source text not null,                       -- what it is for, once: 'stripe:pi_…', 'call:…'
    created_at timestamptz not null,
    primary key (org_id, id),
    unique (org_id, kind, source)
);

create table call_reservations (                -- taken by a call that begins, given back by the meter
    org_id uuid not null references organizations on delete cascade,
    call_id uuid not null,
    call_seconds int not null,
    ai_seconds int not null,
    created_at timestamptz not null,
    primary key (org_id, call_id)
);

create table payment_events (                   -- what providers told, each once
    org_id uuid not null references organizations on delete cascade,
    provider text not null,
    event_id text not null,
    type text not null,
    taken_at timestamptz not null,
    primary key (org_id, provider, event_id)
);

do $$
declare t text;
begin
    foreach t in array array['subscriptions', 'minute_ledger', 'call_reservations', 'payment_events'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert on %I to frontdesk_app', t);
    end loop;
end $$;
grant update on subscriptions to frontdesk_app;
grant delete on call_reservations to frontdesk_app;
