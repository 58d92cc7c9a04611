-- Searching people and what they said, and who of the team has read what.

-- Patterns cannot be tried by an index behind row-level security: `like` might tell of rows that the policy hides. These
-- two look as frontdesk_system, for the session's own organisation only. `pattern` is what the index is asked for,
-- `besides` what a match must hold too.
create index messages_said on messages using gin (lower(body) gin_trgm_ops) where direction = 'inbound';

create function leads_like(org uuid, pattern text, besides text[]) returns setof uuid
language sql stable security definer rows 100 set search_path = pg_catalog, public
begin atomic
    select l.id from leads l
    where l.org_id = org and org = app_org() and l.search like pattern and l.search like all (besides);
end;

create function conversations_saying(org uuid, pattern text, besides text[]) returns setof uuid
language sql stable security definer rows 100 set search_path = pg_catalog, public
begin atomic
    select m.conversation_id from messages m
    where m.org_id = org and org = app_org() and m.direction = 'inbound'
      and lower(m.body) like pattern and lower(m.body) like all (besides);
end;

grant create on schema public to frontdesk_system;
alter function leads_like owner to frontdesk_system;
alter function conversations_saying owner to frontdesk_system;
revoke create on schema public from frontdesk_system;
revoke execute on function leads_like, conversations_saying from public;
grant execute on function leads_like, conversations_saying to frontdesk_app;

-- Up to which of the lead's texts a member has read a conversation.
create table conversation_reads (
    org_id uuid not null,
    user_id uuid not null,
    conversation_id uuid not null,
    generation int not null,
    read_at timestamptz not null,
    primary key (org_id, user_id, conversation_id),
    foreign key (org_id, user_id) references memberships on delete cascade,
    foreign key (org_id, conversation_id) references conversations on delete cascade
);
create index conversation_reads_of on conversation_reads (org_id, conversation_id);

create index conversations_heard on conversations (org_id, last_inbound_at desc) where last_inbound_at is not null;
create index conversations_set_apart on conversations (org_id, status) where status <> 'active';
create index messages_drafts on messages (org_id, conversation_id) where status = 'draft';
create index leads_assigned on leads (org_id, assigned_to) where assigned_to is not null;

alter table conversation_reads enable row level security;
alter table conversation_reads force row level security;
create policy tenant on conversation_reads to frontdesk_app using (org_id = app_org());
create policy everything on conversation_reads to frontdesk_system using (true);
grant select, insert, update, delete on conversation_reads to frontdesk_app;
