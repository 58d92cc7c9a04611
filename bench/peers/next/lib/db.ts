import { PrismaPg } from '@prisma/adapter-pg';

import { PrismaClient } from '../generated/client';

const adapter = new PrismaPg({
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  user: process.env.PGUSER,
  database: process.env.PGDATABASE,
  max: 16,
});

export const db = new PrismaClient({ adapter });
