-- Campaigns (one a dataset), their texts, and the calendar.

create table campaigns (
    org_id uuid not null,
    dataset_id uuid not null,
    m1_delay_hours double precision not null default 0,
    m2_delay_hours double precision not null default 48,
    m3_delay_hours double precision not null default 96,
    ai_response_delay_seconds double precision not null default 60,
    rate_per_minute double precision not null default 1,
    hours_start smallint check (hours_start between 0 and 24),
    hours_end smallint check (hours_end between 0 and 24),
    days text[],
    stale_after_hours double precision,         -- null: a late message still goes out at the next open time
    m1_template text,
    m2_template text,
    m3_template text,
    started_at timestamptz,
    paused_at timestamptz,
    completed_at timestamptz,
    spent_until timestamptz not null default 'epoch',   -- its own pace: see campaign_pace
    updated_at timestamptz not null,
    primary key (org_id, dataset_id),
    foreign key (org_id, dataset_id) references datasets on delete cascade
);

-- The pace of a client's campaigns, shared by all workers: one row, locked by the claim. Each message moves the instant
-- on by what one takes at the rate; what lies before the present is saved up.
create table campaign_pace (
    org_id uuid primary key references organizations on delete cascade,
    spent_until timestamptz not null
);

create table bookings (
    org_id uuid not null,
    id uuid not null,
    lead_id uuid,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    status text not null default 'confirmed' check (status in ('confirmed', 'cancelled')),
    notes text not null default '',
    booked_by text not null,                    -- ai, person, lead
    created_at timestamptz not null,
    cancelled_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, lead_id) references leads on delete cascade,
    -- The race for one slot is decided here.
    exclude using gist (org_id with =, tstzrange(starts_at, ends_at) with &&) where (status = 'confirmed')
);
create index bookings_by_time on bookings (org_id, starts_at);

create table knowledge (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    title text not null,
    body text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    words tsvector not null generated always as (to_tsvector('english', title || ' ' || body)) stored,
    primary key (org_id, id)
);
create index knowledge_words on knowledge using gin (words);

create table activity (
    org_id uuid not null references organizations on delete cascade,
    event_id uuid not null,
    position bigint not null,
    type text not null,
    subject_type text not null,
    subject_id uuid not null,
    summary text not null,
    occurred_at timestamptz not null,
    primary key (org_id, event_id)
);
create index activity_newest on activity (org_id, position desc);

do $$
declare t text;
begin
    foreach t in array array['campaigns', 'campaign_pace', 'bookings', 'knowledge', 'activity'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;
grant select on campaigns to frontdesk_system;
grant insert on activity to frontdesk_system;
