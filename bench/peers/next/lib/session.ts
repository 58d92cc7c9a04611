import jwt from 'jsonwebtoken';

import { db } from './db';

export function fail(status: number, code: string, message: string) {
  return Response.json({ error: { code, message } }, { status });
}

// The organisation of whoever is signed in; the session is looked up on every request.
export async function organisationOf(request: Request): Promise<string | null> {
  const token = (request.headers.get('authorization') ?? '').replace(/^Bearer /, '');
  let claims: jwt.JwtPayload;
  try {
    claims = jwt.verify(token, process.env.JWT_SECRET!, { algorithms: ['HS256'], audience: 'authenticated' }) as jwt.JwtPayload;
  } catch {
    return null;
  }
  const session = await db.sessions.findFirst({
    where: { id: claims.session_id, revoked_at: null, expires_at: { gt: new Date() }, user: { suspended_at: null } },
  });
  if (!session?.org_id) return null;
  const member = await db.memberships.findFirst({
    where: { org_id: session.org_id, user_id: session.user_id, status: 'active', organization: { suspended_at: null } },
  });
  return member?.org_id ?? null;
}
