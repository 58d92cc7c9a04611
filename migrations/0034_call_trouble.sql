-- What went wrong with speech or recording while a call lasted, a sentence each.
alter table calls add column if not exists trouble text[] not null default '{}';
