-- People, organisations, and how either proves itself.
-- Conventions: every tenant table has org_id, forced row-level security, primary key (org_id, id) and composite foreign
-- keys; frontdesk_app sees the organisation in app.org_id, frontdesk_system only the tables with a policy of its own.

create extension if not exists pg_trgm;
create extension if not exists btree_gist;

create function app_org() returns uuid language sql stable parallel safe
    return nullif(current_setting('app.org_id', true), '')::uuid;

grant usage on schema public to frontdesk_app, frontdesk_system;

create table organizations (
    org_id uuid primary key,
    name text not null,
    country text not null default 'GB',
    time_zone text not null default 'Europe/London',
    email text,
    phone text,
    logo_url text,
    primary_color text,
    n8n_workflow_id text,
    free_settings jsonb not null default '{}',
    number text,                                -- the number texts are sent from
    ai_enabled boolean not null default true,
    agent_name text not null default 'Sam',
    business_hours jsonb not null default '{}',
    daily_cap int not null default 3,           -- messages a lead may get in 24 hours that it did not ask for
    suspended_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table users (
    id uuid primary key,
    email text not null,
    password_hash text,
    first_name text not null default '',
    last_name text not null default '',
    email_verified_at timestamptz,
    platform_admin boolean not null default false,
    failed_sign_ins int not null default 0,
    locked_until timestamptz,
    suspended_at timestamptz,
    metadata jsonb not null default '{}',
    last_sign_in_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index users_email on users (lower(email));

create table memberships (
    org_id uuid not null references organizations on delete cascade,
    user_id uuid not null references users on delete cascade,
    role text not null check (role in ('owner', 'admin', 'manager', 'agent', 'developer', 'viewer')),
    extra_permissions text[] not null default '{}',
    allowed_dataset_ids uuid[],                 -- null: all
    status text not null default 'active' check (status in ('active', 'suspended')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, user_id)
);
create index memberships_user on memberships (user_id);

create table sessions (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    org_id uuid references organizations on delete cascade,
    kind text not null default 'api' check (kind in ('api', 'console')),
    user_agent text not null default '',
    ip text not null default '',
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index sessions_user on sessions (user_id) where revoked_at is null;

create table refresh_tokens (
    token_hash bytea primary key,
    session_id uuid not null references sessions on delete cascade,
    created_at timestamptz not null,
    used_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table one_time_tokens (
    token_hash bytea primary key,
    purpose text not null check (purpose in ('reset_password', 'verify_email', 'change_email')),
    user_id uuid not null references users on delete cascade,
    email text not null,                        -- where it was sent; for change_email the address to be
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index one_time_tokens_user on one_time_tokens (user_id, purpose) where used_at is null;

create table invitations (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    token_hash bytea not null unique,           -- of the token in the mailed link; a new one when it is sent again
    email text not null,
    first_name text not null default '',
    last_name text not null default '',
    role text not null check (role in ('owner', 'admin', 'manager', 'agent', 'developer', 'viewer')),
    extra_permissions text[] not null default '{}',
    allowed_dataset_ids uuid[],
    invited_by uuid references users on delete set null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz,
    primary key (org_id, id)
);
create unique index invitations_open on invitations (org_id, lower(email)) where accepted_at is null and revoked_at is null;

create table api_keys (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    name text not null,
    key_hash bytea not null unique,
    hint text not null,                         -- the key, masked: sk_live_…1234
    role text not null check (role in ('admin', 'manager', 'agent', 'developer', 'viewer')),
    created_by uuid references users on delete set null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    primary key (org_id, id)
);

create table audit_log (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    actor_type text not null,
    actor_id uuid,
    action text not null,
    subject_type text not null,
    subject_id uuid,
    details jsonb not null default '{}',
    occurred_at timestamptz not null,
    primary key (org_id, id)
);

create table captured_mail (
    id uuid primary key,
    org_id uuid references organizations on delete cascade,     -- the organisation it concerns, if one
    recipient text not null,
    subject text not null,
    body_text text not null,
    body_html text not null,
    sent_at timestamptz not null
);
create index captured_mail_recipient on captured_mail (lower(recipient), id desc);

-- Row-level security ---------------------------------------------------------------------------------------------

alter table organizations enable row level security;
alter table organizations force row level security;
create policy tenant on organizations to frontdesk_app using (org_id = app_org());
create policy everything on organizations to frontdesk_system using (true);

alter table users enable row level security;
alter table users force row level security;
create policy members on users for select to frontdesk_app
    using (exists (select from memberships m where m.user_id = users.id and m.org_id = app_org()));
create policy everything on users to frontdesk_system using (true);

alter table memberships enable row level security;
alter table memberships force row level security;
create policy tenant on memberships to frontdesk_app using (org_id = app_org());
create policy everything on memberships to frontdesk_system using (true);

alter table sessions enable row level security;
alter table sessions force row level security;
create policy everything on sessions to frontdesk_system using (true);

alter table refresh_tokens enable row level security;
alter table refresh_tokens force row level security;
create policy everything on refresh_tokens to frontdesk_system using (true);

alter table one_time_tokens enable row level security;
alter table one_time_tokens force row level security;
create policy everything on one_time_tokens to frontdesk_system using (true);

alter table invitations enable row level security;
alter table invitations force row level security;
create policy tenant on invitations to frontdesk_app using (org_id = app_org());
create policy everything on invitations to frontdesk_system using (true);

alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy tenant on api_keys to frontdesk_app using (org_id = app_org());
create policy everything on api_keys to frontdesk_system using (true);

alter table audit_log enable row level security;
alter table audit_log force row level security;
create policy tenant on audit_log to frontdesk_app using (org_id = app_org());
create policy everything on audit_log to frontdesk_system using (true);

alter table captured_mail enable row level security;
alter table captured_mail force row level security;
create policy everything on captured_mail to frontdesk_system using (true);

grant select, update on organizations to frontdesk_app;
grant select (id, email, first_name, last_name, email_verified_at, suspended_at, last_sign_in_at, created_at) on users to frontdesk_app;
grant select, insert, update, delete on memberships, invitations, api_keys to frontdesk_app;
grant select, insert on audit_log to frontdesk_app;
grant select, insert, update, delete on organizations, users, memberships, sessions, refresh_tokens, one_time_tokens,
    invitations, api_keys, captured_mail to frontdesk_system;
grant select, insert on audit_log to frontdesk_system;

-- The principal behind a credential, and its tenant, in one round trip -------------------------------------------------
-- Owned by frontdesk_system: the tables it reads answer nothing before the tenant is known.

create function principal_of_session(session uuid, at timestamptz)
returns table (user_id uuid, org_id uuid, role text, extra_permissions text[], allowed_dataset_ids uuid[],
               email text, platform_admin boolean)
language sql stable security definer rows 1 set search_path = pg_catalog, public
begin atomic
    select u.id, m.org_id, m.role, m.extra_permissions, m.allowed_dataset_ids, u.email, u.platform_admin
    from sessions s
    join users u on u.id = s.user_id
    left join (memberships m join organizations o on o.org_id = m.org_id and o.suspended_at is null)
        on m.org_id = s.org_id and m.user_id = s.user_id and m.status = 'active'
    where s.id = session and s.revoked_at is null and s.expires_at > at and u.suspended_at is null;
end;

-- Notes the use, at most once a minute: a write on every request would cost more than the answer is worth.
create function principal_of_api_key(hash bytea, at timestamptz)
returns table (key_id uuid, org_id uuid, role text)
language sql volatile security definer rows 1 set search_path = pg_catalog, public
begin atomic
    with used as (
        update api_keys set last_used_at = at
        where key_hash = hash and revoked_at is null and (expires_at is null or expires_at > at)
            and (last_used_at is null or last_used_at <= at - interval '1 minute')
    )
    select k.id, k.org_id, k.role
    from api_keys k join organizations o on o.org_id = k.org_id and o.suspended_at is null
    where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > at);
end;

grant create on schema public to frontdesk_system;
alter function principal_of_session owner to frontdesk_system;
alter function principal_of_api_key owner to frontdesk_system;
revoke create on schema public from frontdesk_system;
revoke execute on function principal_of_session, principal_of_api_key from public;
grant execute on function principal_of_session, principal_of_api_key to frontdesk_app;
