-- Connected calendars: when they are busy, as far as we looked, and the entries of our bookings in them.

create table calendar_looks (
    org_id uuid not null,
    connection_id uuid not null,
    starts_at timestamptz not null,             -- the span that was looked at
    ends_at timestamptz not null,
    looked_at timestamptz not null,
    answered boolean not null,                  -- no: the provider could not be had, and what was known stays
    primary key (org_id, connection_id, starts_at, ends_at),
    foreign key (org_id, connection_id) references connections on delete cascade
);

create table calendar_busy (
    org_id uuid not null,
    connection_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    foreign key (org_id, connection_id) references connections on delete cascade
);
create index calendar_busy_by_time on calendar_busy (org_id, starts_at);
create index calendar_busy_of_connection on calendar_busy (org_id, connection_id);

create table calendar_events (
    org_id uuid not null,
    booking_id uuid not null,                   -- also what the provider knows a repetition by
    connection_id uuid,                         -- null: disconnected since, and out of reach
    event_id text,                              -- the provider's, once we know it
    link text not null default '',              -- where people meet
    status text not null check (status in ('pending', 'placed', 'removing', 'removed', 'deleted')),
    tries int not null default 0,
    trouble text not null default '',           -- why it is not done yet
    due_at timestamptz,                         -- when there is something to do
    leased_until timestamptz,                   -- while somebody does it
    updated_at timestamptz not null,
    primary key (org_id, booking_id),
    foreign key (org_id, booking_id) references bookings on delete cascade,
    foreign key (org_id, connection_id) references connections on delete set null (connection_id)
);
create index calendar_events_due on calendar_events (due_at) where due_at is not null and connection_id is not null;
create index calendar_events_of_connection on calendar_events (org_id, connection_id);

-- What stands in the calendars of the sandbox.
create table sandbox_events (
    org_id uuid not null,
    account uuid not null,
    reference uuid not null,
    title text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    link text not null,
    removed_at timestamptz,
    primary key (org_id, account, reference),
    foreign key (org_id, account) references sandbox_accounts on delete cascade
);

do $$
declare t text;
begin
    foreach t in array array['calendar_looks', 'calendar_busy', 'calendar_events', 'sandbox_events'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;
grant select on calendar_events to frontdesk_system;
