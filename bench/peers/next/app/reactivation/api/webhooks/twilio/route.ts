import { randomUUID } from 'node:crypto';
import twilio from 'twilio';

import { Prisma } from '../../../../../generated/client';
import { db } from '../../../../../lib/db';
import { fail } from '../../../../../lib/session';

export const dynamic = 'force-dynamic';

const WORDS = new Set(['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout', 'start', 'unstop', 'help']);
const NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
const PATH = '/reactivation/api/webhooks/twilio';

async function takeIn(tx: Prisma.TransactionClient, orgId: string, text: Record<string, string>) {
  const now = new Date();
  const seen = await tx.webhooks_seen.createMany({
    data: [{ provider: 'sandbox', event_id: text.MessageSid, seen_at: now }],
    skipDuplicates: true,
  });
  if (seen.count === 0) return;
  const identity = await tx.lead_identities.findUnique({
    where: { org_id_kind_value: { org_id: orgId, kind: 'phone', value: text.From } },
    include: { lead: { select: { id: true, stage: true } } },
  });
  if (!identity) return;
  const lead = identity.lead;
  const thread = await tx.conversations.upsert({
    where: { org_id_lead_id_channel: { org_id: orgId, lead_id: lead.id, channel: 'sms' } },
    create: {
      org_id: orgId, id: randomUUID(), lead_id: lead.id, started_at: now, last_message_at: now, last_inbound_at: now,
      generation: 1, message_count: 1, unread: 1,
    },
    update: {
      last_message_at: now, last_inbound_at: now, generation: { increment: 1 }, message_count: { increment: 1 },
      unread: { increment: 1 },
    },
  });
  const messageId = randomUUID();
  await tx.messages.create({
    data: {
      org_id: orgId, id: messageId, conversation_id: thread.id, lead_id: lead.id, dataset_id: thread.dataset_id,
      direction: 'inbound', category: 'inbound', status: 'received', body: text.Body, sender: text.From,
      recipient: text.To, segments: 1, provider: 'sandbox', provider_id: text.MessageSid, created_at: now,
    },
    select: { id: true },
  });
  const stage = ['new', 'contacted', 'lost'].includes(lead.stage) ? 'replied' : lead.stage;
  const changed = await tx.leads.update({
    where: { org_id_id: { org_id: orgId, id: lead.id } },
    data: { latest_reply: text.Body, reply_received_at: now, stage, updated_at: now },
    select: { contact_status: true },
  });
  const common = { org_id: orgId, actor_type: 'system', occurred_at: now };
  await tx.events.createMany({
    data: [
      {
        ...common, id: randomUUID(), type: 'lead.updated', subject_type: 'lead', subject_id: lead.id,
        payload: { fields: ['stage', 'latest_reply', 'reply_received_at'], contact_status: changed.contact_status },
      },
      {
        ...common, id: randomUUID(), type: 'message.received', subject_type: 'message', subject_id: messageId,
        payload: { conversation_id: thread.id, lead_id: lead.id, category: 'inbound', dataset_id: thread.dataset_id },
      },
    ],
  });
  const job = Buffer.from(JSON.stringify({ org_id: orgId, conversation_id: thread.id, generation: thread.generation }));
  const due = new Date(now.getTime() + thread.reply_delay * 1000);
  await tx.$executeRaw`insert into pgqueuer (priority, entrypoint, payload, execute_after, status)
    values (0, 'conversations.reply', ${job}, ${due}, 'queued')`;
}

export async function POST(request: Request) {
  const text = Object.fromEntries(new URLSearchParams(await request.text()));
  const signature = request.headers.get('x-twilio-signature') ?? '';
  if (!twilio.validateRequest(process.env.TWILIO_AUTH_TOKEN!, signature, process.env.PUBLIC_URL + PATH, text)) {
    return fail(401, 'UNAUTHENTICATED', 'The signature is not genuine.');
  }
  const number = await db.numbers.findUnique({ where: { phone: text.To }, select: { org_id: true } });
  if (number && !WORDS.has(text.Body.trim().toLowerCase())) {
    await db.$transaction((tx) => takeIn(tx, number.org_id, text), { maxWait: 20_000, timeout: 20_000 });
  }
  return new Response(NOTHING, { headers: { 'content-type': 'text/xml' } });
}
