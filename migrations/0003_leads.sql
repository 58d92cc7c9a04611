-- Leads, the datasets that hold them, and the imports that bring them.

create table datasets (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    name text not null,
    description text,
    source text,
    upload_id uuid,
    created_by uuid,
    campaign_status text not null default 'draft' check (campaign_status in ('draft', 'active', 'paused', 'completed')),
    campaign_start_date timestamptz,
    campaign_end_date timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, id)
);

create table leads (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    phone text,                                 -- the first phone identity, E.164
    first_name text not null default '',
    last_name text,
    email text,
    postcode text,
    company text,
    job_title text,
    service_interest text,
    source text,
    notes text,
    inquiry_date date,
    stage text not null default 'new' check (stage in
        ('new', 'contacted', 'replied', 'qualified', 'booked', 'converted', 'lost', 'opted_out', 'invalid')),
    temperature text check (temperature in ('hot', 'warm', 'cold')),
    sentiment text check (sentiment in ('POSITIVE', 'NEGATIVE', 'NEUTRAL', 'HOT', 'UNCLEAR')),
    last_step smallint not null default 0,      -- the last of M1, M2, M3 sent
    m1_sent_at timestamptz,
    m2_sent_at timestamptz,
    m3_sent_at timestamptz,
    latest_reply text,
    reply_received_at timestamptz,
    call_booked boolean not null default false,
    call_booked_time timestamptz,
    booking_id uuid,
    manual_mode boolean not null default false,
    manual_mode_at timestamptz,
    archived boolean not null default false,
    archived_at timestamptz,
    assigned_to uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    contact_status text not null generated always as (
        case stage
            when 'new' then 'READY'
            when 'contacted' then 'CONTACTED_' || greatest(last_step, 1)
            when 'replied' then upper(coalesce(temperature, 'warm'))
            when 'qualified' then upper(coalesce(temperature, 'warm'))
            when 'booked' then 'CALL_BOOKED'
            when 'converted' then 'CONVERTED'
            when 'lost' then 'LOST'
            when 'opted_out' then 'OPTED_OUT'
            else 'INVALID'
        end) stored,
    search text not null generated always as (
        lower(first_name || ' ' || coalesce(last_name, '') || ' ' || coalesce(phone, '') || ' ' || coalesce(email, ''))) stored,
    primary key (org_id, id)
);
create index leads_newest on leads (org_id, created_at desc, id desc);
create index leads_by_status on leads (org_id, contact_status, created_at desc, id desc);
create index leads_search on leads using gin (search gin_trgm_ops);
create index leads_by_reply on leads (org_id, reply_received_at desc nulls last, id desc);
create index leads_by_name on leads (org_id, lower(first_name), lower(last_name), id);
alter table leads set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, fillfactor = 85);

create table lead_identities (
    org_id uuid not null,
    kind text not null check (kind in ('phone', 'email', 'channel')),
    value text not null,
    lead_id uuid not null,
    created_at timestamptz not null,
    primary key (org_id, kind, value),
    foreign key (org_id, lead_id) references leads on delete cascade
);
create index lead_identities_lead on lead_identities (org_id, lead_id);

-- A lead in a dataset carries the state of that dataset's campaign.
create table dataset_leads (
    org_id uuid not null,
    dataset_id uuid not null,
    lead_id uuid not null,
    import_id uuid,
    created_at timestamptz not null,
    step smallint not null default 0,           -- the last step claimed or done: 0 none, 1 M1, 2 M2, 3 M3
    due_at timestamptz,                         -- when the next step is due; null: nothing to send (yet, or any more)
    ended_reason text,                          -- why nothing more is sent, once that is so
    primary key (org_id, dataset_id, lead_id),
    foreign key (org_id, dataset_id) references datasets on delete cascade,
    foreign key (org_id, lead_id) references leads on delete cascade
);
create index dataset_leads_lead on dataset_leads (org_id, lead_id);
create index dataset_leads_due on dataset_leads (org_id, dataset_id, due_at) where due_at is not null;
create index dataset_leads_import on dataset_leads (org_id, import_id) where import_id is not null;
alter table dataset_leads set (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 85);

