-- Threads, messages, and who must not be contacted.

create table conversations (
    org_id uuid not null,
    id uuid not null,
    lead_id uuid not null,
    channel text not null default 'sms',
    dataset_id uuid,                            -- the dataset whose campaign last wrote in it
    status text not null default 'active' check (status in ('active', 'needs_human', 'closed')),
    sentiment text,
    quality_score numeric,
    message_count int not null default 0,
    unread int not null default 0,
    generation int not null default 0,          -- raised by every inbound message
    answered_generation int not null default 0, -- the newest generation that a reply was decided for
    lease_until timestamptz,                    -- somebody is answering until then
    reply_delay double precision not null default 60,   -- seconds from the last text to the answer
    started_at timestamptz not null,
    last_message_at timestamptz,
    last_inbound_at timestamptz,
    primary key (org_id, id),
    unique (org_id, lead_id, channel),
    foreign key (org_id, lead_id) references leads on delete cascade
);
create index conversations_newest on conversations (org_id, last_message_at desc nulls last, id desc);

-- Those that wait for an answer.
create index conversations_unanswered on conversations (last_inbound_at) where answered_generation < generation;

create table messages (
    org_id uuid not null,
    id uuid not null,
    conversation_id uuid not null,
    lead_id uuid not null,
    dataset_id uuid,
    channel text not null default 'sms',
    direction text not null check (direction in ('outbound', 'inbound')),
    category text not null check (category in ('m1', 'm2', 'm3', 'ai_response', 'human_manual', 'system', 'inbound')),
    status text not null check (status in
        ('draft', 'queued', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'received', 'canceled')),
    body text not null,
    sender text not null,
    recipient text not null,
    segments smallint not null default 1,
    provider text not null default '',
    provider_id text,
    error_code text,
    error_message text,
    ai_generated boolean not null default false,
    ai_model text,
    ai_confidence real,
    ai_reasoning text,
    ai_action text,                             -- what is done beside the words, once they are sent
    slots jsonb not null default '[]',          -- the times that the words offer or book
    lessons uuid[] not null default '{}',
    quality_score numeric,
    coach_feedback text,
    coach_feedback_status text,
    generation int,                             -- the conversation's generation that a reply answers
    author_id uuid,
    due_at timestamptz,                         -- for queued messages: not before
    attempts smallint not null default 0,
    claimed_at timestamptz,
    created_at timestamptz not null,
    sent_at timestamptz,
    delivered_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, conversation_id) references conversations on delete cascade
);
create index messages_thread on messages (org_id, conversation_id, created_at, id);
create unique index messages_provider on messages (org_id, provider, provider_id) where provider_id is not null;
-- One message a step, whatever happens: the campaign's promise held by the database.
create unique index messages_step on messages (org_id, dataset_id, lead_id, category) where category in ('m1', 'm2', 'm3');
-- One answer a generation.
create unique index messages_answer on messages (org_id, conversation_id, generation)
    where category = 'ai_response' and generation is not null and status <> 'draft';
create index messages_waiting on messages (org_id, due_at) where status = 'queued';
create index messages_in_doubt on messages (claimed_at) where status in ('sending', 'unknown');
create index messages_sent_to on messages (org_id, recipient, claimed_at) where direction = 'outbound';
alter table messages set (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 90);

create table suppressions (
    org_id uuid not null references organizations on delete cascade,
    phone text not null,
    reason text not null,                       -- keyword, plain_language, carrier, by_hand
    evidence text not null default '',
    created_at timestamptz not null,
    lifted_at timestamptz,
    lifted_reason text,
    primary key (org_id, phone)
);

create table gate_decisions (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    lead_id uuid,
    phone text not null,
    message_id uuid,
    category text not null,
    allowed boolean not null,
    reason text not null,
    next_open_at timestamptz,
    decided_at timestamptz not null,
    primary key (org_id, id)
);
create index gate_decisions_lead on gate_decisions (org_id, lead_id, decided_at desc);

-- Which organisation a number of ours belongs to: asked by inbound webhooks before the tenant is known.
create table numbers (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    phone text not null unique,
    provider text not null,
    sandbox boolean not null default false,
    created_at timestamptz not null,
    primary key (org_id, id)
);

do $$
declare t text;
begin
    foreach t in array array['conversations', 'messages', 'suppressions', 'gate_decisions', 'numbers'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
    end loop;
end $$;
grant select, insert, update, delete on conversations, messages, suppressions, numbers to frontdesk_app;
grant select, insert on gate_decisions to frontdesk_app;
grant select on conversations, messages, suppressions, gate_decisions, numbers to frontdesk_system;
grant insert on numbers to frontdesk_system;

-- The organisation behind a number of ours: one round trip on the tenant's own connection.
create function org_of_number(called text) returns uuid
language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select org_id from numbers where phone = called;
end;
grant create on schema public to frontdesk_system;
alter function org_of_number owner to frontdesk_system;
revoke create on schema public from frontdesk_system;
revoke execute on function org_of_number from public;
grant execute on function org_of_number to frontdesk_app;
