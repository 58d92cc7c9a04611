'use strict';
// The lead list and the inbound webhook as an Express program has them: one process, pg with named (prepared)
// statements, the session looked up on every request, the tenant in every where clause.

const express = require('express');
const jwt = require('jsonwebtoken');
const twilio = require('twilio');
const { Pool } = require('pg');

const { JWT_SECRET, TWILIO_AUTH_TOKEN, PUBLIC_URL, PORT } = process.env;
// How lists are counted: by count(*), or from the sums that Frontdesk keeps.
const ROLLED_UP = process.env.TOTALS === 'rolled-up';
const pool = new Pool({ max: 16 });
const app = express();
app.disable('x-powered-by');
app.set('etag', false);

// --- who asks ---------------------------------------------------------------------------------------------------

const SESSION = `
  select u.id, m.org_id, m.role from sessions s
  join users u on u.id = s.user_id
  join memberships m on m.user_id = s.user_id and m.org_id = s.org_id and m.status = 'active'
  join organizations o on o.org_id = m.org_id and o.suspended_at is null
  where s.id = $1 and s.revoked_at is null and s.expires_at > now() and u.suspended_at is null`;

async function signedIn(req, res, next) {
  const token = (req.headers.authorization || '').replace(/^Bearer /, '');
  let claims;
  try {
    claims = jwt.verify(token, JWT_SECRET, { algorithms: ['HS256'], audience: 'authenticated' });
  } catch {
    return fail(res, 401, 'UNAUTHENTICATED', 'Sign in first.');
  }
  const { rows } = await pool.query({ name: 'session', text: SESSION, values: [claims.session_id] });
  if (rows.length === 0) return fail(res, 401, 'UNAUTHENTICATED', 'Sign in first.');
  req.principal = rows[0];
  next();
}

function fail(res, status, code, message) {
  res.status(status).json({ error: { code, message } });
}

// --- the lead list ----------------------------------------------------------------------------------------------

const COLUMNS = `l.id, l.first_name, l.last_name, coalesce(l.phone, '') as phone_number, l.email, l.postcode,
  l.contact_status, l.sentiment as lead_sentiment, l.latest_reply as latest_lead_reply, l.reply_received_at,
  l.call_booked, l.call_booked_time, l.manual_mode, l.archived, l.created_at`;
