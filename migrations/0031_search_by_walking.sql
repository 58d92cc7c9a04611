-- no-transaction
-- The newest leads first, with what is searched for: a page of what many leads hold is found by walking this alone. Half
-- the time of reading each lead on the way, for some bytes a lead; what a reply changes is not in it.
drop index concurrently if exists leads_newest_first;
create index concurrently leads_newest_first on leads (org_id, created_at desc, id desc) include (search);
drop index concurrently if exists leads_newest;
