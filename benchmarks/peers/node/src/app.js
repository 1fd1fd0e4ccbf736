import Fastify, { LogController } from 'fastify';

import { ApiError } from './errors.js';
import { parseCreateRequest } from './request.js';

const text = { type: 'string' };
// With its schema the answer is written by a serialiser that was compiled for it.
const created = {
  type: 'object',
  properties: { eventDraftId: text, objective: text, storeName: text, status: text },
  required: ['eventDraftId', 'objective', 'storeName', 'status'],
};

export function makeApp(service, log) {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    keepAliveTimeout: 60_000,
    requestTimeout: 20_000,
    forceCloseConnections: 'idle',
  });

  // The bytes as they came: what is no UTF-8 must be refused, whatever the content type says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));

  app.post('/api/events/purposes', { schema: { response: { 200: created } } }, (request) =>
    service.create(parseCreateRequest(request.body)));

  app.setErrorHandler((error, request, reply) => {
    const known = error instanceof ApiError ? error
      : error.statusCode === 413 ? new ApiError(413, 'BODY_TOO_LARGE')
        : new ApiError(500, 'INTERNAL_ERROR', { cause: error });
    if (known.status >= 500) request.log.error(known);
    reply.code(known.status).send(known.body());
  });
  return app;
}