const SORTS = {
  created: (way) => `l.created_at ${way}, l.id ${way}`,
  status: (way) => `l.contact_status ${way}, l.created_at ${way}, l.id ${way}`,
  name: (way) => `lower(l.first_name) ${way}, lower(l.last_name) ${way}, l.id ${way}`,
  reply_date: (way) => `l.reply_received_at ${way} nulls last, l.id ${way}`,
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function wanted(query) {
  const page = query.page === undefined ? 1 : Number(query.page);
  const limit = query.limit === undefined ? 50 : Number(query.limit);
  const sort = query.sort === undefined ? 'created' : query.sort;
  if (!Number.isInteger(page) || page < 1) return { field: 'page' };
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return { field: 'limit' };
  if (!(sort in SORTS)) return { field: 'sort' };
  if (query.dataset_id !== undefined && !UUID.test(query.dataset_id)) return { field: 'dataset_id' };
  for (const flag of ['archived', 'manual_mode']) {
    if (query[flag] !== undefined && query[flag] !== 'true' && query[flag] !== 'false') return { field: flag };
  }
  const way = (query.order || (sort === 'name' || sort === 'status' ? 'asc' : 'desc')) === 'asc' ? 'asc' : 'desc';
  return { page, limit, sort, way };
}

function filtered(org, query) {
  const values = [org];
  const clauses = ['l.org_id = $1'];
  const also = (clause, value) => { values.push(value); clauses.push(clause(`$${values.length}`)); };
  if (query.dataset_id) {
    also((p) => `exists (select 1 from dataset_leads d where d.org_id = l.org_id and d.lead_id = l.id and d.dataset_id = ${p})`,
      query.dataset_id);
  }
  if (query.status) also((p) => `l.contact_status = ${p}`, query.status);
  if (query.sentiment) also((p) => `l.sentiment = ${p}`, query.sentiment);
  if (query.archived) also((p) => `l.archived = ${p}`, query.archived === 'true');
  if (query.manual_mode) also((p) => `l.manual_mode = ${p}`, query.manual_mode === 'true');
  for (const word of (query.search || '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 5)) {
    also((p) => `l.search like ${p}`, `%${word.replace(/[\\%_]/g, '\\$&')}%`);
  }
  return { where: clauses.join(' and '), values };
}

// pg prepares a statement once a connection for each name.
const names = new Map();
function prepared(text, values) {
  if (!names.has(text)) names.set(text, `q${names.size}`);
  return { name: names.get(text), text, values };
}

async function counted(where, values) {
  const { rows } = await pool.query(prepared(`select count(*)::int as total from leads l where ${where}`, values));
  return rows[0].total;
}

async function rolledUp(org, query) {
  const values = [org];
  let where = 'org_id = $1';
  if (query.dataset_id) { values.push(query.dataset_id); where += ` and dataset_id = $${values.length}`; } else where += ' and dataset_id is null';
  if (query.status) { values.push(query.status); where += ` and contact_status = $${values.length}`; }
  const { rows } = await pool.query(
    prepared(`select coalesce(sum(change), 0)::int as total from lead_counts where ${where}`, values));
  return rows[0].total;
}

app.get('/reactivation/api/leads', signedIn, async (req, res) => {
  const how = wanted(req.query);
  if (how.field) return fail(res, 400, 'INVALID', `${how.field} is not valid.`);
  const { where, values } = filtered(req.principal.org_id, req.query);
  const place = values.length;
  const list = pool.query(prepared(
    `select ${COLUMNS} from leads l where ${where} order by ${SORTS[how.sort](how.way)} limit $${place + 1} offset $${place + 2}`,
    [...values, how.limit, (how.page - 1) * how.limit]));
  const count = ROLLED_UP ? rolledUp(req.principal.org_id, req.query) : counted(where, values);
  const [{ rows }, total] = await Promise.all([list, count]);
  res.json({
    leads: rows,
    pagination: { page: how.page, limit: how.limit, total, pages: Math.ceil(total / how.limit) },
  });
});

// --- the inbound webhook ------------------------------------------------------------------------------------------

const { randomUUID } = require('crypto');
const WORDS = new Set(['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout', 'start', 'unstop', 'help']);
const NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
const step = (client, name, text, values) => client.query({ name, text, values });

async function takeIn(client, orgId, text) {
  const now = new Date();
  const seen = await step(client, 'seen',
    `insert into webhooks_seen (provider, event_id, seen_at) values ('sandbox', $1, $2) on conflict do nothing returning true`,
    [text.MessageSid, now]);
  if (seen.rowCount === 0) return;
  const { rows: [lead] } = await step(client, 'lead', `
    select l.id, l.phone, l.stage, l.contact_status, l.manual_mode
    from lead_identities i join leads l on l.org_id = i.org_id and l.id = i.lead_id
    where i.org_id = $1 and i.kind = 'phone' and i.value = $2 for no key update of l`, [orgId, text.From]);
  if (!lead) return;
  const { rows: [thread] } = await step(client, 'thread', `
    insert into conversations as c (org_id, id, lead_id, started_at, last_message_at, last_inbound_at, generation,
                                    message_count, unread)
    values ($1, $2, $3, $4, $4, $4, 1, 1, 1)
    on conflict (org_id, lead_id, channel) do update set last_message_at = $4, last_inbound_at = $4,
      generation = c.generation + 1, message_count = c.message_count + 1, unread = c.unread + 1
    returning id, dataset_id, generation, reply_delay`, [orgId, randomUUID(), lead.id, now]);
  const messageId = randomUUID();
  await step(client, 'message', `
    insert into messages (org_id, id, conversation_id, lead_id, dataset_id, direction, category, status, body, sender,
                          recipient, segments, provider, provider_id, created_at)
    values ($1, $2, $3, $4, $5, 'inbound', 'inbound', 'received', $6, $7, $8, 1, 'sandbox', $9, $10)`,
    [orgId, messageId, thread.id, lead.id, thread.dataset_id, text.Body, text.From, text.To, text.MessageSid, now]);
  const stage = ['new', 'contacted', 'lost'].includes(lead.stage) ? 'replied' : lead.stage;
  const { rows: [changed] } = await step(client, 'heard', `
    update leads set latest_reply = $3, reply_received_at = $4, stage = $5, updated_at = $4
    where org_id = $1 and id = $2 returning contact_status`, [orgId, lead.id, text.Body, now, stage]);
  const facts = [
    ['lead.updated', 'lead', lead.id, { fields: ['stage', 'latest_reply', 'reply_received_at'], contact_status: changed.contact_status }],
    ['message.received', 'message', messageId,
      { conversation_id: thread.id, lead_id: lead.id, category: 'inbound', dataset_id: thread.dataset_id }],
  ];
  await step(client, 'events', `
    insert into events (org_id, id, type, subject_type, subject_id, payload, version, actor_type, occurred_at)
    select $1, id, type, subject_type, subject_id, payload, 1, 'system', $2
    from unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::jsonb[]) as t (id, type, subject_type, subject_id, payload)`,
    [orgId, now, facts.map(() => randomUUID()), facts.map((f) => f[0]), facts.map((f) => f[1]), facts.map((f) => f[2]),
      facts.map((f) => JSON.stringify(f[3]))]);
  await step(client, 'reply', `
    insert into pgqueuer (priority, entrypoint, payload, execute_after, status)
    values (0, 'conversations.reply', $1, $2, 'queued')`,
    [Buffer.from(JSON.stringify({ org_id: orgId, conversation_id: thread.id, generation: thread.generation })),
      new Date(now.getTime() + thread.reply_delay * 1000)]);
}

app.post('/reactivation/api/webhooks/twilio', express.urlencoded({ extended: false }), async (req, res) => {
  const signature = req.headers['x-twilio-signature'] || '';
  if (!twilio.validateRequest(TWILIO_AUTH_TOKEN, signature, PUBLIC_URL + req.originalUrl, req.body)) {
    return fail(res, 401, 'UNAUTHENTICATED', 'The signature is not genuine.');
  }
  const { rows: [number] } = await pool.query({
    name: 'number', text: 'select org_id from numbers where phone = $1', values: [req.body.To] });
  if (number && !WORDS.has(req.body.Body.trim().toLowerCase())) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await takeIn(client, number.org_id, req.body);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }
  res.type('text/xml').send(NOTHING);
});

app.get('/health', (req, res) => res.json({ status: 'ok' }));
app.use((error, req, res, next) => { console.error(error); fail(res, 500, 'INTERNAL_ERROR', 'Something went wrong.'); });
app.listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
