-- Mail that is owed: written with the change that causes it, sent after the commit (platform/outbox.py).

create table mail_outbox (
    id uuid primary key,                        -- also of the mail: a server that gets it twice can tell
    org_id uuid references organizations on delete cascade,     -- null: it concerns no organisation
    what text not null,                         -- 'invitation', 'password reset', …: for logs
    sealed text,                                -- the mail, encrypted, for its link lets its reader in; null once it is done with
    created_at timestamptz not null,
    expires_at timestamptz,                     -- sending it later is no use
    leased_until timestamptz,                   -- somebody is sending it until then
    sent_at timestamptz
);
create index mail_outbox_age on mail_outbox (created_at);

alter table mail_outbox enable row level security;
alter table mail_outbox force row level security;
create policy tenant on mail_outbox to frontdesk_app using (org_id = app_org());
create policy everything on mail_outbox to frontdesk_system using (true);
grant insert on mail_outbox to frontdesk_app;
grant select, insert, update, delete on mail_outbox to frontdesk_system;
