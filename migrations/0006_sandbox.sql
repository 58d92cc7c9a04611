-- The sandbox carrier: what would lie with Twilio if there were an account. The product reads its own messages, never
-- these; only the sandbox writes here, as frontdesk_system, and the simulator shows an organisation its part.

create table sandbox_messages (
    sid text primary key,
    org_id uuid not null references organizations on delete cascade,    -- whose number it was when this was texted
    direction text not null check (direction in ('outbound', 'inbound')),
    number text not null,                       -- ours
    handset text not null,
    body text not null,
    segments smallint not null,
    reference uuid,                             -- our message id, which the status callbacks carry
    created_at timestamptz not null,
    -- What becomes of it is decided when it is accepted, and comes true as time passes.
    sent_at timestamptz not null,
    ended_at timestamptz not null,
    outcome text not null check (outcome in ('delivered', 'undelivered', 'received')),
    error_code text not null default ''
);
create index sandbox_messages_of_handset on sandbox_messages (handset, created_at desc, sid desc);

-- Webhooks still to be posted to us.
create table sandbox_deliveries (
    id uuid primary key,
    sid text not null references sandbox_messages on delete cascade,
    lane text not null,                         -- those of one lane are posted one after another
    path text not null,                         -- with its query, below the public URL
    form jsonb not null,
    due_at timestamptz not null,
    attempts smallint not null default 0,
    leased_until timestamptz                    -- a process is posting it until then
);
create index sandbox_deliveries_due on sandbox_deliveries (due_at);
create index sandbox_deliveries_of_message on sandbox_deliveries (sid);
alter table sandbox_deliveries set
    (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

create table sandbox_faults (
    org_id uuid references organizations on delete cascade,     -- null: every organisation
    kind text not null,
    rate double precision not null check (rate >= 0 and rate <= 1),
    until timestamptz not null,
    unique nulls not distinct (org_id, kind)
);

-- Handsets that block a number of ours, as a carrier does after STOP.
create table sandbox_blocks (
    handset text not null,
    number text not null,
    created_at timestamptz not null,
    primary key (handset, number)
);

do $$
declare t text;
begin
    foreach t in array array['sandbox_messages', 'sandbox_deliveries', 'sandbox_faults', 'sandbox_blocks'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_system', t);
    end loop;
end $$;

create policy tenant on sandbox_messages for select to frontdesk_app using (org_id = app_org());
create policy tenant on sandbox_faults for select to frontdesk_app using (org_id = app_org() or org_id is null);
grant select on sandbox_messages, sandbox_faults to frontdesk_app;
