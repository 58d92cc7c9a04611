-- An import that is undone is told in the consent log too: its numbers, as with the import.

alter table consent_log drop constraint consent_log_kind_check;
alter table consent_log add constraint consent_log_kind_check
    check (kind in ('imported', 'import_undone', 'suppressed', 'lifted', 'wrong_number')) not valid;
