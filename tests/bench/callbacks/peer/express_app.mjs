import { createServer } from 'node:http';

import express from 'express';

// An http.Server. `receive` gets raw bytes: what is signed is never parsed first.
export function expressServer(receive) {
    const app = express();
    app.disable('x-powered-by');
    app.set('etag', false);
    app.get('/livez', (request, response) => {
        response.sendStatus(200);
    });
    app.post(
        '/callbacks/:tenant/:channel',
        express.raw({ type: () => true, limit: '1mb' }),
        async (request, response) => {
            const { tenant, channel } = request.params;
            const answer = await receive(tenant, channel, request.headers, request.body);
            response.status(answer.status);
            if (answer.retryAfter) {
                response.set('Retry-After', answer.retryAfter);
            }
            if (answer.body === undefined) {
                response.end();
            } else {
                response.type(answer.type).send(answer.body);
            }
        },
    );
    return createServer(app);
}
