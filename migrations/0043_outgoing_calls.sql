-- Calls that we place: the intent is kept before the carrier is asked, so that nobody's telephone rings twice.

create table outgoing_calls (
    org_id uuid not null,
    call_id uuid not null,
    recipient text not null,                    -- E.164: whom the gate was asked about
    asked_by uuid,                              -- null: an API key
    purpose text not null default '',           -- what the assistant calls about, in the words of whoever asked
    first_rings text,                           -- E.164: the phone of the member who talks; null: the assistant does
    state text not null check (state in ('waiting', 'calling', 'placed', 'in_doubt', 'over')),
    attempts smallint not null default 0,
    asked_at timestamptz not null,
    due_at timestamptz not null,                -- when it is tried, or tried again
    claimed_at timestamptz,                     -- when the carrier was last asked
    answered_by text check (answered_by in ('human', 'machine')),
    error_code text,
    primary key (org_id, call_id),
    foreign key (org_id, call_id) references calls on delete cascade
);
create index outgoing_calls_due on outgoing_calls (due_at) where state = 'waiting';
create index outgoing_calls_doubtful on outgoing_calls (claimed_at) where state in ('calling', 'in_doubt');
create index outgoing_calls_of_number on outgoing_calls (org_id, recipient, claimed_at) where claimed_at is not null;

alter table outgoing_calls enable row level security;
alter table outgoing_calls force row level security;
create policy tenant on outgoing_calls to frontdesk_app using (org_id = app_org());
create policy everything on outgoing_calls to frontdesk_system using (true);
grant select, insert, update, delete on outgoing_calls to frontdesk_app;
grant select on outgoing_calls to frontdesk_system;

-- A call has the carrier's id once the carrier has it: until then it is ''.
create unique index calls_of_carrier on calls (org_id, carrier, provider_call_id) where provider_call_id <> '';
alter table calls drop constraint calls_org_id_carrier_provider_call_id_key;

-- 'bridge': a person of the team talks, on their own telephone or in a browser.
alter table calls drop constraint calls_task_check;
alter table calls add constraint calls_task_check
    check (task in ('assist', 'take_message', 'ring', 'bridge')) not valid;
alter table calls validate constraint calls_task_check;

alter table call_settings add column voicemail text;   -- said to an answering machine; null: as usual, '': put down
alter table gate_decisions add column call_id uuid;

-- The sandbox: calls that ring virtual handsets.
create table sandbox_calls (
    sid text primary key,
    org_id uuid not null references organizations on delete cascade,
    number text not null,                       -- ours
    handset text not null,
    reference uuid not null,                    -- our call
    status text not null,                       -- in the carrier's words
    answered_by text not null default '',
    created_at timestamptz not null,
    rings_until timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz
);
create index sandbox_calls_of_handset on sandbox_calls (handset, created_at desc);
alter table sandbox_calls enable row level security;
alter table sandbox_calls force row level security;
create policy everything on sandbox_calls to frontdesk_system using (true);
create policy tenant on sandbox_calls for select to frontdesk_app using (org_id = app_org());
grant select, insert, update, delete on sandbox_calls to frontdesk_system;
grant select on sandbox_calls to frontdesk_app;

-- A webhook is of a text or of a call.
alter table sandbox_deliveries alter column sid drop not null;
alter table sandbox_deliveries add column call_sid text references sandbox_calls on delete cascade;
create index sandbox_deliveries_of_call on sandbox_deliveries (call_sid) where call_sid is not null;
