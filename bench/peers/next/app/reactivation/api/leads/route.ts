import { Prisma } from '../../../../generated/client';
import { db } from '../../../../lib/db';
import { fail, organisationOf } from '../../../../lib/session';

export const dynamic = 'force-dynamic';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SORTS: Record<string, (way: 'asc' | 'desc') => Prisma.leadsOrderByWithRelationInput[]> = {
  created: (way) => [{ created_at: way }, { id: way }],
  status: (way) => [{ contact_status: way }, { created_at: way }, { id: way }],
  name: (way) => [{ first_name: way }, { last_name: way }, { id: way }],
  reply_date: (way) => [{ reply_received_at: { sort: way, nulls: 'last' } }, { id: way }],
};

export async function GET(request: Request) {
  const org = await organisationOf(request);
  if (!org) return fail(401, 'UNAUTHENTICATED', 'Sign in first.');
  const query = new URL(request.url).searchParams;
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? 50);
  const sort = query.get('sort') ?? 'created';
  const dataset = query.get('dataset_id');
  if (!Number.isInteger(page) || page < 1) return fail(400, 'INVALID', 'page is not valid.');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return fail(400, 'INVALID', 'limit is not valid.');
  if (!(sort in SORTS)) return fail(400, 'INVALID', 'sort is not valid.');
  if (dataset && !UUID.test(dataset)) return fail(400, 'INVALID', 'dataset_id is not valid.');
  const way = (query.get('order') ?? (sort === 'name' || sort === 'status' ? 'asc' : 'desc')) === 'asc' ? 'asc' : 'desc';

  const where: Prisma.leadsWhereInput = { org_id: org };
  if (dataset) where.datasets = { some: { dataset_id: dataset } };
  if (query.get('status')) where.contact_status = query.get('status')!;
  if (query.get('sentiment')) where.sentiment = query.get('sentiment');
  if (query.get('archived')) where.archived = query.get('archived') === 'true';
  if (query.get('manual_mode')) where.manual_mode = query.get('manual_mode') === 'true';
  const words = (query.get('search') ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 5);
  if (words.length) where.AND = words.map((word) => ({ search: { contains: word } }));

  const [rows, total] = await Promise.all([
    db.leads.findMany({
      where,
      orderBy: SORTS[sort](way),
      take: limit,
      skip: (page - 1) * limit,
      select: {
        id: true, first_name: true, last_name: true, phone: true, email: true, postcode: true, contact_status: true,
        sentiment: true, latest_reply: true, reply_received_at: true, call_booked: true, call_booked_time: true,
        manual_mode: true, archived: true, created_at: true,
      },
    }),
    db.leads.count({ where }),
  ]);
  return Response.json({
    leads: rows.map((lead) => ({
      id: lead.id,
      first_name: lead.first_name,
      last_name: lead.last_name,
      phone_number: lead.phone ?? '',
      email: lead.email,
      postcode: lead.postcode,
      contact_status: lead.contact_status,
      lead_sentiment: lead.sentiment,
      latest_lead_reply: lead.latest_reply,
      reply_received_at: lead.reply_received_at,
      call_booked: lead.call_booked,
      call_booked_time: lead.call_booked_time,
      manual_mode: lead.manual_mode,
      archived: lead.archived,
      created_at: lead.created_at,
    })),
    pagination: { page, limit, total, pages: Math.ceil(total / limit) },
  });
}
