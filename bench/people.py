"""Leads of the stand: made up, plausible, the same in every run, and made by the server itself, which is quickest."""

from datetime import UTC, datetime, timedelta

from bench.stand import Stand, Tenant
from frontdesk.kernel.ids import new_id

SEED = 0.20261122
_FIRST = """Aisha Alan Amara Andre Anna Ben Bella Callum Carla Chidi Clara Dana Daniel Deepa Diego Elena Elif Emma Erik
    Fatima Felix Fiona Gareth Grace Hannah Harry Hassan Imogen Ines Ivan Jack Jamila Jonas Julia Kai Karen Kofi Lara
    Leila Liam Lucia Marcus Maria Mei Mina Noah Nora Oliver Omar Owen Paula Priya Quinn Rachel Ravi Rosa Ruth Sam Sara
    Sofia Tariq Tessa Theo Tom Uma Vera Victor Wendy Xin Yara Yusuf Zara Zoe""".split()
_HEADS = """Ash Black Brad Brook Clay Dun East Fair Glen Hart Hol Kings Lang Mar Nor Oak Pem Rad Stan Thorn West
    Whit""".split()
_TAILS = """bourne bridge bury by combe cott croft dale den field ford ham hurst ley low man mere more ridge ton ward
    wick well""".split()

_MADE = """
    create temp table made on commit drop as
    select place, uuidv7(make_interval(secs => (place - $1) * 0.0005)) as id,
           '+447' || 100000000 + place * 7919777 % 899999963 as phone,
           f[1 + floor(random() * array_length(f, 1))::int] as first_name,
           h[1 + floor(random() * array_length(h, 1))::int] || t[1 + floor(random() * array_length(t, 1))::int]
               as last_name,
           random() as luck, random() as fortune
    from generate_series($1::bigint, $2::bigint - 1) place,
         (select $3::text[] as f, $4::text[] as h, $5::text[] as t) names
    order by place"""
_LEADS = """
    insert into leads (org_id, id, phone, first_name, last_name, email, postcode, source, inquiry_date, stage,
                       temperature, last_step, latest_reply, reply_received_at, created_at, updated_at)
    select $1, id, phone, first_name, last_name,
           case when fortune < 0.7 then lower(first_name || '.' || last_name || place) || '@mail.example' end,
           'PO' || 1 + place % 40 || ' 7AB', 'website', ($2::timestamptz at time zone 'utc')::date - 400, stage,
           case when stage in ('replied', 'qualified') then (array['hot', 'warm', 'cold'])[1 + place % 3] end,
           case when stage = 'new' then 0 else 1 + place % 3 end,
           case when replied then 'Yes please, call me tomorrow' end,
           case when replied then $2 + make_interval(mins => (place % 40000)::int) end, $2, $2
    from made, lateral (select case when luck < 0.6 then 'new' when luck < 0.8 then 'contacted'
        when luck < 0.88 then 'replied' when luck < 0.92 then 'qualified' when luck < 0.95 then 'booked'
        when luck < 0.97 then 'converted' when luck < 0.99 then 'lost' else 'opted_out' end as stage) s,
        lateral (select stage in ('replied', 'qualified', 'booked', 'converted') as replied) r
    order by place"""


async def add_leads(stand: Stand, tenant: Tenant, count: int, datasets: int) -> None:
    """`count` leads in `datasets` datasets of the same size, each as one import would have made it on a day of its
    own: at one moment, with the ids of two thousand a second."""
    each = count // datasets
    admin = stand.admin
    await admin.execute("select setseed($1)", SEED)
    for number in range(datasets):
        at = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(days=number)
        dataset_id = new_id()
        async with admin.transaction():
            await admin.execute(
                "insert into datasets (org_id, id, name, created_at, updated_at) values ($1, $2, $3, $4, $4)",
                tenant.org_id, dataset_id, f"Enquiries {number + 1}", at,
            )  # fmt: skip
            await admin.execute(_MADE, number * each, (number + 1) * each, _FIRST, _HEADS, _TAILS, timeout=900)
            await admin.execute(_LEADS, tenant.org_id, at, timeout=900)
            await admin.execute(
                """insert into lead_identities (org_id, kind, value, lead_id, created_at)
                   select $1, 'phone', phone, id, $2 from made order by place""",
                tenant.org_id, at, timeout=900,
            )  # fmt: skip
            await admin.execute(
                """insert into dataset_leads (org_id, dataset_id, lead_id, created_at)
                   select $1, $2, id, $3 from made order by place""",
                tenant.org_id, dataset_id, at, timeout=900,
            )  # fmt: skip
        tenant.dataset_ids.append(dataset_id)


def phone_of(place: int) -> str:
    """The number of the lead in that place of its organisation: no two of a million are the same."""
    return f"+447{100_000_000 + place * 7_919_777 % 899_999_963}"
