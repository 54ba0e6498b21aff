import express, { type ErrorRequestHandler, type Express } from 'express';
import { z } from 'zod';
import type { Messages } from './messages.js';

const message = z.strictObject({
  channel: z.enum(['sms', 'mail']),
  to: z.string().min(1).max(320),
  text: z.string().min(1).max(100_000),
});

/** Bodies that are no JSON, or too large, in the same words as what doesn't fit. */
const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
  response.status(error.status ?? 500).json({ error: error.message });
};

/** `POST /messages` of a `Message` answers 201 `{id}`; `GET /messages` answers `{items}`, the newest first. */
export function createHttpListener(messages: Messages): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '500kb' }));
  app.get('/messages', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ items: messages.list() });
  });
  app.post('/messages', (request, response) => {
    const { data, error } = message.safeParse(request.body);
    if (error) return void response.status(422).json({ error: z.prettifyError(error) });
    response.status(201).json({ id: messages.add(data).id });
  });
  app.use(refuse);
  return app;
}
