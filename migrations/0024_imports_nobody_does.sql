-- Imports that nobody will do any more are found across organisations, and then failed as their organisation.

grant select on imports to frontdesk_system;
create index imports_not_done on imports (created_at) where state in ('waiting', 'running');
