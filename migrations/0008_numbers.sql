-- Accounts with carriers of organisations that have their own, and what is wrong with a number.

create table carrier_accounts (
    org_id uuid not null references organizations on delete cascade,
    provider text not null,
    account text not null,                      -- the carrier's id of it
    sealed text not null,                       -- the credentials, encrypted
    shown jsonb not null default '{}',          -- the same, masked
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, provider)
);

alter table carrier_accounts enable row level security;
alter table carrier_accounts force row level security;
create policy tenant on carrier_accounts to frontdesk_app using (org_id = app_org());
create policy everything on carrier_accounts to frontdesk_system using (true);
grant select, insert, update, delete on carrier_accounts to frontdesk_app;
grant select on carrier_accounts to frontdesk_system;

alter table numbers add column problem_code text;           -- why the carrier takes no texts from it, if so
alter table numbers add column problem_at timestamptz;
