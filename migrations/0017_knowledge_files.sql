-- Documents that the assistant answers from: the files, and the passages that they were split into.

create table knowledge_files (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    name text not null,                         -- as it was uploaded
    kind text not null check (kind in ('txt', 'md', 'pdf', 'docx', 'csv')),
    size bigint not null,                       -- bytes
    file_key text not null,
    generation int not null default 1,          -- raised when it is replaced: a reading of the old one is dropped
    status text not null check (status in ('waiting', 'reading', 'ready', 'failed')),
    done int not null default 0,                -- pages read so far, of
    pages int,
    problem text,                               -- why it could not be read, for people
    passages int not null default 0,
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,                     -- for a day it can be brought back
    primary key (org_id, id)
);
create index knowledge_files_deleted on knowledge_files (deleted_at) where deleted_at is not null;

create table knowledge_passages (
    org_id uuid not null,
    id uuid not null,
    file_id uuid not null,
    place int not null,                         -- in the document, from 1
    title text not null,
    body text not null,
    words tsvector not null generated always as (to_tsvector('english', title || ' ' || body)) stored,
    primary key (org_id, id),
    foreign key (org_id, file_id) references knowledge_files on delete cascade
);
create index knowledge_passages_words on knowledge_passages using gin (words);
create index knowledge_passages_of on knowledge_passages (org_id, file_id, place);

do $$
declare t text;
begin
    foreach t in array array['knowledge_files', 'knowledge_passages'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;

create policy everything on knowledge_files to frontdesk_system using (true);
grant select on knowledge_files to frontdesk_system;