-- Totals by status: appended by statement triggers, rolled up in the background. dataset_id is null for the whole
-- organisation, so that no counter row is hot and an unfiltered total is a sum of few rows.
create table lead_counts (
    org_id uuid not null references organizations on delete cascade,
    dataset_id uuid,
    contact_status text not null,
    change bigint not null
);
create index lead_counts_of on lead_counts (org_id, dataset_id, contact_status);
alter table lead_counts set (autovacuum_vacuum_scale_factor = 0.02);

create function count_leads() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into lead_counts select org_id, null, contact_status, count(*) from after group by org_id, contact_status;
    elsif tg_op = 'DELETE' then
        insert into lead_counts select org_id, null, contact_status, -count(*) from before group by org_id, contact_status;
    else
        insert into lead_counts
        select org_id, dataset_id, contact_status, sum(change) from (
            select o.org_id, null::uuid as dataset_id, o.contact_status, -1 as change
            from before o join after n using (org_id, id) where o.contact_status <> n.contact_status
            union all
            select n.org_id, null, n.contact_status, 1
            from before o join after n using (org_id, id) where o.contact_status <> n.contact_status
            union all
            select o.org_id, d.dataset_id, o.contact_status, -1
            from before o join after n using (org_id, id) join dataset_leads d on d.org_id = n.org_id and d.lead_id = n.id
            where o.contact_status <> n.contact_status
            union all
            select n.org_id, d.dataset_id, n.contact_status, 1
            from before o join after n using (org_id, id) join dataset_leads d on d.org_id = n.org_id and d.lead_id = n.id
            where o.contact_status <> n.contact_status
        ) changes group by 1, 2, 3 having sum(change) <> 0;
    end if;
    return null;
end $$;
create trigger count_inserted after insert on leads referencing new table as after for each statement execute function count_leads();
create trigger count_updated after update on leads referencing old table as before new table as after
    for each statement execute function count_leads();
create trigger count_deleted after delete on leads referencing old table as before for each statement execute function count_leads();

create function count_members() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into lead_counts select d.org_id, d.dataset_id, l.contact_status, count(*)
        from after d join leads l on l.org_id = d.org_id and l.id = d.lead_id group by 1, 2, 3;
    else
        insert into lead_counts select d.org_id, d.dataset_id, l.contact_status, -count(*)
        from before d join leads l on l.org_id = d.org_id and l.id = d.lead_id group by 1, 2, 3;
    end if;
    return null;
end $$;
create trigger count_inserted after insert on dataset_leads referencing new table as after
    for each statement execute function count_members();
create trigger count_deleted after delete on dataset_leads referencing old table as before
    for each statement execute function count_members();

-- The memberships of a lead go before it goes: what is counted by dataset needs to know its status.
create function leave_datasets() returns trigger language plpgsql as $$
begin
    delete from dataset_leads where org_id = old.org_id and lead_id = old.id;
    return old;
end $$;
create trigger leave_datasets before delete on leads for each row execute function leave_datasets();

create table uploads (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    dataset_id uuid,
    filename text not null,
    file_key text not null,
    size bigint not null,
    sha256 bytea not null,
    rows_detected bigint not null,
    columns jsonb not null,                     -- [{name, sample_values, suggested_mapping}]
    created_by uuid,
    created_at timestamptz not null,
    primary key (org_id, id)
);

create table imports (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    dataset_id uuid not null,
    upload_id uuid not null,
    column_mapping jsonb not null,
    total_rows bigint not null,
    successful bigint not null,
    failed bigint not null,
    duplicates bigint not null,
    created_by uuid,
    created_at timestamptz not null,
    undone_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, dataset_id) references datasets on delete cascade
);

create table import_refusals (
    org_id uuid not null,
    import_id uuid not null,
    "row" bigint not null,
    kind text not null check (kind in ('refused', 'duplicate', 'repaired')),
    reason text not null,
    cells text[] not null default '{}',
    primary key (org_id, import_id, "row", kind),
    foreign key (org_id, import_id) references imports on delete cascade
);

do $$
declare t text;
begin
    foreach t in array array['datasets', 'leads', 'lead_identities', 'dataset_leads', 'lead_counts', 'uploads', 'imports',
                             'import_refusals'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;
grant select on datasets, leads, lead_identities, dataset_leads to frontdesk_system;
grant select, insert, delete on lead_counts to frontdesk_system;
