-- Phone calls: the record, what was said, the recording, what came of it; and what calls are charged by.

create table call_settings (                    -- an organisation without a row has the defaults
    org_id uuid primary key references organizations on delete cascade,
    concurrent_calls int not null default 10 check (concurrent_calls between 1 and 1000),
    recording boolean not null default true,
    announcement text,                          -- said before a recording starts; null: the usual sentence; '': nothing
    ring_numbers text[] not null default '{}',  -- who is rung for a caller that wants a person, E.164
    ring_members uuid[] not null default '{}',  -- the same, in their browsers
    ring_seconds int not null default 20 check (ring_seconds between 5 and 120),
    updated_at timestamptz not null
);

alter table numbers add column if not exists route_to_ai boolean not null default true;

create table calls (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    direction text not null check (direction in ('inbound', 'outbound')),
    from_number text not null,                  -- as the carrier says it: E.164, "anonymous", "client:…"
    to_number text not null,
    caller text,                                -- the other side's number, E.164, where it is known
    carrier text not null,
    provider_call_id text not null,
    status text not null check (status in
        ('queued', 'ringing', 'in_progress', 'completed', 'missed', 'busy', 'failed', 'canceled')),
    ended_reason text,
    task text not null check (task in ('assist', 'take_message', 'ring')),  -- what is done with the caller now
    started_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz,
    duration int not null default 0,            -- seconds from answer to end
    handled_by_ai boolean not null default false,
    ai_seconds int not null default 0,          -- of the duration, with the assistant
    confidence real,
    resolution text not null default 'pending' check (resolution in ('pending', 'resolved', 'escalated', 'failed')),
    priority text not null default 'medium' check (priority in ('low', 'medium', 'high', 'critical')),
    lead_id uuid,
    agent_name text not null default '',
    transfer text check (transfer in ('asked', 'dialling', 'connected', 'unanswered')),
    transfer_reason text,
    -- The media socket: what proves it, and who holds it.
    leg smallint not null default 1,            -- raised each time the caller is connected anew
    proof_hash bytea not null,
    leg_started_at timestamptz,                 -- when the socket of this leg was opened; null: it is not
    lease_until timestamptz,                    -- nobody is on the call any more when this has passed
    analyzed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, id),
    unique (org_id, carrier, provider_call_id),
    foreign key (org_id, lead_id) references leads (org_id, id) on delete set null (lead_id)
);
create index calls_newest on calls (org_id, started_at desc, id desc);
create index calls_of_lead on calls (org_id, lead_id, started_at desc) where lead_id is not null;
create index calls_open on calls (lease_until) where status in ('queued', 'ringing', 'in_progress');
create index calls_open_of on calls (org_id) where status in ('queued', 'ringing', 'in_progress');

create table call_turns (
    org_id uuid not null,
    call_id uuid not null,
    position int not null,
    speaker text not null check (speaker in ('caller', 'assistant', 'person')),
    text text not null,
    started_ms int not null,                    -- from the answer on
    ended_ms int not null,
    latency_ms int,                             -- of the assistant: from the end of the caller's speech to its first audio
    interrupted boolean not null default false,
    primary key (org_id, call_id, position),
    foreign key (org_id, call_id) references calls on delete cascade
);

create table call_recordings (
    org_id uuid not null,
    call_id uuid not null,
    leg smallint not null,
    file_key text not null,
    content_type text not null,
    seconds real not null,
    bytes bigint not null,
    announced boolean not null,
    started_ms int not null,                    -- where it begins, from the answer on
    created_at timestamptz not null,
    primary key (org_id, call_id, leg),
    foreign key (org_id, call_id) references calls on delete cascade
);

create table call_analyses (
    org_id uuid not null,
    call_id uuid not null,
    summary text not null,
    sentiment text not null check (sentiment in ('positive', 'neutral', 'negative')),
    confidence real not null,
    intent text not null,
    keywords text[] not null default '{}',
    success boolean not null,
    captured boolean not null,                  -- whether the call gave a lead
    model text not null,
    created_at timestamptz not null,
    primary key (org_id, call_id),
    foreign key (org_id, call_id) references calls on delete cascade
);

-- What is metered: once for each subject, whatever happens.
create table usage (
    org_id uuid not null references organizations on delete cascade,
    kind text not null check (kind in ('call_seconds', 'ai_seconds')),
    subject_id uuid not null,
    quantity bigint not null check (quantity >= 0),
    occurred_at timestamptz not null,
    primary key (org_id, kind, subject_id)
);
create index usage_by_time on usage (org_id, kind, occurred_at);

do $$
declare t text;
begin
    foreach t in array array['call_settings', 'calls', 'call_turns', 'call_recordings', 'call_analyses', 'usage'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;
grant select on calls to frontdesk_system;

-- The organisation of a call, to whoever can prove that it is the carrier's socket of it: one round trip.
create function org_of_call(call uuid, proof bytea) returns uuid
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select org_id from calls where id = call and proof_hash = proof;
end;
create unique index calls_by_id on calls (id);
grant create on schema public to frontdesk_system;
alter function org_of_call owner to frontdesk_system;
revoke create on schema public from frontdesk_system;
revoke execute on function org_of_call from public;
grant execute on function org_of_call to frontdesk_app;
