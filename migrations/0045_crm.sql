-- What is passed on to connected CRM systems: one record for each event and connection, which is its log line too.

create table crm_records (
    org_id uuid not null,
    id uuid not null,
    connection_id uuid not null,
    event_id uuid not null,
    event text not null,                        -- call.analyzed, appointment.created …
    subject text not null check (subject in ('call', 'appointment')),
    subject_id uuid not null,
    lead_id uuid not null,
    status text not null check (status in ('pending', 'done', 'failed', 'skipped')),
    tries int not null default 0,
    next_try_at timestamptz not null,
    contact text,                               -- the CRM's ids
    activity text,
    error text not null default '',
    created_at timestamptz not null,
    tried_at timestamptz,
    done_at timestamptz,
    primary key (org_id, id),
    unique (connection_id, event_id),
    foreign key (org_id, connection_id) references connections on delete cascade
);
create index crm_records_pending on crm_records (connection_id, id) where status = 'pending';
create index crm_records_newest on crm_records (org_id, connection_id, created_at desc, id desc);

create table crm_links (                        -- what of ours is what there, so that nothing is made twice
    org_id uuid not null,
    connection_id uuid not null,
    subject text not null check (subject in ('contact', 'call', 'appointment')),
    subject_id uuid not null,                   -- of a contact: the lead
    remote_id text not null,
    primary key (connection_id, subject, subject_id),
    foreign key (org_id, connection_id) references connections on delete cascade
);
create index crm_links_of on crm_links (org_id, connection_id);

create table sandbox_crm_objects (              -- what a CRM would have
    org_id uuid not null references organizations on delete cascade,
    account uuid not null,
    id uuid not null,
    kind text not null check (kind in ('contact', 'call', 'appointment')),
    contact uuid,                               -- whose it is
    reference text,
    told jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, id)
);
create index sandbox_crm_objects_of on sandbox_crm_objects (org_id, account, kind);

do $$
declare t text;
begin
    foreach t in array array['crm_records', 'crm_links', 'sandbox_crm_objects'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;
grant select on connections to frontdesk_system;
grant select on crm_records to frontdesk_system;
