-- What a page of leads costs is to stay the same however many leads there are.

-- The blocks of 0019 in which `wanted` leads from place `first` (0 is the first) are, and how many leads are before each:
-- of all leads, or of a dataset. Walks the days, and a day's blocks from its nearer end, and stops once it has them.
-- Orders name dataset_id so that the index gives them: `is null` alone does not tell the planner that it is the same.
create function lead_places(org uuid, dataset uuid, descending boolean, first bigint, wanted bigint)
returns table (created_at timestamptz, last_id uuid, before bigint)
language plpgsql stable rows 2 as $$
declare
    way text := case when descending then 'desc' else 'asc' end;
    of_it text := case when dataset is null then 'dataset_id is null' else 'dataset_id = $2' end;
    passed bigint := 0;                         -- leads of the days before
    low bigint;                                 -- the places wanted, within the day, counted from the end it is walked from
    high bigint;
    walked bigint;                              -- leads of the day's blocks before
    backwards boolean;
    d record;
    b record;
begin
    for d in execute format('select day, sum(change::int) as n from lead_days where org_id = $1 and %s
                             group by dataset_id, day order by dataset_id %s, day %2$s', of_it, way) using org, dataset
    loop
        exit when passed >= first + wanted;
        if passed + d.n > first then
            low := greatest(first - passed, 0);
            high := least(first + wanted - passed, d.n);
            backwards := low > d.n - high;
            if backwards then
                select d.n - high, d.n - low into low, high;
            end if;
            walked := 0;
            for b in execute format('select created_at, last_id, sum(change::int) as n from lead_blocks
                                     where org_id = $1 and %s and created_at >= $3 and created_at < $4
                                     group by dataset_id, created_at, last_id
                                     order by dataset_id %s, created_at %2$s, last_id %2$s',
                                    of_it, case when descending <> backwards then 'desc' else 'asc' end)
                using org, dataset, d.day::timestamp at time zone 'UTC', (d.day + 1)::timestamp at time zone 'UTC'
            loop
                exit when walked >= high;
                if b.n > 0 and walked + b.n > low then
                    created_at := b.created_at;
                    last_id := b.last_id;
                    before := passed + case when backwards then d.n - walked - b.n else walked end;
                    return next;
                end if;
                walked := walked + b.n;
            end loop;
        end if;
        passed := passed + d.n;
    end loop;
end $$;
revoke execute on function lead_places from public;
grant execute on function lead_places to frontdesk_app;

-- As 0011 has it, but all ids at once, and null where there are more than `most`. `word` is what `pattern` holds. Whether
-- there are more is asked in cheaper ways first, for the trigrams of a million leads take long to tell what is common: of
-- first names, and, where the newest 500 leads let expect it, of the newest 40,000.
-- Where most leads there are belong to the organisation, naming it to the index of trigrams makes that several times as
-- slow: compared as rows, only the primary key goes by it.
drop function leads_like(uuid, text, text[]);
create function leads_like(org uuid, word text, pattern text, besides text[], most int) returns uuid[]
language plpgsql stable security definer
set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
    leads_of_org bigint;
    sampled bigint;
    found uuid[];
begin
    if org is distinct from app_org() then
        return '{}';
    end if;
    if most < (select count(*) from (
            select l.search from leads l
            where l.org_id = org and lower(l.first_name) >= word and lower(l.first_name) < word || chr(1114111)
            limit most + 1) named
        where named.search like pattern and named.search like all (besides)) then
        return null;
    end if;
    leads_of_org := (select coalesce(sum(change), 0) from lead_counts where org_id = org and dataset_id is null);
    sampled := (select count(*) from (
            select l.search from leads l where l.org_id = org order by l.created_at desc, l.id desc limit 500) newest
        where newest.search like pattern and newest.search like all (besides));
    if sampled > 12 and sampled * leads_of_org > 500 * most and most < (
            select count(*) from (
                select from (select l.search from leads l where l.org_id = org
                             order by l.created_at desc, l.id desc limit 40000) newest
                where newest.search like pattern and newest.search like all (besides) limit most + 1) many) then
        return null;
    end if;
    if 2 * leads_of_org > (select reltuples from pg_class where oid = 'leads'::regclass) then
        found := array(select l.id from leads l
                       where (l.org_id, l.id) >= (org, '00000000-0000-0000-0000-000000000000')
                         and (l.org_id, l.id) <= (org, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                         and l.search like pattern and l.search like all (besides) limit most + 1);
    else
        found := array(select l.id from leads l
                       where l.org_id = org and l.search like pattern and l.search like all (besides) limit most + 1);
    end if;
    return case when cardinality(found) <= most then found end;
end $$;

grant create on schema public to frontdesk_system;
alter function leads_like owner to frontdesk_system;
revoke create on schema public from frontdesk_system;
revoke execute on function leads_like from public;
grant execute on function leads_like to frontdesk_app;
