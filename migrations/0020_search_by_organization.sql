-- no-transaction
-- What is searched for is looked up among the organisation's own leads: how many others have must not count. From
-- PostgreSQL's contrib like the extensions of 0001, and like them a database's owner may create it.
create extension if not exists btree_gin;
drop index concurrently if exists leads_found;
create index concurrently leads_found on leads using gin (org_id, search gin_trgm_ops);
drop index concurrently if exists leads_search;
