-- Connections with outside systems that people have consented to (OAuth 2), and consents that are under way.

create table connections (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    kind text not null check (kind in ('calendar', 'crm')),
    provider text not null,
    sandbox boolean not null,                   -- the sandbox stands in for the provider
    account text not null,                      -- the provider's id of it
    label text not null,                        -- as people know it: mostly an address
    status text not null default 'connected' check (status in ('connected', 'reconnect')),
    tokens text not null,                       -- sealed
    renewing_until timestamptz,                 -- while somebody renews them
    connected_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, id),
    unique (org_id, kind, provider)
);

create table consents (
    org_id uuid not null references organizations on delete cascade,
    state_hash bytea not null,                  -- of what the provider sends back
    kind text not null,
    provider text not null,
    verifier text not null,                     -- sealed; of PKCE
    session_id uuid,                            -- of the person who began, or
    key_id uuid,                                -- the API key
    in_console boolean not null,                -- must end in the very session
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (state_hash)
);
create index consents_age on consents (expires_at);

-- Accounts with the systems that the sandbox stands in for.
create table sandbox_accounts (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    provider text not null,
    label text not null,
    created_at timestamptz not null,
    revoked_at timestamptz,                     -- consent was taken back
    primary key (org_id, id)
);

do $$
declare t text;
begin
    foreach t in array array['connections', 'consents', 'sandbox_accounts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
    end loop;
end $$;
grant select, insert, update, delete on connections, sandbox_accounts to frontdesk_app;
grant insert on consents to frontdesk_app;
grant select, update, delete on consents to frontdesk_system;
